import { createRoute, Routes } from './route.ts';
import * as z from 'zod';
import { lazily, healthSchema } from '../../shared/index.ts';
import { signingSecret } from '../env.ts';
import { StageServer } from '../gpu/stage-server.ts';
import { problemAnswers } from './answers.ts';

const edgeHealthSchema = lazily(() =>
  z
    .object({
      status: z.enum(['ok', 'degraded']).meta({
        description:
          'degraded: the stage server is away or not ready. Portraits are accepted and wait for it.',
      }),
      stage_server: z.union([
        healthSchema(),
        z.object({ status: z.literal('UNREACHABLE'), message: z.string() }),
      ]),
    })
    .meta({ id: 'Health' }),
);

const health = createRoute('get', '/health', () => ({
  id: 'getHealth',
  summary: 'How the service is',
  responses: {
    200: { description: 'It answers.', content: { 'application/json': { schema: edgeHealthSchema() } } },
    ...problemAnswers('misconfigured'),
  },
}));

/** `/health`. */
export function healthRoutes(): Routes {
  const routes = new Routes();
  routes.answer(health, async (c) => {
    signingSecret(c.env);
    const stageServer = new StageServer({ url: c.env.GPU_URL, token: c.env.STAGE_SERVER_TOKEN });
    const stage_server = await stageServer.health(2_000);
    const ready = stage_server.status === 'READY' || stage_server.status === 'BUSY';
    return c.json({ status: ready ? ('ok' as const) : ('degraded' as const), stage_server }, 200);
  });
  return routes;
}
