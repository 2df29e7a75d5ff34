import * as z from 'zod';
import { lazily, CENTS_PER_CREDIT } from '../../../shared/index.ts';

const accountId = () => z.string().regex(/^acc_[0-9a-z]{24}$/);

const checkoutSchema = lazily(() =>
  z.object({
    type: z.enum(['checkout.session.completed', 'checkout.session.async_payment_succeeded']),
    data: z.object({
      object: z.object({
        id: z.string(),
        payment_status: z.string(),
        currency: z.string(),
        amount_total: z.number(),
        customer: z.string().nullish(),
        metadata: z.object({ account: accountId(), credits: z.coerce.number().int().positive() }),
      }),
    }),
  }),
);

/** An invoice of a subscription whose metadata names the account. */
const invoiceSchema = lazily(() =>
  z.object({
    type: z.literal('invoice.paid'),
    data: z.object({
      object: z.object({
        id: z.string(),
        currency: z.string(),
        amount_paid: z.number(),
        parent: z.object({
          subscription_details: z.object({ metadata: z.object({ account: accountId() }) }),
        }),
      }),
    }),
  }),
);

const disputeSchema = lazily(() =>
  z.object({
    type: z.enum(['charge.dispute.created', 'charge.dispute.closed']),
    data: z.object({
      object: z.object({ id: z.string(), charge: z.string(), amount: z.number(), status: z.string() }),
    }),
  }),
);

/** Ends of a dispute that leave the money with the merchant (Stripe's `Dispute.status`). */
const WON = ['won', 'warning_closed', 'prevented'];

/** What an event of Stripe means for an account. */
export type StripeMeaning =
  | { kind: 'topup' | 'payment'; account: string; ref: string; credits: number; customer: string | null }
  /** Whose it is, the charge's metadata tells. */
  | { kind: 'dispute'; charge: string; ref: string; credits: number; status: 'open' | 'won' | 'lost' };

/**
 * What an event of Stripe means; null for one that means nothing here. Credits are only what was really paid for: a
 * session that is not paid yet means nothing until its payment has succeeded. `ref` names the session or invoice, not
 * the event, because one payment may be told by several events.
 */
export function meaningOf(event: unknown): StripeMeaning | null {
  const checkout = checkoutSchema().safeParse(event);
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
  const invoice = invoiceSchema().safeParse(event);
  if (invoice.success) {
    const { id, currency, amount_paid, parent } = invoice.data.data.object;
    const credits = Math.floor(amount_paid / CENTS_PER_CREDIT);
    if (currency !== 'usd' || credits === 0) return null;
    const { account } = parent.subscription_details.metadata;
    return { kind: 'payment', account, ref: id, credits, customer: null };
  }
  const dispute = disputeSchema().safeParse(event);
  if (!dispute.success) return null;
  const { type, data } = dispute.data;
  const { id, charge, amount, status } = data.object;
  const ended = WON.includes(status) ? 'won' : 'lost';
  return {
    kind: 'dispute',
    charge,
    ref: id,
    credits: Math.ceil(amount / CENTS_PER_CREDIT),
    status: type === 'charge.dispute.closed' ? ended : 'open',
  };
}
