import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  portraitRequestSchema,
  portraitSchema,
  priceOf,
  topupSchema,
  usageSchema,
} from '../../shared/index.ts';
import { PATIENTLY } from '../edge/harness.ts';
import { startShop, type Shop } from './client.ts';
import { StripeDouble } from './stripe-double.ts';

const stripe = new StripeDouble();
let shop: Shop;
beforeAll(async () => {
  await stripe.listen();
  shop = await startShop(stripe.vars);
});
afterAll(async () => {
  await shop.close();
  await stripe.close();
});

const send = ({ payload, signature }: { payload: string; signature: string }) =>
  shop.api('/v1/stripe/events', {
    method: 'POST',
    body: payload,
    headers: { 'stripe-signature': signature },
  });

describe('a top-up by Stripe', () => {
  it('is a payment page, and credits once it is paid, however often Stripe tells', async () => {
    const { token, id } = await shop.open();
    const { status, json } = await shop.call('POST', '/v1/topups', token, { credits: 1500 });
    expect(status).toBe(201);
    const topup = topupSchema().parse(json);
    expect(topup).toMatchObject({ credits: 1500, usd: '15.00' });
    const session = stripe.sessions.get(topup.id)!;
    expect(session).toMatchObject({ amount_total: 1500, currency: 'usd', client_reference_id: id });
    expect(topup.url).toBe(session.url);

    expect((await send(stripe.event('checkout.session.completed', session))).status).toBe(200);
    expect((await shop.credits(token)).available).toBe(0);
    const paid = { ...session, payment_status: 'paid' };
    const event = stripe.event('checkout.session.completed', paid);
    for (const told of [event, event, stripe.event('checkout.session.async_payment_succeeded', paid)])
      expect((await send(told)).status).toBe(200);
    expect((await shop.credits(token)).available).toBe(1500);
    expect(await shop.ledger(token)).toMatchObject([{ kind: 'topup', id: `topup:${topup.id}` }]);
  });

  it('is never what Stripe did not sign, signed long ago, or was not paid for', async () => {
    const { token, id } = await shop.open();
    const object = {
      id: 'cs_test_forged',
      payment_status: 'paid',
      currency: 'usd',
      amount_total: 900,
      metadata: { account: id, credits: '900' },
    };
    const { payload, signature } = stripe.event('checkout.session.completed', object);
    const old = stripe.event('checkout.session.completed', object, Math.floor(Date.now() / 1000) - 301);
    for (const forged of [
      { payload: payload.replace('900', '901'), signature },
      { payload, signature: signature.replace(/v1=./, 'v1=x') },
      { payload, signature: '' },
      old,
    ])
      expect((await send(forged)).status).toBe(403);
    for (const change of [{ amount_total: 899 }, { currency: 'jpy' }, { payment_status: 'unpaid' }])
      await send(stripe.event('checkout.session.completed', { ...object, ...change }));
    expect((await shop.credits(token)).available).toBe(0);
  });

  it('says so while Stripe is away', async () => {
    const { token } = await shop.open();
    stripe.away = true;
    const { status, json } = await shop.call('POST', '/v1/topups', token, { credits: 1000 });
    stripe.away = false;
    expect([status, (json as { code: string }).code]).toEqual([503, 'payments_unavailable']);
  });

  it('that is disputed is taken back and suspends the account, until the dispute is won', async () => {
    const { token } = await shop.open();
    const topup = topupSchema().parse((await shop.call('POST', '/v1/topups', token, { credits: 700 })).json);
    const paid = stripe.pay(topup.id);
    await send(stripe.event('checkout.session.completed', paid.session));
    const balance = async () => (await shop.call('GET', '/v1/account', token)).status;

    const dispute = { id: 'dp_1', charge: paid.charge, amount: 700, status: 'needs_response', metadata: {} };
    const created = stripe.event('charge.dispute.created', dispute);
    stripe.away = true;
    expect((await send(created)).status).toBe(503);
    stripe.away = false;
    for (const told of [created, created]) expect((await send(told)).status).toBe(200);
    expect(await balance()).toBe(403);

    await send(stripe.event('charge.dispute.closed', { ...dispute, status: 'won' }));
    // One that is late changes nothing any more.
    await send(created);
    expect(await balance()).toBe(200);
    expect((await shop.credits(token)).available).toBe(700);
    expect(await shop.ledger(token)).toMatchObject([
      {
        kind: 'dispute_won',
        id: 'dispute_won:dp_1',
        lines: expect.arrayContaining([{ book: 'available', credits: 700 }]),
      },
      {
        kind: 'dispute',
        id: 'dispute:dp_1',
        lines: expect.arrayContaining([{ book: 'available', credits: -700 }]),
      },
      { kind: 'topup' },
    ]);

    const second = { ...dispute, id: 'dp_2' };
    await send(stripe.event('charge.dispute.created', second));
    await send(stripe.event('charge.dispute.closed', { ...second, status: 'lost' }));
    expect(await balance()).toBe(403);
  });

  it('of somebody else that is disputed means nothing', async () => {
    const foreign = { id: 'dp_3', charge: 'ch_of_another_shop', amount: 700, status: 'lost', metadata: {} };
    expect((await send(stripe.event('charge.dispute.created', foreign))).status).toBe(200);
  });
});

