import { createRoute, Routes } from '../api/route.ts';
import * as z from 'zod';
import {
  lazily,
  deliveryListSchema,
  rotationSchema,
  webhookChangeSchema,
  webhookListSchema,
  webhookRequestSchema,
  webhookSchema,
  webhookWithSecretSchema,
} from '../../shared/index.ts';
import { guard } from '../accounts/guard.ts';
import { newId } from '../ids.ts';
import { jsonBody, problemAnswers } from '../api/answers.ts';
import { pageLimit } from '../api/page-limit.ts';
import type { AppEnv } from '../api/app-env.ts';
import { ProblemError } from '../api/problem-error.ts';
import type { Env } from '../env.ts';
import { checkTarget } from './target.ts';
import { BODY_PROBLEMS } from '../accounts/small-body.ts';

const problems = ['unauthorized', 'insufficient_scope', 'rate_limited'] as const;
const params = lazily(() => z.object({ id: z.string() }));
const answer = <S extends number, T extends z.ZodType>(status: S, description: string, schema: T) =>
  ({ [status]: { description, content: { 'application/json': { schema } } } }) as {
    [K in S]: { description: string; content: { 'application/json': { schema: T } } };
  };
const bodyProblems = [...BODY_PROBLEMS, 'webhook_target_refused'] as const;

const createWebhook = createRoute('post', '/v1/webhooks', () => ({
  id: 'createWebhook',
  summary: 'Make a webhook',
  request: { body: jsonBody(webhookRequestSchema()) },
  responses: {
    ...answer(201, 'The webhook, with its secret.', webhookWithSecretSchema()),
    ...problemAnswers(...problems, ...bodyProblems, 'too_many'),
  },
}));

const listWebhooks = createRoute('get', '/v1/webhooks', () => ({
  id: 'listWebhooks',
  summary: 'All webhooks, newest first',
  responses: { ...answer(200, 'The webhooks.', webhookListSchema()), ...problemAnswers(...problems) },
}));

const getWebhook = createRoute('get', '/v1/webhooks/{id}', () => ({
  id: 'getWebhook',
  summary: 'One webhook',
  request: { params: params() },
  responses: {
    ...answer(200, 'The webhook.', webhookSchema()),
    ...problemAnswers(...problems, 'webhook_not_found'),
  },
}));

const changeWebhook = createRoute('patch', '/v1/webhooks/{id}', () => ({
  id: 'changeWebhook',
  summary: 'Change a webhook, disable it, or enable it again',
  request: { params: params(), body: jsonBody(webhookChangeSchema()) },
  responses: {
    ...answer(200, 'The webhook.', webhookSchema()),
    ...problemAnswers(...problems, ...bodyProblems, 'webhook_not_found'),
  },
}));

const deleteWebhook = createRoute('delete', '/v1/webhooks/{id}', () => ({
  id: 'deleteWebhook',
  summary: 'Delete a webhook, with whatever still waits for it',
  request: { params: params() },
  responses: { 204: { description: 'Deleted.' }, ...problemAnswers(...problems, 'webhook_not_found') },
}));

const rotateSecret = createRoute('post', '/v1/webhooks/{id}/rotate', () => ({
  id: 'rotateWebhook',
  summary: 'A new secret; the former one signs too for the overlap',
  request: { params: params(), body: jsonBody(rotationSchema()) },
  responses: {
    ...answer(200, 'The webhook, with its new secret.', webhookWithSecretSchema()),
    ...problemAnswers(...problems, 'webhook_not_found', ...BODY_PROBLEMS),
  },
}));

const pingWebhook = createRoute('post', '/v1/webhooks/{id}/ping', () => ({
  id: 'pingWebhook',
  summary: 'Send the webhook an event of type webhook.ping',
  request: { params: params() },
  responses: { 202: { description: 'On its way.' }, ...problemAnswers(...problems, 'webhook_not_found') },
}));

const listDeliveries = createRoute('get', '/v1/webhooks/{id}/deliveries', () => ({
  id: 'listDeliveries',
  summary: 'The delivery log of a webhook, newest first; kept for 30 days',
  request: {
    params: params(),
    query: z.object({
      limit: pageLimit(20),
      cursor: z
        .string()
        .regex(/^\d{1,15}$/, 'use the next_cursor of the page before')
        .optional(),
    }),
  },
  responses: {
    ...answer(200, 'A page.', deliveryListSchema()),
    ...problemAnswers(...problems, 'webhook_not_found', 'invalid_parameter'),
  },
}));

