import * as z from 'zod';
import { lazily } from '../../../shared/index.ts';
import type { Env } from '../../env.ts';
import { settlementSchema, type Payment, type Settlement, type Terms } from './protocol.ts';

const ANSWER_WITHIN_MS = 30_000;

const verificationSchema = lazily(() =>
  z.looseObject({
    isValid: z.boolean(),
    invalidReason: z.string().optional(),
    payer: z.string().optional(),
  }),
);
export type Verification = z.output<ReturnType<typeof verificationSchema>>;

/** The facilitator that checks payments and puts them on the chain. */
export class Facilitator {
  readonly #url: string;
  readonly #token: string | undefined;

  constructor(env: Env) {
    this.#url = env.X402_FACILITATOR!;
    this.#token = env.X402_FACILITATOR_TOKEN;
  }

  /** Whether a payment is good for the terms. @throws Error where there is no answer. */
  verify(payment: Payment, terms: Terms): Promise<Verification> {
    return this.#post('/verify', payment, terms, verificationSchema());
  }

  /** Takes the payment. @throws Error where there is no answer: then its outcome is unknown. */
  settle(payment: Payment, terms: Terms): Promise<Settlement> {
    return this.#post('/settle', payment, terms, settlementSchema());
  }

  async #post<T>(path: string, payment: Payment, terms: Terms, schema: z.ZodType<T>): Promise<T> {
    const response = await fetch(this.#url.replace(/\/$/, '') + path, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(this.#token && { authorization: `Bearer ${this.#token}` }),
      },
      body: JSON.stringify({ x402Version: 2, paymentPayload: payment, paymentRequirements: terms }),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    const body = schema.safeParse(await response.json().catch(() => null));
    // Facilitators refuse with 4xx and the same body.
    if (!body.success) throw new Error(`the facilitator answered ${path} with ${response.status}`);
    return body.data;
  }
}
