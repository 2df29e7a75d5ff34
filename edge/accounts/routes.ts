import { Routes } from '../api/route.ts';
import { accountRoutes } from './routes/account.ts';
import { adminRoutes } from './routes/admin.ts';
import { keyRoutes } from './routes/keys.ts';
import { topupRoutes } from './routes/topups.ts';

/** Everything about accounts, keys and money. Mounted before `/v1/portraits/{id}`, because of its `quote`. */
export function accountsRoutes(): Routes {
  const routes = new Routes();
  for (const part of [accountRoutes(), keyRoutes(), adminRoutes(), topupRoutes()]) routes.include(part);
  return routes;
}
