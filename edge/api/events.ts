import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import * as z from 'zod';
import { portraitEventSchema } from '../../shared/index.ts';
import { problemAnswers } from './answers.ts';
import type { AppEnv } from './app.ts';
import { findJob, portraitIdSchema } from './portrait-id.ts';
import { ProblemError } from './problem-error.ts';

const portraitEvents = createRoute({
  method: 'get',
  path: '/v1/portraits/{id}/events',
  summary: 'What happens to a portrait, as server-sent events; ends with portrait.finished',
  request: {
    params: z.object({ id: portraitIdSchema }),
    headers: z.object({
      'last-event-id': z.string().optional().meta({ description: 'Go on after this event.' }),
    }),
  },
  responses: {
    200: { description: 'The stream.', content: { 'text/event-stream': { schema: portraitEventSchema } } },
    ...problemAnswers('portrait_not_found'),
  },
});

/** `/v1/portraits/{id}/events`. */
export function eventRoutes(): OpenAPIHono<AppEnv> {
  const routes = new OpenAPIHono<AppEnv>();
  routes.openapi(portraitEvents, async (c) => {
    const { id } = c.req.valid('param');
    const response = await findJob(c.env, id).fetch(c.req.raw);
    if (response.status === 404) throw new ProblemError('portrait_not_found', `There is no portrait ${id}.`);
    return response as never;
  });
  return routes;
}
