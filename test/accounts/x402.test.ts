import { ExactEvmScheme } from '@x402/evm';
import { decodePaymentResponseHeader, wrapFetchWithPaymentFromConfig } from '@x402/fetch';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { portraitSchema, problemSchema } from '../../shared/index.ts';
import { PATIENTLY } from '../edge/harness.ts';
import { startShop, type Shop } from './client.ts';
import { FacilitatorDouble, NETWORK } from './facilitator-double.ts';

const facilitator = new FacilitatorDouble();
let shop: Shop;
beforeAll(async () => {
  await facilitator.listen();
  shop = await startShop(facilitator.vars);
});
afterAll(async () => {
  await shop.close();
  await facilitator.close();
});
afterEach(() => {
  shop.stageServer.held = null;
});

const body = (seed: number) =>
  JSON.stringify({ prompt: 'an old man', quality: 'draft', seed, outputs: ['front'] });
const request = (seed: number, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  body: body(seed),
  headers: { 'content-type': 'application/json', ...headers },
});
const PRICE = 3;

/** A caller with a wallet, the x402 project's own client, and the requests it sent. */
function payer() {
  const sent: Request[] = [];
  const recording: typeof fetch = async (input, init) => {
    const asked = new Request(input, init);
    sent.push(asked.clone());
    return fetch(asked);
  };
  const client = new ExactEvmScheme(privateKeyToAccount(generatePrivateKey()));
  const pay = wrapFetchWithPaymentFromConfig(recording, { schemes: [{ network: NETWORK, client }] });
  return { sent, make: (seed: number) => pay(new URL('/v1/portraits', shop.url), request(seed)) };
}

const credits = (key: string) => shop.credits(key);

describe('paying for one call', () => {
  it('is asked for with terms that tell the price', async () => {
    const response = await shop.api('/v1/portraits', request(1));
    expect(response.status).toBe(402);
    expect(problemSchema().parse(await response.json()).code).toBe('payment_required');
    const terms = JSON.parse(atob(response.headers.get('payment-required')!)) as {
      x402Version: number;
      accepts: { amount: string; scheme: string }[];
    };
    expect(terms).toMatchObject({
      x402Version: 2,
      accepts: [{ scheme: 'exact', amount: String(PRICE * 10_000) }],
    });
  });

  it('makes the portrait, with a receipt and a key to it; the same payment again is the same request', async () => {
    const { make, sent } = payer();
    const response = await make(2);
    expect(response.status).toBeLessThan(300);
    const receipt = decodePaymentResponseHeader(response.headers.get('payment-response')!);
    expect(receipt).toMatchObject({ success: true, network: NETWORK });
    const { id } = portraitSchema().parse(await response.json());
    const key = response.headers.get('portrait-key')!;
    await vi.waitFor(async () => {
      const portrait = portraitSchema().parse((await shop.call('GET', `/v1/portraits/${id}`, key)).json);
      expect(portrait.status).toBe('succeeded');
    }, PATIENTLY);

    const again = await fetch(sent.at(-1)!.clone());
    expect(portraitSchema().parse(await again.json()).id).toBe(id);
    expect(again.headers.get('portrait-key')).toBe(key);
    const paid = [...facilitator.settled.values()].filter(({ from }) => from === receipt.payer);
    expect(paid.map(({ value }) => value)).toEqual([String(PRICE * 10_000)]);
  });

  it('gives credits back to the payer when the portrait is cancelled', async () => {
    shop.stageServer.held = 'imagine';
    const response = await payer().make(3);
    const { id } = portraitSchema().parse(await response.json());
    const key = response.headers.get('portrait-key')!;
    expect((await credits(key)).reserved).toBe(PRICE);
    await shop.call('POST', `/v1/portraits/${id}/cancel`, key);
    await vi.waitFor(async () => expect((await credits(key)).available).toBe(PRICE), PATIENTLY);
  });

  it('takes nothing for a forged payment, other terms, or a request that would be refused', async () => {
    const before = facilitator.settled.size;
    const { make, sent } = payer();
    shop.stageServer.held = 'imagine';
    await make(4);
    const header = sent.at(-1)!.headers.get('payment-signature')!;
    const payment = JSON.parse(atob(header)) as {
      accepted: { amount: string };
      payload: { authorization: { nonce: string } };
    };
    const forged = structuredClone(payment);
    forged.payload.authorization.nonce = `0x${'1'.repeat(64)}`;
    const cheap = structuredClone(payment);
    cheap.accepted.amount = '1';
    for (const wrong of [forged, cheap, 'nonsense']) {
      const text = typeof wrong === 'string' ? wrong : btoa(JSON.stringify(wrong));
      const response = await shop.api('/v1/portraits', request(4, { 'payment-signature': text }));
      expect(response.status).toBe(402);
      expect(problemSchema().parse(await response.json()).code).toBe('payment_invalid');
      expect(response.headers.has('payment-required')).toBe(true);
    }
    const filtered = await shop.api('/v1/portraits', {
      ...request(4),
      body: JSON.stringify({ prompt: 'a nude woman' }),
    });
    expect(problemSchema().parse(await filtered.json()).code).toBe('content_filtered');
    expect(facilitator.settled.size).toBe(before + 1);
  });

  it('never takes a payment twice, nor gives it away, when the answer to it was lost', async () => {
    const { make, sent } = payer();
    facilitator.loseAnswer = true;
    const response = await make(5);
    expect(response.status).toBe(502);
    expect(problemSchema().parse(await response.json()).code).toBe('payment_unsettled');
    const settled = facilitator.settled.size;
    const again = await fetch(sent.at(-1)!.clone());
    expect(problemSchema().parse(await again.json()).code).toBe('payment_unsettled');
    expect(facilitator.settled.size).toBe(settled);
  });
});
