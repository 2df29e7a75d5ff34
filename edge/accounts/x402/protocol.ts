import * as z from 'zod';
import { lazily } from '../../../shared/index.ts';
import type { Env } from '../../env.ts';

/** Headers of x402 version 2; each holds base64 of JSON. */
export const PAYMENT_REQUIRED = 'payment-required';
export const PAYMENT_SIGNATURE = 'payment-signature';
export const PAYMENT_RESPONSE = 'payment-response';

/** Atomic units (10⁻⁶ US dollars) of the stablecoin that one credit of one cent costs. */
const UNITS_PER_CREDIT = 10_000;
/** How long a payment may take from its signature to its settlement, seconds. */
const TIMEOUT_S = 300;

/** USDC on Base. */
const DEFAULTS = {
  network: 'eip155:8453',
  asset: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
  name: 'USD Coin',
  version: '2',
};

export const termsSchema = lazily(() =>
  z.object({
    scheme: z.literal('exact'),
    network: z.string(),
    amount: z.string(),
    asset: z.string(),
    payTo: z.string(),
    maxTimeoutSeconds: z.int(),
    extra: z.record(z.string(), z.unknown()),
  }),
);
/** What has to be paid, how and to whom (`PaymentRequirements`). */
export type Terms = z.output<ReturnType<typeof termsSchema>>;

export const paymentSchema = lazily(() =>
  z.looseObject({
    x402Version: z.literal(2),
    accepted: termsSchema(),
    payload: z.record(z.string(), z.unknown()),
  }),
);
/** A signed payment (`PaymentPayload`). */
export type Payment = z.output<ReturnType<typeof paymentSchema>>;

export const settlementSchema = lazily(() =>
  z.object({
    success: z.boolean(),
    errorReason: z.string().optional(),
    payer: z.string().optional(),
    transaction: z.string(),
    network: z.string(),
    amount: z.string().optional(),
  }),
);
/** The receipt of a settled payment (`SettleResponse`). */
export type Settlement = z.output<ReturnType<typeof settlementSchema>>;

/** The terms of a price; null where the worker takes no such payments (`X402_PAY_TO` is not set). */
export function termsOf(env: Env, credits: number): Terms | null {
  if (!env.X402_PAY_TO || !env.X402_FACILITATOR) return null;
  return {
    scheme: 'exact',
    network: env.X402_NETWORK ?? DEFAULTS.network,
    amount: String(credits * UNITS_PER_CREDIT),
    asset: env.X402_ASSET ?? DEFAULTS.asset,
    payTo: env.X402_PAY_TO,
    maxTimeoutSeconds: TIMEOUT_S,
    extra: {
      name: env.X402_ASSET_NAME ?? DEFAULTS.name,
      version: env.X402_ASSET_VERSION ?? DEFAULTS.version,
    },
  };
}

/** The value of {@link PAYMENT_REQUIRED}. */
export function requiredHeader(terms: Terms, url: string, error: string): string {
  const resource = { url, description: 'A 360° 3D portrait of a prompt.', mimeType: 'application/json' };
  return encodeHeader({ x402Version: 2, error, resource, accepts: [terms] });
}

/** JSON as base64 of its UTF-8. */
export function encodeHeader(value: unknown): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(value))));
}

/** The payment that a header holds; null where it holds none. */
export function decodePayment(header: string): Payment | null {
  try {
    const bytes = Uint8Array.from(atob(header), (character) => character.charCodeAt(0));
    return paymentSchema().safeParse(JSON.parse(new TextDecoder().decode(bytes))).data ?? null;
  } catch {
    // Neither base64 nor JSON: no payment.
    return null;
  }
}

/** Who a payment says it is from (EIP-3009 or Permit2); null where it does not say. */
export function claimedPayer({ payload }: Payment): string | null {
  for (const part of [payload.authorization, payload.permit2Authorization]) {
    const from = z.object({ from: z.string() }).safeParse(part);
    if (from.success) return from.data.from;
  }
  return null;
}
