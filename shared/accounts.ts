import * as z from 'zod';
import { lazily } from './lazily.ts';
import { stageSchema } from './stages.ts';

/** Why credits move: the kinds of ledger entries. */
export const TRANSACTION_KINDS = [
  'topup',
  'grant',
  'payment',
  'reserve',
  'settle',
  'release',
  'refund',
  'dispute',
  'dispute_won',
] as const;
export type TransactionKind = (typeof TRANSACTION_KINDS)[number];

/** What a key may be allowed to do. */
export const SCOPES = [
  'portraits:read',
  'portraits:write',
  'webhooks:write',
  'account:read',
  'account:write',
] as const;
export type Scope = (typeof SCOPES)[number];

/** Live keys spend credits; test keys run the same shapes on a canned portrait and cost nothing. */
export const MODES = ['live', 'test'] as const;
export type Mode = (typeof MODES)[number];

export const DEFAULT_CONCURRENCY = 10;
const CONCURRENCY_LIMIT = 1000;
const CREDITS_LIMIT = 100_000_000;

const keyName = () => z.string().trim().min(1, 'name is empty: say what the key is for').max(100);
const concurrency = () =>
  z.int(`concurrency must be a whole number from 1 to ${CONCURRENCY_LIMIT}`).min(1).max(CONCURRENCY_LIMIT);
const spendCap = () =>
  z
    .int('spend_cap must be a whole number of credits, or null for no cap')
    .min(0)
    .max(CREDITS_LIMIT)
    .nullable()
    .meta({ description: 'Credits this key may spend in a calendar month (UTC).' });

/** What a caller sends to make a key. */
export const keyRequestSchema = lazily(() =>
  z
    .strictObject({
      name: keyName(),
      mode: z.enum(MODES, { error: `mode must be one of ${MODES.join(', ')}` }).default('live'),
      scopes: z
        .array(z.enum(SCOPES, { error: `scopes may hold ${SCOPES.join(', ')}` }))
        .min(1)
        .max(SCOPES.length)
        .default(['portraits:read', 'portraits:write']),
      concurrency: concurrency().default(DEFAULT_CONCURRENCY),
      spend_cap: spendCap().default(null),
      expires_at: z.iso.datetime().nullable().default(null),
    })
    .meta({ id: 'KeyRequest' }),
);
export type KeyRequest = z.output<ReturnType<typeof keyRequestSchema>>;

export const keyChangeSchema = lazily(() =>
  z
    .strictObject({
      name: keyName().optional(),
      concurrency: concurrency().optional(),
      spend_cap: spendCap().optional(),
    })
    .meta({ id: 'KeyChange' }),
);

/** Longest time that a rotated key stays good beside its successor, in seconds: 30 days. */
export const OVERLAP_LIMIT_S = 30 * 24 * 3600;

/** How long what is being rotated stays good. */
export const rotationSchema = lazily(() =>
  z
    .strictObject({
      overlap_seconds: z
        .int()
        .min(0)
        .max(OVERLAP_LIMIT_S)
        .default(24 * 3600),
    })
    .meta({ id: 'Rotation' }),
);

export const keySchema = lazily(() =>
  z
    .object({
      id: z.string().regex(/^key_[0-9a-z]{24}$/),
      object: z.literal('key'),
      name: z.string(),
      hint: z.string().meta({ description: 'The last characters of the token.' }),
      mode: z.enum(MODES),
      scopes: z.array(z.enum(SCOPES)),
      concurrency: z.int(),
      spend_cap: z.int().nullable(),
      active: z.boolean(),
      created_at: z.iso.datetime(),
      expires_at: z.iso.datetime().nullable(),
      revoked_at: z.iso.datetime().nullable(),
      last_used_at: z.iso.datetime().nullable().meta({ description: 'To the minute.' }),
    })
    .meta({ id: 'Key' }),
);
export type Key = z.output<ReturnType<typeof keySchema>>;

export const keyWithTokenSchema = lazily(() =>
  keySchema()
    .extend({ token: z.string().meta({ description: 'The key itself. It is shown this once.' }) })
    .meta({ id: 'KeyWithToken' }),
);

