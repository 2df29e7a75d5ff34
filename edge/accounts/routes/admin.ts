import { createRoute, Routes } from '../../api/route.ts';
import * as z from 'zod';
import {
  lazily,
  accountRequestSchema,
  accountSchema,
  creditsSchema,
  DEFAULT_CONCURRENCY,
  keyWithTokenSchema,
  SCOPES,
  type ProblemCode,
} from '../../../shared/index.ts';
import { jsonBody, problemAnswers } from '../../api/answers.ts';
import { ProblemError } from '../../api/problem-error.ts';
import type { Env } from '../../env.ts';
import { audit } from '../../safety/index.ts';
import { accountOf } from '../account-of.ts';
import { adminOnly } from '../guard.ts';
import { newId } from '../../ids.ts';
import { toAccount, toKey } from '../resources.ts';
import { BODY_PROBLEMS } from '../small-body.ts';

const params = lazily(() => z.object({ id: z.string() }));
const openedSchema = lazily(() =>
  z.object({ account: accountSchema(), key: keyWithTokenSchema() }).meta({ id: 'OpenedAccount' }),
);

const openAccount = createRoute('post', '/v1/admin/accounts', () => ({
  id: 'openAccount',
  summary: 'Open an account, with a first key that may do everything (operator)',
  request: { body: jsonBody(accountRequestSchema()) },
  responses: {
    201: { description: 'Account and key.', content: { 'application/json': { schema: openedSchema() } } },
    ...problemAnswers('unauthorized', ...BODY_PROBLEMS, 'route_not_found'),
  },
}));

const accountAnswer = (...codes: ProblemCode[]) => ({
  200: { description: 'The account.', content: { 'application/json': { schema: accountSchema() } } },
  ...problemAnswers(
    'unauthorized',
    'account_not_found',
    'invalid_json',
    'invalid_request',
    'route_not_found',
    ...codes,
  ),
});

const grant = createRoute('post', '/v1/admin/accounts/{id}/credits', () => ({
  id: 'grantCredits',
  summary: 'Give credits to an account (operator)',
  request: {
    params: params(),
    body: jsonBody(creditsSchema()),
  },
  responses: accountAnswer(),
}));

const suspensionSchema = lazily(() =>
  z.strictObject({ reason: z.string().min(1).max(500).nullable() }).meta({ id: 'Suspension' }),
);
const suspend = createRoute('put', '/v1/admin/accounts/{id}/suspension', () => ({
  id: 'suspendAccount',
  summary: 'Suspend an account with a reason, or with null take it up again (operator)',
  request: {
    params: params(),
    body: jsonBody(suspensionSchema()),
  },
  responses: accountAnswer(),
}));

const refund = createRoute('post', '/v1/admin/accounts/{id}/refunds', () => ({
  id: 'refundPortrait',
  summary: 'Give the charge of a portrait back, as credits (operator)',
  request: {
    params: params(),
    body: jsonBody(z.strictObject({ portrait: z.string() }).meta({ id: 'Refund' })),
  },
  responses: accountAnswer('portrait_not_found'),
}));

/** `/v1/admin/accounts`: what the operator does. */
export function adminRoutes(): Routes {
  const routes = new Routes();
  routes.use('/v1/admin/accounts/*', adminOnly);

  routes.answer(openAccount, async (c) => {
    const { name, billing, invoice_limit, stripe_customer, credits } = c.req.valid('json');
    const id = newId('acc');
    const stub = accountOf(c.env, id);
    await stub.open({
      id,
      name,
      billing,
      invoiceLimit: billing === 'postpaid' ? invoice_limit : null,
      stripeCustomer: stripe_customer,
      suspended: null,
      createdAt: Date.now(),
    });
    if (credits > 0) await stub.fund('grant', 'opening', credits);
    const first = await stub.createKey({
      name: 'first key',
      mode: 'live',
      scopes: [...SCOPES],
      concurrency: DEFAULT_CONCURRENCY,
      spendCap: null,
      expiresAt: null,
    });
    await audit(c.env, id, {
      action: 'account.opened',
      actor: 'admin',
      subject: id,
      detail: `${credits} credits`,
    });
    const { key, token } = first!;
    return c.json({ account: await shown(c.env, id), key: { ...toKey(key, Date.now()), token } }, 201);
  });

  routes.answer(grant, async (c) => {
    const { id } = c.req.valid('param');
    const { credits, reference } = c.req.valid('json');
    const counted = await (await known(c.env, id)).fund('grant', reference, credits);
    if (counted)
      await audit(c.env, id, {
        action: 'credits.granted',
        actor: 'admin',
        subject: id,
        detail: `${credits} for ${reference}`,
      });
    return c.json(await shown(c.env, id), 200);
  });

  routes.answer(suspend, async (c) => {
    const { id } = c.req.valid('param');
    const { reason } = c.req.valid('json');
    await (await known(c.env, id)).change({ suspended: reason });
    const action = reason === null ? 'account.resumed' : 'account.suspended';
    await audit(c.env, id, { action, actor: 'admin', subject: id, detail: reason ?? '' });
    return c.json(await shown(c.env, id), 200);
  });

  routes.answer(refund, async (c) => {
    const { id } = c.req.valid('param');
    const { portrait } = c.req.valid('json');
    const given = await (await known(c.env, id)).refund(portrait);
    if (given === 'not charged')
      throw new ProblemError('portrait_not_found', `The account ${id} was not charged for ${portrait}.`);
    if (given === 'refunded')
      await audit(c.env, id, { action: 'portrait.refunded', actor: 'admin', subject: portrait, detail: '' });
    return c.json(await shown(c.env, id), 200);
  });

  return routes;
}

async function shown(env: Env, id: string) {
  const stub = accountOf(env, id);
  const [record, balances] = await Promise.all([stub.get(), stub.balances()]);
  return toAccount(record!, balances);
}
/** @throws ProblemError account_not_found */
async function known(env: Env, id: string) {
  const stub = accountOf(env, id);
  if (!(await stub.get())) throw new ProblemError('account_not_found', `There is no account ${id}.`);
  return stub;
}
