import { createRoute, Routes } from '../../api/route.ts';
import * as z from 'zod';
import {
  accountSchema,
  ledgerSchema,
  portraitRequestSchema,
  quoteOf,
  quoteSchema,
  usageSchema,
} from '../../../shared/index.ts';
import { jsonBody, problemAnswers } from '../../api/answers.ts';
import { pageLimit } from '../../api/page-limit.ts';
import { ProblemError } from '../../api/problem-error.ts';
import { accountOf } from '../account-of.ts';
import { guard } from '../guard.ts';
import { toAccount, toLedgerEntry } from '../resources.ts';
import { dayOf } from '../usage-storage.ts';
import { BODY_PROBLEMS } from '../small-body.ts';

const problems = ['unauthorized', 'insufficient_scope', 'account_not_found', 'rate_limited'] as const;
const json = <T extends z.ZodType>(description: string, schema: T) => ({
  200: { description, content: { 'application/json': { schema } } },
});

const account = createRoute('get', '/v1/account', () => ({
  id: 'getAccount',
  summary: 'The account of this key, and its credits',
  responses: { ...json('The account.', accountSchema()), ...problemAnswers(...problems) },
}));

const ledger = createRoute('get', '/v1/ledger', () => ({
  id: 'listLedger',
  summary: 'Every movement of credits, newest first',
  request: {
    query: z.object({
      portrait: z.string().max(100).optional().meta({ description: 'Only those of this portrait.' }),
      limit: pageLimit(50),
      cursor: z
        .string()
        .regex(/^\d{1,15}$/, 'use the next_cursor of the page before')
        .optional(),
    }),
  },
  responses: { ...json('A page.', ledgerSchema()), ...problemAnswers(...problems, 'invalid_parameter') },
}));

const day = z.iso.date('must be a day, such as 2026-01-31').optional();
const usage = createRoute('get', '/v1/usage', () => ({
  id: 'getUsage',
  summary: 'Usage by day (UTC), key and stage; the last 30 days unless told otherwise',
  request: { query: z.object({ from: day, to: day }) },
  responses: { ...json('The usage.', usageSchema()), ...problemAnswers(...problems, 'invalid_parameter') },
}));

const quote = createRoute('post', '/v1/portraits/quote', () => ({
  id: 'quotePortrait',
  summary: 'What a portrait would cost; nothing is made or charged',
  request: { body: jsonBody(portraitRequestSchema()) },
  responses: {
    ...json('The price.', quoteSchema()),
    ...problemAnswers('unauthorized', 'insufficient_scope', 'rate_limited', ...BODY_PROBLEMS),
  },
}));

const DAYS_SHOWN = 30;
const DAY_MS = 24 * 3_600_000;

/** `/v1/account`, `/v1/ledger`, `/v1/usage`, `/v1/portraits/quote`. */
export function accountRoutes(): Routes {
  const routes = new Routes();
  for (const path of ['/v1/account', '/v1/ledger', '/v1/usage'])
    routes.use(path, guard('account:read', 'account:read'));

  routes.answer(account, async (c) => {
    const { account: id } = c.get('principal');
    const stub = accountOf(c.env, id);
    const [record, balances] = await Promise.all([stub.get(), stub.balances()]);
    if (!record) throw new ProblemError('account_not_found', `There is no account ${id}.`);
    return c.json(toAccount(record, balances), 200);
  });

  routes.answer(ledger, async (c) => {
    const { portrait, limit, cursor } = c.req.valid('query');
    const before = cursor === undefined ? null : Number(cursor);
    const stub = accountOf(c.env, c.get('principal').account);
    const entries = await stub.entries(before, limit + 1, portrait ?? null);
    const page = entries.slice(0, limit);
    const next_cursor = entries.length > limit ? String(page.at(-1)!.seq) : null;
    return c.json({ object: 'list' as const, data: page.map(toLedgerEntry), next_cursor }, 200);
  });

  routes.answer(usage, async (c) => {
    const now = Date.now();
    const { from = dayOf(now - DAYS_SHOWN * DAY_MS), to = dayOf(now) } = c.req.valid('query');
    const data = await accountOf(c.env, c.get('principal').account).usage(from, to);
    return c.json({ object: 'list' as const, data }, 200);
  });

  routes.answer(quote, (c) => c.json(quoteOf(c.req.valid('json')), 200));

  return routes;
}