export const keyListSchema = lazily(() =>
  z.object({ object: z.literal('list'), data: z.array(keySchema()) }).meta({ id: 'KeyList' }),
);

/** An account and what it may spend. */
export const accountSchema = lazily(() =>
  z
    .object({
      id: z.string().regex(/^acc_[0-9a-z]{24}$/),
      object: z.literal('account'),
      name: z.string(),
      billing: z.enum(['prepaid', 'postpaid']),
      credits: z.object({
        available: z.int(),
        reserved: z.int().meta({ description: 'Held by portraits in work.' }),
        invoiced: z.int().meta({ description: 'Used and not yet paid, of a postpaid account.' }),
      }),
      created_at: z.iso.datetime(),
    })
    .meta({ id: 'Account' }),
);

export const accountRequestSchema = lazily(() =>
  z
    .strictObject({
      name: z.string().trim().min(1).max(100),
      billing: z.enum(['prepaid', 'postpaid']).default('prepaid'),
      invoice_limit: z
        .int()
        .min(0)
        .max(CREDITS_LIMIT)
        .default(0)
        .meta({ description: 'Of a postpaid account.' }),
      stripe_customer: z
        .string()
        .regex(/^cus_\w+$/)
        .nullable()
        .default(null),
      credits: z.int().min(0).max(CREDITS_LIMIT).default(0).meta({ description: 'Granted at once.' }),
    })
    .meta({ id: 'AccountRequest' }),
);

export const creditsSchema = lazily(() =>
  z
    .strictObject({
      credits: z.int().min(1).max(CREDITS_LIMIT),
      reference: z.string().min(1).max(200).meta({ description: 'Counts once, however often it is sent.' }),
    })
    .meta({ id: 'Grant' }),
);

export const ledgerEntrySchema = lazily(() =>
  z
    .object({
      object: z.literal('ledger_entry'),
      id: z.string(),
      kind: z.enum(TRANSACTION_KINDS),
      portrait: z.string().nullable(),
      key: z.string().nullable(),
      at: z.iso.datetime(),
      lines: z
        .array(z.object({ book: z.string(), credits: z.int() }))
        .meta({ description: 'They sum to zero.' }),
    })
    .meta({ id: 'LedgerEntry' }),
);

export const ledgerSchema = lazily(() =>
  z
    .object({
      object: z.literal('list'),
      data: z.array(ledgerEntrySchema()),
      next_cursor: z.string().nullable(),
    })
    .meta({ id: 'Ledger' }),
);

/** Usage of one key, in one stage, on one day (UTC). */
export const usageSchema = lazily(() =>
  z
    .object({
      object: z.literal('list'),
      data: z.array(
        z.object({
          day: z.iso.date(),
          key: z.string(),
          stage: stageSchema(),
          portraits: z.int(),
          cached: z.int().meta({ description: 'Of these, answered from an earlier equal run.' }),
          seconds: z.number(),
          credits: z.int(),
        }),
      ),
    })
    .meta({ id: 'Usage' }),
);

/** Credits one top-up may buy. */
export const TOPUP_CREDITS = { min: 500, max: 1_000_000 } as const;
const topupError = `credits must be a whole number from ${TOPUP_CREDITS.min} to ${TOPUP_CREDITS.max}`;

export const topupRequestSchema = lazily(() =>
  z
    .strictObject({
      credits: z.int(topupError).min(TOPUP_CREDITS.min, topupError).max(TOPUP_CREDITS.max, topupError),
      return_url: z
        .url({ protocol: /^https?$/ })
        .max(2000)
        .optional()
        .meta({ description: 'Where the payment page leads afterwards.' }),
    })
    .meta({ id: 'TopupRequest' }),
);

export const topupSchema = lazily(() =>
  z
    .object({
      object: z.literal('topup'),
      id: z.string(),
      credits: z.int(),
      usd: z.string(),
      url: z.string().meta({ description: 'The payment page.' }),
    })
    .meta({ id: 'Topup' }),
);
