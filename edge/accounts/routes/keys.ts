import { createRoute, Routes } from '../../api/route.ts';
import * as z from 'zod';
import {
  lazily,
  keyChangeSchema,
  keyListSchema,
  keyRequestSchema,
  keySchema,
  keyWithTokenSchema,
  rotationSchema,
} from '../../../shared/index.ts';
import { jsonBody, problemAnswers } from '../../api/answers.ts';
import { ProblemError } from '../../api/problem-error.ts';
import { audit } from '../../safety/index.ts';
import { accountOf } from '../account-of.ts';
import { requireScope } from '../authenticate.ts';
import { guard } from '../guard.ts';
import { toKey } from '../resources.ts';
import { BODY_PROBLEMS } from '../small-body.ts';

const problems = ['unauthorized', 'insufficient_scope', 'account_not_found', 'rate_limited'] as const;
const params = lazily(() => z.object({ id: z.string() }));
const keyAnswer = {
  200: { description: 'The key.', content: { 'application/json': { schema: keySchema() } } },
};
const newKeyAnswer = {
  201: {
    description: 'The key, with its token: it is not shown again.',
    content: { 'application/json': { schema: keyWithTokenSchema() } },
  },
};
const createKey = createRoute('post', '/v1/keys', () => ({
  id: 'createKey',
  summary: 'Make an API key',
  request: { body: jsonBody(keyRequestSchema()) },
  responses: {
    ...newKeyAnswer,
    ...problemAnswers(...problems, ...BODY_PROBLEMS, 'too_many'),
  },
}));

const listKeys = createRoute('get', '/v1/keys', () => ({
  id: 'listKeys',
  summary: 'All API keys, newest first',
  responses: {
    200: { description: 'The keys.', content: { 'application/json': { schema: keyListSchema() } } },
    ...problemAnswers(...problems),
  },
}));

const changeKey = createRoute('patch', '/v1/keys/{id}', () => ({
  id: 'changeKey',
  summary: 'Change the name or the limits of a key',
  request: { params: params(), body: jsonBody(keyChangeSchema()) },
  responses: {
    ...keyAnswer,
    ...problemAnswers(...problems, 'key_not_found', ...BODY_PROBLEMS),
  },
}));

const rotateKey = createRoute('post', '/v1/keys/{id}/rotate', () => ({
  id: 'rotateKey',
  summary: 'Replace a key; the old one stays good for the overlap',
  request: { params: params(), body: jsonBody(rotationSchema()) },
  responses: {
    ...newKeyAnswer,
    ...problemAnswers(...problems, 'key_not_found', ...BODY_PROBLEMS),
  },
}));

const revokeKey = createRoute('delete', '/v1/keys/{id}', () => ({
  id: 'revokeKey',
  summary: 'Revoke a key at once',
  request: { params: params() },
  responses: { ...keyAnswer, ...problemAnswers(...problems, 'key_not_found') },
}));

/** `/v1/keys`. */
export function keyRoutes(): Routes {
  const routes = new Routes();
  routes.use('/v1/keys/*', guard('account:read', 'account:write'));

  routes.answer(createKey, async (c) => {
    const principal = c.get('principal');
    const { spend_cap, expires_at, ...wish } = c.req.valid('json');
    // A key never hands out more than it has itself.
    for (const scope of wish.scopes) requireScope(principal, scope);
    const expiresAt = expires_at === null ? null : Date.parse(expires_at);
    const shown = await accountOf(c.env, principal.account).createKey({
      ...wish,
      spendCap: spend_cap,
      expiresAt,
    });
    if (!shown) throw new ProblemError('too_many', 'The account has 100 active keys.');
    const { key, token } = shown;
    const detail = `${key.mode} key with ${key.scopes.join(', ')}`;
    await audit(c.env, principal.account, {
      action: 'key.created',
      actor: principal.key,
      subject: key.id,
      detail,
    });
    return c.json({ ...toKey(key, Date.now()), token }, 201);
  });

  routes.answer(listKeys, async (c) => {
    const keys = await accountOf(c.env, c.get('principal').account).keys();
    return c.json({ object: 'list' as const, data: keys.map((key) => toKey(key, Date.now())) }, 200);
  });

  routes.answer(changeKey, async (c) => {
    const { account, key: actor } = c.get('principal');
    const { id } = c.req.valid('param');
    const { spend_cap: spendCap, ...change } = c.req.valid('json');
    const key = await accountOf(c.env, account).changeKey(id, {
      ...change,
      ...(spendCap !== undefined && { spendCap }),
    });
    if (!key) throw notFound(id);
    await audit(c.env, account, { action: 'key.changed', actor, subject: id, detail: '' });
    return c.json(toKey(key, Date.now()), 200);
  });

  routes.answer(rotateKey, async (c) => {
    const { account, key: actor } = c.get('principal');
    const { id } = c.req.valid('param');
    const { overlap_seconds } = c.req.valid('json');
    const shown = await accountOf(c.env, account).rotateKey(id, overlap_seconds * 1000);
    if (!shown) throw notFound(id);
    const detail = `replaced by ${shown.key.id}, good for ${overlap_seconds} s more`;
    await audit(c.env, account, { action: 'key.rotated', actor, subject: id, detail });
    return c.json({ ...toKey(shown.key, Date.now()), token: shown.token }, 201);
  });

  routes.answer(revokeKey, async (c) => {
    const { account, key: actor } = c.get('principal');
    const { id } = c.req.valid('param');
    const key = await accountOf(c.env, account).revokeKey(id);
    if (!key) throw notFound(id);
    await audit(c.env, account, { action: 'key.revoked', actor, subject: id, detail: '' });
    return c.json(toKey(key, Date.now()), 200);
  });

  return routes;
}

const notFound = (id: string) => new ProblemError('key_not_found', `There is no active key ${id}.`);
