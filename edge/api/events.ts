import { createRoute, Routes } from './route.ts';
import * as z from 'zod';
import { portraitEventSchema } from '../../shared/index.ts';
import { problemAnswers } from './answers.ts';
import { VIEWER_HEADER } from '../jobs/portrait-job.ts';
import { findJob, notFound, portraitIdSchema, viewerOf } from './portrait-id.ts';

const portraitEvents = createRoute('get', '/v1/portraits/{id}/events', () => ({
  id: 'streamEvents',
  summary: 'What happens to a portrait, as server-sent events; ends with portrait.finished',
  request: {
    params: z.object({ id: portraitIdSchema() }),
    headers: z.object({
      'last-event-id': z.string().optional().meta({ description: 'Go on after this event.' }),
    }),
  },
  responses: {
    200: { description: 'The stream.', content: { 'text/event-stream': { schema: portraitEventSchema() } } },
    ...problemAnswers('portrait_not_found', 'unauthorized', 'insufficient_scope', 'rate_limited'),
  },
}));

/** `/v1/portraits/{id}/events`. */
export function eventRoutes(): Routes {
  const routes = new Routes();
  routes.answer(portraitEvents, async (c) => {
    const { id } = c.req.valid('param');
    const headers = { [VIEWER_HEADER]: JSON.stringify(viewerOf(c)) };
    const lastEventId = c.req.header('last-event-id');
    const response = await findJob(c.env, id).fetch(c.req.url, {
      headers: lastEventId === undefined ? headers : { ...headers, 'last-event-id': lastEventId },
      signal: c.req.raw.signal,
    });
    if (response.status === 404) throw notFound(id);
    return response as never;
  });
  return routes;
}
