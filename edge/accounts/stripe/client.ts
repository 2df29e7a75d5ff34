import * as z from 'zod';
import { lazily, CENTS_PER_CREDIT } from '../../../shared/index.ts';
import type { Env } from '../../env.ts';

const STRIPE_API = 'https://api.stripe.com';
const ANSWER_WITHIN_MS = 10_000;

const chargeSchema = lazily(() => z.object({ metadata: z.object({ account: z.string() }) }));
const sessionSchema = lazily(() => z.object({ id: z.string(), url: z.string() }));

/** Stripe refused, or did not answer. The message is for the operator's log: it may name their account. */
export class StripeError extends Error {
  override readonly name = 'StripeError';
}

/** As much of Stripe's REST API as is used here: payment pages, meter events, and whose a charge is. */
export class Stripe {
  readonly #key: string;
  readonly #url: string;

  constructor({ key, url = STRIPE_API }: { key: string; url?: string | undefined }) {
    this.#key = key;
    this.#url = url;
  }

  /** The client of the worker's configuration; null where there is no `STRIPE_SECRET_KEY`. */
  static of(env: Env): Stripe | null {
    return env.STRIPE_SECRET_KEY ? new Stripe({ key: env.STRIPE_SECRET_KEY, url: env.STRIPE_API }) : null;
  }

  /** A payment page (Checkout Session) that buys credits for an account. `idempotencyKey` makes it one page. */
  async createCheckout(wish: {
    account: string;
    customer: string | null;
    credits: number;
    returnUrl: string;
    idempotencyKey: string;
  }): Promise<{ id: string; url: string }> {
    const body = await this.#post('/v1/checkout/sessions', wish.idempotencyKey, {
      mode: 'payment',
      client_reference_id: wish.account,
      'metadata[account]': wish.account,
      'metadata[credits]': String(wish.credits),
      // Stripe copies it to the charge, by which a dispute finds its account.
      'payment_intent_data[metadata][account]': wish.account,
      'line_items[0][quantity]': String(wish.credits),
      'line_items[0][price_data][currency]': 'usd',
      'line_items[0][price_data][unit_amount]': String(CENTS_PER_CREDIT),
      'line_items[0][price_data][product_data][name]': 'Portrait credits',
      success_url: wish.returnUrl,
      cancel_url: wish.returnUrl,
      ...(wish.customer !== null && { customer: wish.customer }),
    });
    return sessionSchema().parse(body);
  }

  /** Meters credits that a postpaid customer used. Stripe counts an `identifier` once. */
  async meter(use: { customer: string; credits: number; identifier: string; at: number }): Promise<void> {
    await this.#post('/v1/billing/meter_events', use.identifier, {
      event_name: 'portrait_credits',
      identifier: use.identifier,
      timestamp: String(Math.floor(use.at / 1000)),
      'payload[stripe_customer_id]': use.customer,
      'payload[value]': String(use.credits),
    });
  }

  /** The account that a charge was for; null for a charge that this service did not make. */
  async accountOfCharge(charge: string): Promise<string | null> {
    const found = chargeSchema().safeParse(await this.#ask(`/v1/charges/${encodeURIComponent(charge)}`, {}));
    return found.data?.metadata.account ?? null;
  }

  #post(path: string, idempotencyKey: string, form: Record<string, string>): Promise<unknown> {
    const headers = { 'idempotency-key': idempotencyKey };
    return this.#ask(path, { method: 'POST', headers, body: new URLSearchParams(form) });
  }

  async #ask(path: string, init: RequestInit): Promise<unknown> {
    const response = await fetch(this.#url + path, {
      ...init,
      headers: { ...init.headers, authorization: `Bearer ${this.#key}` },
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    }).catch((error: unknown) => {
      throw new StripeError(`Stripe did not answer ${path}: ${String(error)}`);
    });
    const body = await response.text();
    if (!response.ok)
      throw new StripeError(`Stripe answered ${path} with ${response.status}: ${body.slice(0, 500)}`);
    return JSON.parse(body) as unknown;
  }
}
