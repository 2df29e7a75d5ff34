import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import * as z from 'zod';
import { healthSchema } from '../../shared/index.ts';
import { signingSecret } from '../env.ts';
import { StageServer } from '../gpu/stage-server.ts';
import { problemAnswers } from './answers.ts';
import type { AppEnv } from './app-env.ts';

const edgeHealthSchema = z
  .object({
    status: z.enum(['ok', 'degraded']).meta({
      description: 'degraded: the stage server is away or not ready. Portraits are accepted and wait for it.',
    }),
    stage_server: z.union([
      healthSchema,
      z.object({ status: z.literal('UNREACHABLE'), message: z.string() }),
    ]),
  })
  .meta({ id: 'Health' });

const health = createRoute({
  method: 'get',
  path: '/health',
  summary: 'How the service is',
  responses: {
    200: { description: 'It answers.', content: { 'application/json': { schema: edgeHealthSchema } } },
    ...problemAnswers('misconfigured'),
  },
});

/** `/health`. */
export function healthRoutes(): OpenAPIHono<AppEnv> {
  const routes = new OpenAPIHono<AppEnv>();
  routes.openapi(health, async (c) => {
    signingSecret(c.env);
    const stageServer = new StageServer({ url: c.env.GPU_URL, token: c.env.STAGE_SERVER_TOKEN });
    const stage_server = await stageServer.health(2_000);
    const ready = stage_server.status === 'READY' || stage_server.status === 'BUSY';
    return c.json({ status: ready ? ('ok' as const) : ('degraded' as const), stage_server }, 200);
  });
  return routes;
}
