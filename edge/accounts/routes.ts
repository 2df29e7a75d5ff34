import { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../api/app-env.ts';
import { accountRoutes } from './routes/account.ts';
import { adminRoutes } from './routes/admin.ts';
import { keyRoutes } from './routes/keys.ts';
import { topupRoutes } from './routes/topups.ts';

/** Everything about accounts, keys and money. Mounted before `/v1/portraits/{id}`, because of its `quote`. */
export function accountsRoutes(): OpenAPIHono<AppEnv> {
  const routes = new OpenAPIHono<AppEnv>();
  for (const part of [accountRoutes(), keyRoutes(), adminRoutes(), topupRoutes()]) routes.route('/', part);
  return routes;
}