const replayDelivery = createRoute('post', '/v1/webhooks/{id}/deliveries/{delivery}/replay', () => ({
  id: 'replayDelivery',
  summary: 'Deliver an event again',
  request: { params: params().extend({ delivery: z.string() }) },
  responses: {
    202: { description: 'On its way.' },
    ...problemAnswers(...problems, 'webhook_not_found', 'delivery_not_found'),
  },
}));

/** `/v1/webhooks`. */
export function webhookRoutes(): Routes {
  const routes = new Routes();
  routes.use('/v1/webhooks/*', guard('webhooks:write', 'webhooks:write'));

  routes.answer(createWebhook, async (c) => {
    const request = c.req.valid('json');
    await requireTarget(c.env, request.url);
    const added = await webhooksOf(c).add(request);
    if (!added) throw new ProblemError('too_many', 'The account has 20 webhooks.');
    return c.json({ ...added.webhook, secret: added.secret }, 201);
  });

  routes.answer(listWebhooks, async (c) =>
    c.json({ object: 'list' as const, data: await webhooksOf(c).list() }, 200),
  );

  routes.answer(getWebhook, async (c) => {
    const { id } = c.req.valid('param');
    return c.json(found(await webhooksOf(c).get(id), id), 200);
  });

  routes.answer(changeWebhook, async (c) => {
    const { id } = c.req.valid('param');
    const change = c.req.valid('json');
    if (change.url !== undefined) await requireTarget(c.env, change.url);
    return c.json(found(await webhooksOf(c).change(id, change), id), 200);
  });

  routes.answer(deleteWebhook, async (c) => {
    const { id } = c.req.valid('param');
    found((await webhooksOf(c).remove(id)) || null, id);
    return c.body(null, 204);
  });

  routes.answer(rotateSecret, async (c) => {
    const { id } = c.req.valid('param');
    const { overlap_seconds } = c.req.valid('json');
    const { webhook, secret } = found(await webhooksOf(c).rotate(id, overlap_seconds * 1000), id);
    return c.json({ ...webhook, secret }, 200);
  });

  routes.answer(pingWebhook, async (c) => {
    const { id } = c.req.valid('param');
    found(await webhooksOf(c).get(id), id);
    const created_at = new Date().toISOString();
    await webhooksOf(c).publish(
      { id: newId('msg'), type: 'webhook.ping', created_at, data: { webhook: id } },
      id,
    );
    return c.body(null, 202);
  });

  routes.answer(listDeliveries, async (c) => {
    const { id } = c.req.valid('param');
    const { limit, cursor } = c.req.valid('query');
    const before = cursor === undefined ? null : Number(cursor);
    const rows = found(await webhooksOf(c).deliveries(id, before, limit + 1), id);
    const page = rows.slice(0, limit);
    const next_cursor = rows.length > limit ? String(page.at(-1)!.seq) : null;
    return c.json({ object: 'list' as const, data: page.map(({ delivery }) => delivery), next_cursor }, 200);
  });

  routes.answer(replayDelivery, async (c) => {
    const { id, delivery } = c.req.valid('param');
    found(await webhooksOf(c).get(id), id);
    if (!(await webhooksOf(c).replay(id, delivery)))
      throw new ProblemError('delivery_not_found', `The webhook ${id} has no delivery ${delivery}.`);
    return c.body(null, 202);
  });

  return routes;
}

const webhooksOf = (c: { env: Env; get(name: 'principal'): AppEnv['Variables']['principal'] }) =>
  c.env.WEBHOOKS.getByName(c.get('principal').account);

function found<T>(value: T | null, id: string): T {
  if (value === null) throw new ProblemError('webhook_not_found', `There is no webhook ${id}.`);
  return value;
}

async function requireTarget(env: Env, url: string): Promise<void> {
  const target = await checkTarget(url, { loopback: env.AUTH === 'off' });
  if (target.kind !== 'allowed') throw new ProblemError('webhook_target_refused', target.why);
}