const body = (seed: number) => ({ prompt: 'an old man', quality: 'draft', seed, outputs: ['front'] });
const price = priceOf(portraitRequestSchema().parse(body(0)));
const make = async (token: string, seed: number) =>
  portraitSchema().parse((await shop.call('POST', '/v1/portraits', token, body(seed))).json);
const ended = (token: string, id: string) =>
  vi.waitFor(async () => {
    const portrait = portraitSchema().parse((await shop.call('GET', `/v1/portraits/${id}`, token)).json);
    expect(portrait.finished_at).not.toBe(null);
    return portrait;
  }, PATIENTLY);

it('too small a top-up is refused, and says how large it has to be', async () => {
  const { token } = await shop.open();
  const { status, json } = await shop.call('POST', '/v1/topups', token, { credits: 1 });
  expect([status, json]).toEqual([
    422,
    expect.objectContaining({ detail: 'credits must be a whole number from 500 to 1000000.' }),
  ]);
});

describe('a portrait', () => {
  it('is charged when it succeeds, once; the same again costs nothing', async () => {
    const { token, key } = await shop.open({ credits: 50 });
    const { id } = await make(token, 11);
    expect((await ended(token, id)).status).toBe('succeeded');
    const settled = { available: 50 - price, reserved: 0, invoiced: 0 };
    await vi.waitFor(async () => expect(await shop.credits(token)).toEqual(settled), PATIENTLY);
    const again = await make(token, 11);
    await ended(token, again.id);
    await vi.waitFor(async () => expect((await shop.credits(token)).reserved).toBe(0), PATIENTLY);
    expect(await shop.credits(token)).toEqual(settled);
    const usage = usageSchema().parse((await shop.call('GET', '/v1/usage', token)).json).data;
    expect(usage.reduce((sum, { credits }) => sum + credits, 0)).toBe(price);
    expect(new Set(usage.map((row) => row.key))).toEqual(new Set([key]));
  });

  it('costs nothing when it is cancelled or fails', async () => {
    const { token } = await shop.open({ credits: 50 });
    shop.stageServer.held = 'imagine';
    const { id } = await make(token, 12);
    expect((await shop.credits(token)).reserved).toBe(price);
    await shop.call('POST', `/v1/portraits/${id}/cancel`, token);
    shop.stageServer.held = null;
    await vi.waitFor(
      async () => expect(await shop.credits(token)).toEqual({ available: 50, reserved: 0, invoiced: 0 }),
      PATIENTLY,
    );
    expect((await shop.ledger(token)).map(({ kind }) => kind)).toEqual(['release', 'reserve', 'grant']);
  });

  it('is refused without credits, before anything is done', async () => {
    const { token } = await shop.open({ credits: 1 });
    const { status, json } = await shop.call('POST', '/v1/portraits', token, body(13));
    expect([status, (json as { code: string }).code]).toEqual([402, 'insufficient_credits']);
  });

  it('of a postpaid account is metered at Stripe, once', async () => {
    const { token } = await shop.open({
      billing: 'postpaid',
      invoice_limit: 100,
      stripe_customer: 'cus_shop',
    });
    const { id } = await make(token, 14);
    await ended(token, id);
    const meter = await vi.waitFor(() => {
      expect(stripe.meters.has(id)).toBe(true);
      return stripe.meters.get(id)!;
    }, PATIENTLY);
    expect(Object.fromEntries(meter)).toMatchObject({
      event_name: 'portrait_credits',
      'payload[stripe_customer_id]': 'cus_shop',
      'payload[value]': String(price),
    });
    expect((await shop.credits(token)).invoiced).toBe(price);
    const account = (await shop.call('GET', '/v1/account', token)).json as { id: string };
    const invoice = {
      id: 'in_1',
      currency: 'usd',
      amount_paid: price,
      parent: { subscription_details: { metadata: { account: account.id } } },
    };
    for (let times = 0; times < 2; times++) await send(stripe.event('invoice.paid', invoice));
    expect(await shop.credits(token)).toEqual({ available: 0, reserved: 0, invoiced: 0 });
  });
});
