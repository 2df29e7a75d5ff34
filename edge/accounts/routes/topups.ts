import { createRoute, Routes } from '../../api/route.ts';
import { topupRequestSchema, topupSchema, usdOf } from '../../../shared/index.ts';
import { jsonBody, problemAnswers } from '../../api/answers.ts';
import { ProblemError } from '../../api/problem-error.ts';
import type { Env } from '../../env.ts';
import { log } from '../../observability/log.ts';
import { audit } from '../../safety/index.ts';
import { accountOf } from '../account-of.ts';
import { guard } from '../guard.ts';
import { BODY_PROBLEMS, smallBody } from '../small-body.ts';
import { Stripe, StripeError } from '../stripe/client.ts';
import { meaningOf, type StripeMeaning } from '../stripe/events.ts';
import { isFromStripe } from '../stripe/signature.ts';

const topUp = createRoute('post', '/v1/topups', () => ({
  id: 'createTopup',
  summary: 'Buy credits: answers with a payment page',
  request: { body: jsonBody(topupRequestSchema()) },
  responses: {
    201: {
      description: 'Lead the payer to `url`.',
      content: { 'application/json': { schema: topupSchema() } },
    },
    ...problemAnswers(
      'unauthorized',
      'insufficient_scope',
      'account_not_found',
      ...BODY_PROBLEMS,
      'rate_limited',
      'payments_unavailable',
    ),
  },
}));

/** `/v1/topups`, and `/v1/stripe/events`, to which Stripe sends its webhooks. */
export function topupRoutes(): Routes {
  const routes = new Routes();
  routes.use('/v1/topups', guard('account:read', 'account:write'));

  routes.answer(topUp, async (c) => {
    const { account } = c.get('principal');
    const { credits, return_url } = c.req.valid('json');
    const record = await accountOf(c.env, account).get();
    if (!record) throw new ProblemError('account_not_found', `There is no account ${account}.`);
    const stripe = Stripe.of(c.env);
    if (!stripe)
      throw new ProblemError(
        'payments_unavailable',
        'This service sells no credits: STRIPE_SECRET_KEY is not set.',
        { headers: { 'retry-after': '86400' } },
      );
    try {
      const { id, url } = await stripe.createCheckout({
        account,
        customer: record.stripeCustomer,
        credits,
        returnUrl: return_url ?? new URL('/', c.req.url).href,
        idempotencyKey: c.req.header('idempotency-key') ?? crypto.randomUUID(),
      });
      return c.json({ object: 'topup' as const, id, credits, usd: usdOf(credits), url }, 201);
    } catch (error) {
      if (!(error instanceof StripeError)) throw error;
      console.error(error.message);
      throw new ProblemError('payments_unavailable', 'The payment page could not be made.', {
        headers: { 'retry-after': '60' },
      });
    }
  });

  routes.post('/v1/stripe/events', smallBody, async (c) => {
    const { STRIPE_WEBHOOK_SECRET: secret } = c.env;
    if (!secret) throw new ProblemError('route_not_found', 'STRIPE_WEBHOOK_SECRET is not set.');
    const body = await c.req.text();
    if (!(await isFromStripe(secret, c.req.header('stripe-signature'), body, Date.now())))
      throw new ProblemError(
        'invalid_signature',
        'The event is not signed by Stripe, or was signed too long ago.',
      );
    const meaning = meaningOf(JSON.parse(body));
    try {
      if (meaning) await take(c.env, meaning);
    } catch (error) {
      // Stripe sends the event again.
      if (!(error instanceof StripeError)) throw error;
      log('warn', 'stripe.away', { reason: error.message });
      throw new ProblemError('payments_unavailable', 'Stripe did not tell whose charge it is.', {
        headers: { 'retry-after': '60' },
      });
    }
    return c.json({ received: true }, 200);
  });

  return routes;
}

/** Does what an event of Stripe means, once. */
async function take(env: Env, meaning: StripeMeaning): Promise<void> {
  if (meaning.kind === 'dispute') return takeDispute(env, meaning);
  const { kind, account: id, ref, credits, customer } = meaning;
  const account = accountOf(env, id);
  if (customer !== null) await account.change({ stripeCustomer: customer });
  if (await account.fund(kind, ref, credits))
    await audit(env, id, {
      action: `credits.${kind}`,
      actor: 'stripe',
      subject: id,
      detail: `${credits} by ${ref}`,
    });
}

/** A dispute names its charge, and the charge's metadata the account. One of somebody else's charges means nothing. */
async function takeDispute(
  env: Env,
  { charge, ref, credits, status }: Extract<StripeMeaning, { kind: 'dispute' }>,
): Promise<void> {
  const id = await Stripe.of(env)?.accountOfCharge(charge);
  if (!id) return log('warn', 'stripe.dispute_of_nobody', { dispute: ref });
  if (await accountOf(env, id).dispute(ref, status, credits))
    await audit(env, id, {
      action: `dispute.${status}`,
      actor: 'stripe',
      subject: id,
      detail: `${credits} by ${ref}`,
    });
}
