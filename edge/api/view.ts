import { createRoute, Routes } from './route.ts';
import * as z from 'zod';
import { viewSchema } from '../../shared/index.ts';
import { problemAnswers } from './answers.ts';
import { binary, serveStored } from './files.ts';
import { findJob, notFound, portraitIdSchema, viewerOf } from './portrait-id.ts';
import { ProblemError } from './problem-error.ts';

const degrees = (limit: number) =>
  z.coerce
    .number('must be whole degrees')
    .int('must be whole degrees')
    .min(-limit, `must be from -${limit} to ${limit}`)
    .max(limit, `must be from -${limit} to ${limit}`);

const portraitView = createRoute('get', '/v1/portraits/{id}/files/view', () => ({
  id: 'getView',
  summary: 'A succeeded portrait seen from anywhere: rendered when first asked for, then kept',
  request: {
    params: z.object({ id: portraitIdSchema() }),
    query: z.object({
      yaw: degrees(180).default(0).meta({ description: 'Degrees around, from the front.' }),
      pitch: degrees(45).default(0).meta({ description: 'Degrees above the horizon.' }),
    }),
  },
  responses: {
    ...binary('The view, as PNG.'),
    ...problemAnswers(
      'invalid_parameter',
      'unauthorized',
      'insufficient_scope',
      'portrait_not_found',
      'portrait_unfinished',
      'too_many',
      'range_not_satisfiable',
      'rate_limited',
      'view_failed',
      'view_pending',
    ),
  },
}));

/** `GET /v1/portraits/{id}/files/view`. */
export function viewRoutes(): Routes {
  const routes = new Routes();
  routes.answer(portraitView, async (c) => {
    const { id } = c.req.valid('param');
    const view = viewSchema().parse(c.req.valid('query'));
    const answer = await findJob(c.env, id).view(viewerOf(c), view);
    if (!answer) throw notFound(id);
    switch (answer.kind) {
      case 'ready':
        return (await serveStored(c, id, answer.file)) as never;
      case 'unfinished':
        throw new ProblemError('portrait_unfinished', `The portrait ${id} has not succeeded.`);
      case 'failed':
        throw new ProblemError('view_failed', answer.message);
      case 'too_many':
        throw new ProblemError('too_many', `The portrait ${id} has a hundred views already.`);
      case 'pending':
        throw new ProblemError('view_pending', 'The view is being rendered, or waits for the stage server.', {
          headers: { 'retry-after': String(answer.retryAfter) },
        });
    }
  });
  return routes;
}
