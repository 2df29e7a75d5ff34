import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import {
  deliveryListSchema,
  portraitSchema,
  problemSchema,
  signedProvenanceSchema,
  verifyProvenance,
  webhookSchema,
  webhookWithSecretSchema,
} from '../../shared/index.ts';
import { PATIENTLY } from '../edge/harness.ts';
import { ADMIN_TOKEN, startShop, type Shop } from './client.ts';
import { listenOnLoopback } from '../loopback.ts';

const received: { headers: Record<string, string>; body: string }[] = [];
const endpoint = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    received.push({
      headers: request.headers as Record<string, string>,
      body: Buffer.concat(chunks).toString(),
    });
    response.end();
  });
});

let shop: Shop;
let url: string;
beforeAll(async () => {
  url = `http://127.0.0.1:${await listenOnLoopback(endpoint)}/hooks`;
  // Plain http to this machine is for AUTH=off only.
  shop = await startShop({ AUTH: 'off' });
});
afterAll(async () => {
  await shop.close();
  await new Promise((resolve) => endpoint.close(resolve));
});

const body = (prompt: string) => ({ prompt, quality: 'draft', seed: 21, outputs: ['front'] });
const make = async (prompt: string) =>
  portraitSchema().parse((await shop.call('POST', '/v1/portraits', null, body(prompt))).json);
const finished = (id: string) =>
  vi.waitFor(async () => {
    const portrait = portraitSchema().parse((await shop.call('GET', `/v1/portraits/${id}`, null)).json);
    expect(portrait.finished_at).not.toBe(null);
    return portrait;
  }, PATIENTLY);

describe('the whole service', () => {
  it('tells a webhook of a finished portrait, signed, and logs the delivery', async () => {
    const made = await shop.call('POST', '/v1/webhooks', null, { url });
    expect(made.status).toBe(201);
    const { id: webhook, secret } = webhookWithSecretSchema().parse(made.json);
    const { id } = await make('an old man with a hat');
    await finished(id);
    await vi.waitFor(() => expect(received).toHaveLength(1), PATIENTLY);
    const told = new Webhook(secret).verify(received[0]!.body, received[0]!.headers) as {
      type: string;
      data: unknown;
    };
    expect(told.type).toBe('portrait.finished');
    expect(portraitSchema().parse(told.data)).toMatchObject({ id, status: 'succeeded' });

    const path = `/v1/webhooks/${webhook}`;
    const log = await vi.waitFor(async () => {
      const deliveries = deliveryListSchema().parse(
        (await shop.call('GET', `${path}/deliveries`, null)).json,
      ).data;
      expect(deliveries).toMatchObject([{ status: 'delivered', attempts: [{ status: 200 }] }]);
      return deliveries;
    }, PATIENTLY);
    await shop.api(`${path}/deliveries/${log[0]!.id}/replay`, { method: 'POST' });
    await vi.waitFor(() => expect(received).toHaveLength(2), PATIENTLY);
    expect(received[1]!.headers['webhook-id']).toBe(received[0]!.headers['webhook-id']);
    await shop.api(`${path}/ping`, { method: 'POST' });
    await vi.waitFor(() => expect(received).toHaveLength(3), PATIENTLY);
    expect(
      webhookSchema().parse((await shop.call('PATCH', path, null, { enabled: false })).json).enabled,
    ).toBe(false);
    expect((await shop.api(path, { method: 'DELETE' })).status).toBe(204);
    expect(problemSchema().parse((await shop.call('GET', path, null)).json).code).toBe('webhook_not_found');
  });

  it.each([
    'http://example.com/',
    'https://10.0.0.1/',
    'https://[fd00::1]/',
    'https://user:pw@example.com/',
    'https://intranet/',
  ])('refuses a webhook to %s', async (target) => {
    const { status, json } = await shop.call('POST', '/v1/webhooks', null, { url: target });
    expect([status, problemSchema().parse(json).code]).toEqual([422, 'webhook_target_refused']);
  });

  it('has no account, keys or ledger on one machine, and says so', async () => {
    for (const path of ['/v1/account', '/v1/keys', '/v1/ledger', '/v1/usage']) {
      const { status, json } = await shop.call('GET', path, null);
      expect([status, problemSchema().parse(json).code]).toEqual([404, 'account_not_found']);
    }
  });

  it('filters a prompt before anything is done, and notes it without its words', async () => {
    const runs = [...shop.stageServer.starts];
    const portrait = await make('a nude woman');
    expect(portrait).toMatchObject({ status: 'filtered', error: { code: 'content_filtered' } });
    expect(shop.stageServer.starts).toEqual(runs);
  });

  it('signs where a portrait comes from, and takes it down by its id', async () => {
    const { id } = await make('an old woman with a scarf');
    const portrait = await finished(id);
    const { jws } = signedProvenanceSchema().parse(
      (await shop.call('GET', `/v1/portraits/${id}/provenance`, null)).json,
    );
    const { keys } = z
      .object({ keys: z.array(z.object({ x: z.string() })) })
      .parse((await shop.call('GET', '/.well-known/provenance-keys.json', null)).json);
    const manifest = await verifyProvenance(jws, keys[0]!);
    expect(manifest!.assertions[1].data.files.map(({ hash }) => hash)).toEqual(
      portrait.files.map(({ sha256 }) => sha256),
    );

    const order = { portrait: id, reason: 'asked for by the person shown' };
    const down = await shop.api('/v1/admin/takedowns', {
      method: 'POST',
      body: JSON.stringify(order),
      headers: { 'content-type': 'application/json', authorization: `Bearer ${ADMIN_TOKEN}` },
    });
    expect(down.status).toBe(204);
    expect((await shop.call('GET', `/v1/portraits/${id}`, null)).status).toBe(404);
    expect((await shop.api(`/v1/portraits/${id}/files/front.png`)).status).toBe(404);
    // An equal request is not made any more, until the takedown is lifted.
    const { seed } = portrait;
    const again = () =>
      shop.call('POST', '/v1/portraits', null, {
        prompt: ' An old woman with a SCARF',
        seed,
        quality: 'draft',
      });
    await vi.waitFor(
      async () =>
        expect((await again()).json).toMatchObject({
          status: 'filtered',
          error: { code: 'content_filtered' },
        }),
      PATIENTLY,
    );
    const path = `/v1/admin/takedowns/${id}`;
    expect((await shop.call('GET', path, ADMIN_TOKEN)).json).toMatchObject({
      portrait: id,
      reason: order.reason,
    });
    const lifted = { method: 'DELETE', headers: { authorization: `Bearer ${ADMIN_TOKEN}` } };
    expect((await shop.api(path, lifted)).status).toBe(204);
    expect((await shop.api(path, lifted)).status).toBe(404);
    expect((await again()).json).not.toMatchObject({ status: 'filtered' });
    const log = await shop.call('GET', '/v1/admin/audit/system', ADMIN_TOKEN);
    expect(log.json).toMatchObject({
      intact: true,
      data: [
        { action: 'takedown.lifted', actor: 'admin', subject: id },
        { action: 'portrait.taken_down', actor: 'admin', subject: id },
      ],
    });
    expect((await shop.call('GET', '/v1/admin/audit/system', 'p3d_no')).status).toBe(401);
  });
});
