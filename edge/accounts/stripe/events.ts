import * as z from 'zod';
import { CENTS_PER_CREDIT } from '../../../shared/index.ts';

const ACCOUNT = z.string().regex(/^acc_[0-9a-z]{24}$/);

const checkoutSchema = z.object({
  type: z.enum(['checkout.session.completed', 'checkout.session.async_payment_succeeded']),
  data: z.object({
    object: z.object({
      id: z.string(),
      payment_status: z.string(),
      currency: z.string(),
      amount_total: z.number(),
      customer: z.string().nullish(),
      metadata: z.object({ account: ACCOUNT, credits: z.coerce.number().int().positive() }),
    }),
  }),
});

/** An invoice of a subscription whose metadata names the account. */
const invoiceSchema = z.object({
  type: z.literal('invoice.paid'),
  data: z.object({
    object: z.object({
      id: z.string(),
      currency: z.string(),
      amount_paid: z.number(),
      parent: z.object({ subscription_details: z.object({ metadata: z.object({ account: ACCOUNT }) }) }),
    }),
  }),
});

const disputeSchema = z.object({
  type: z.literal('charge.dispute.created'),
  data: z.object({ object: z.object({ id: z.string(), metadata: z.object({ account: ACCOUNT }) }) }),
});

/** What an event of Stripe means for an account. */
export type StripeMeaning =
  | { kind: 'topup' | 'payment'; account: string; ref: string; credits: number; customer: string | null }
  | { kind: 'dispute'; account: string; ref: string };

/**
 * What an event of Stripe means; null for one that means nothing here. Credits are only what was really paid for: a
 * session that is not paid yet means nothing until its payment has succeeded. `ref` names the session or invoice, not
 * the event, because one payment may be told by several events.
 */
export function meaningOf(event: unknown): StripeMeaning | null {
  const checkout = checkoutSchema.safeParse(event);
  if (checkout.success) {
    const { id, payment_status, currency, amount_total, metadata, customer } = checkout.data.data.object;
    const covered = currency === 'usd' && amount_total >= metadata.credits * CENTS_PER_CREDIT;
    if (payment_status !== 'paid' || !covered) return null;
    return {
      kind: 'topup',
      account: metadata.account,
      ref: id,
      credits: metadata.credits,
      customer: customer ?? null,
    };
  }
  const invoice = invoiceSchema.safeParse(event);
  if (invoice.success) {
    const { id, currency, amount_paid, parent } = invoice.data.data.object;
    const credits = Math.floor(amount_paid / CENTS_PER_CREDIT);
    if (currency !== 'usd' || credits === 0) return null;
    const { account } = parent.subscription_details.metadata;
    return { kind: 'payment', account, ref: id, credits, customer: null };
  }
  const dispute = disputeSchema.safeParse(event);
  if (!dispute.success) return null;
  const { id, metadata } = dispute.data.data.object;
  return { kind: 'dispute', account: metadata.account, ref: id };
}
