import { createRoute, Routes } from './route.ts';
import * as z from 'zod';
import { lazily } from '../../shared/index.ts';
import { problemAnswers } from './answers.ts';
import { findJob, notFound, portraitIdSchema, viewerOf } from './portrait-id.ts';
import { portraitAnswer, portraitHeaders } from './portrait-answer.ts';
import { preferredWait, WAIT_LIMIT_S } from './prefer.ts';

const params = lazily(() => z.object({ id: portraitIdSchema() }));

const problems = problemAnswers('portrait_not_found', 'unauthorized', 'insufficient_scope', 'rate_limited');

const getPortrait = createRoute('get', '/v1/portraits/{id}', () => ({
  id: 'getPortrait',
  summary: 'One portrait',
  request: {
    params: params(),
    headers: z.object({
      prefer: z
        .string()
        .optional()
        .meta({ description: `wait=n: answer when finished, or after n ≤ ${WAIT_LIMIT_S} s.` }),
    }),
  },
  responses: { 200: portraitAnswer('The portrait.'), ...problems },
}));

const cancelPortrait = createRoute('post', '/v1/portraits/{id}/cancel', () => ({
  id: 'cancelPortrait',
  summary: 'Stop the work; a finished portrait stays as it is',
  request: { params: params() },
  responses: { 200: portraitAnswer('The portrait.'), ...problems },
}));

const deletePortrait = createRoute('delete', '/v1/portraits/{id}', () => ({
  id: 'deletePortrait',
  summary: 'Stop the work and delete the portrait and its files',
  request: { params: params() },
  responses: { 204: { description: 'Deleted.' }, ...problems },
}));

/** `/v1/portraits/{id}`: get, cancel, delete. */
export function portraitRoutes(): Routes {
  const routes = new Routes();

  routes.answer(getPortrait, async (c) => {
    const { id } = c.req.valid('param');
    const wait = preferredWait(c.req.header('prefer'));
    const stub = findJob(c.env, id);
    const viewer = viewerOf(c);
    const portrait = wait === null ? await stub.portrait(viewer) : await stub.wait(viewer, wait);
    if (!portrait) throw notFound(id);
    return c.json(portrait, 200, portraitHeaders(portrait, wait));
  });

  routes.answer(cancelPortrait, async (c) => {
    const { id } = c.req.valid('param');
    const portrait = await findJob(c.env, id).cancel(viewerOf(c));
    if (!portrait) throw notFound(id);
    return c.json(portrait, 200);
  });

  routes.answer(deletePortrait, async (c) => {
    const { id } = c.req.valid('param');
    if (!(await findJob(c.env, id).remove(viewerOf(c)))) throw notFound(id);
    return c.body(null, 204);
  });

  return routes;
}
