import type { Context, MiddlewareHandler, Next } from 'hono';
import {
  canonicalJson,
  DEFAULT_CONCURRENCY,
  digestOf,
  hmacHex,
  portraitRequestSchema,
  priceOf,
  sha256Hex,
} from '../../../shared/index.ts';
import type { AppEnv } from '../../api/app-env.ts';
import { fieldErrors } from '../../api/invalid.ts';
import { ProblemError } from '../../api/problem-error.ts';
import { signingSecret, type Env } from '../../env.ts';
import { audit, checkRequest } from '../../safety/index.ts';
import { tokenOf } from '../api-key.ts';
import { smallBody } from '../small-body.ts';
import { Facilitator } from './facilitator.ts';
import {
  claimedPayer,
  decodePayment,
  encodeHeader,
  PAYMENT_REQUIRED,
  PAYMENT_RESPONSE,
  PAYMENT_SIGNATURE,
  requiredHeader,
  termsOf,
  type Payment,
  type Settlement,
  type Terms,
} from './protocol.ts';

/** Header of the answer to a paid request: a key for the portrait, and for credits that come back. */
const KEY_HEADER = 'portrait-key';
const KEY_LIFE_MS = 30 * 24 * 3_600_000;

/**
 * Lets a caller without a key pay for the one request, by x402 version 2. Without payment: 402 and the terms. With it:
 * the payment is verified, taken and credited to an account of the payer, and the request goes on as that account's.
 * The same payment again is the same request, and gets the same answer; should the portrait fail, the credits stay with
 * the payer's account, and the key opens it.
 */
export const payPerCall: MiddlewareHandler<AppEnv> = async (c, next) => {
  if (c.req.method !== 'POST' || c.req.header('authorization') || c.env.AUTH === 'off' || !c.env.X402_PAY_TO)
    return next();
  return smallBody(c, () => pay(c, next));
};

async function pay(c: Context<AppEnv>, next: Next): Promise<void> {
  const request = await requestOf(c.req.raw, c.env);
  const credits = priceOf(request);
  const terms = termsOf(c.env, credits);
  if (!terms) return next();
  const demand = (code: 'payment_required' | 'payment_invalid', detail: string) =>
    new ProblemError(code, detail, {
      headers: { [PAYMENT_REQUIRED]: requiredHeader(terms, c.req.url, detail) },
    });

  const header = c.req.header(PAYMENT_SIGNATURE);
  if (!header) throw demand('payment_required', `This portrait costs ${credits} credits.`);
  const payment = decodePayment(header);
  if (!payment) throw demand('payment_invalid', 'The payment is no base64 of an x402 version 2 payment.');
  if (canonicalJson(payment.accepted) !== canonicalJson(terms))
    throw demand('payment_invalid', 'The payment is for other terms.');

  const paid = await take(c.env, payment, terms, credits);
  if (paid.kind === 'refused') throw demand('payment_invalid', `The payment was refused: ${paid.reason}.`);

  const headers = new Headers(c.req.raw.headers);
  headers.set('authorization', `Bearer ${paid.token}`);
  headers.set('idempotency-key', `x402-${paid.id}`);
  c.req.raw = new Request(c.req.raw, { headers });
  await next();
  c.res = new Response(c.res.body, c.res);
  c.res.headers.set(PAYMENT_RESPONSE, encodeHeader(paid.settlement));
  c.res.headers.set(KEY_HEADER, paid.token);
  c.res.headers.set('cache-control', 'no-store');
}

/** The request that is to be paid for; one that would be refused anyway is refused before. */
async function requestOf(raw: Request, env: Env) {
  const text = await raw.clone().text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new ProblemError('invalid_json', 'The body is no JSON.');
  }
  const parsed = portraitRequestSchema().safeParse(body);
  if (!parsed.success) throw fieldErrors(parsed.error, 'json');
  const filtered = await checkRequest(parsed.data, env);
  if (filtered) throw new ProblemError('content_filtered', filtered.error.message);
  return parsed.data;
}

type Paid =
  | { kind: 'paid'; id: string; token: string; settlement: Settlement }
  | { kind: 'refused'; reason: string };

/** @throws ProblemError payment_unsettled, payments_unavailable */
async function take(env: Env, payment: Payment, terms: Terms, credits: number): Promise<Paid> {
  const id = await digestOf(payment.payload);
  const facilitator = new Facilitator(env);
  const claimed = claimedPayer(payment);
  const known = claimed && (await accountOfPayer(env, terms, claimed)).stub;
  const before = known && (await known.findPayment(id));
  let payer = claimed;
  if (!before) {
    const verification = await facilitator.verify(payment, terms).catch((error: unknown) => {
      console.error(`x402 verify: ${String(error)}`);
      throw new ProblemError('payments_unavailable', 'The payment could not be checked.', {
        headers: { 'retry-after': '60' },
      });
    });
    // After a lost answer the payment may be valid no more, because it was taken: the account knows.
    const asked = known && (await known.hasAskedFor(id));
    if (!verification.isValid && !asked)
      return { kind: 'refused', reason: verification.invalidReason ?? 'no reason was given' };
    payer = verification.payer ?? claimed;
  }
  if (!payer) return { kind: 'refused', reason: 'nobody knows who pays' };

  const { account, stub } = await accountOfPayer(env, terms, payer);
  const opened = await stub.open({
    id: account,
    name: `x402 ${payer}`,
    billing: 'prepaid',
    invoiceLimit: null,
    stripeCustomer: null,
    suspended: null,
    createdAt: Date.now(),
  });
  if (opened.suspended !== null) return { kind: 'refused', reason: 'the account of this payer is suspended' };
  const taken = await stub.takePayment({ id, credits, payment, terms });
  if (taken.kind === 'refused') return taken;
  if (taken.kind === 'unknown') {
    console.error(`x402 settle of ${id}: ${taken.reason}`);
    const detail = `${credits} credits by ${payer}: ${taken.reason.slice(0, 200)}`;
    await audit(env, 'system', { action: 'payment.unsettled', actor: 'x402', subject: id, detail });
    throw new ProblemError('payment_unsettled', 'The facilitator did not say whether it took the payment.');
  }
  // Derived, so that the same payment leads to the same key.
  const secret = (await hmacHex(signingSecret(env), `x402:${id}`)).slice(0, 32);
  const token = tokenOf('live', account, secret);
  await stub.enterKey(
    {
      name: `x402 ${id.slice(0, 12)}`,
      mode: 'live',
      scopes: ['portraits:read', 'portraits:write', 'account:read'],
      concurrency: DEFAULT_CONCURRENCY,
      spendCap: null,
      expiresAt: Date.now() + KEY_LIFE_MS,
    },
    token,
  );
  return { kind: 'paid', id, token, settlement: taken.settlement };
}

/** Whoever pays from one address on one network has one account. */
async function accountOfPayer(env: Env, { network }: Terms, payer: string) {
  const digest = await sha256Hex(`x402:${network}:${payer.toLowerCase()}`);
  const account = `acc_${digest.slice(0, 24)}`;
  return { account, stub: env.ACCOUNTS.getByName(account) };
}
