import { env } from 'cloudflare:workers';
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { newId } from '../ids.ts';
import type { Env } from '../env.ts';
import { notify } from './notify.ts';
import type { Webhooks } from './webhooks.ts';

const bindings = env as unknown as Env;

/** What the endpoint was sent, and how it answers. */
let received: { headers: Headers; body: string; redirect: string | undefined }[];
let answer: () => Response;
/** What names lead to. */
let addresses: Record<string, string[]>;

let account: string;
let webhooks: DurableObjectStub<Webhooks>;

beforeEach(() => {
  received = [];
  answer = () => new Response('ok');
  addresses = { 'hooks.example': ['93.184.215.14'] };
  account = newId('acc');
  webhooks = bindings.WEBHOOKS.getByName(account);
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const url = new URL(String(input));
    if (url.hostname === 'cloudflare-dns.com') {
      const found =
        url.searchParams.get('type') === 'A' ? (addresses[url.searchParams.get('name')!] ?? []) : [];
      return Response.json({ Status: 0, Answer: found.map((data) => ({ type: 1, data })) });
    }
    received.push({
      headers: new Headers(init!.headers),
      body: String(init!.body),
      redirect: init!.redirect,
    });
    return answer();
  });
});
afterEach(() => vi.restoreAllMocks());

const made = async (events: ('portrait.created' | 'portrait.finished')[] = ['portrait.finished']) =>
  (await webhooks.add({ url: 'https://hooks.example/in', events, description: '' }))!;

const event = (id: string, type = 'portrait.finished') => ({
  id,
  type,
  created_at: '2026-01-01T00:00:00.000Z',
  data: { id: 'prt_1' },
});

/** Makes what waits due now, and sends it. */
async function sendDue() {
  await runInDurableObject(webhooks, (_, state) => {
    state.storage.sql.exec('UPDATE deliveries SET due = 0 WHERE due IS NOT NULL');
  });
  await runInDurableObject(webhooks, (instance: Webhooks) => instance.alarm());
}
const log = async (id: string) => (await webhooks.deliveries(id, null, 10))!.map(({ delivery }) => delivery);

describe('the webhooks of an account', () => {
  it('get each event once, signed, as Standard Webhooks has it', async () => {
    const { webhook, secret } = await made();
    await notify(bindings, account, [event('evt_1')]);
    await notify(bindings, account, [event('evt_1')]);
    await runDurableObjectAlarm(webhooks);
    await vi.waitFor(() => expect(received).toHaveLength(1));
    const [{ headers, body, redirect }] = received as [(typeof received)[0]];
    expect(new Webhook(secret).verify(body, Object.fromEntries(headers))).toEqual({
      type: 'portrait.finished',
      timestamp: '2026-01-01T00:00:00.000Z',
      data: { id: 'prt_1' },
    });
    expect(headers.get('webhook-id')).toBe('evt_1');
    expect(redirect).toBe('manual');
    await vi.waitFor(async () =>
      expect(await log(webhook.id)).toMatchObject([
        {
          event: 'evt_1',
          status: 'delivered',
          tries: 1,
          next_at: null,
          attempts: [{ status: 200, error: null }],
        },
      ]),
    );
    await sendDue();
    expect(received).toHaveLength(1);
  });

  it('get only what they asked for', async () => {
    await made(['portrait.created']);
    await notify(bindings, account, [event('evt_1', 'portrait.finished')]);
    await notify(bindings, account, [event('evt_2', 'portrait.progress')]);
    await notify(bindings, account, [event('evt_3', 'portrait.created')]);
    await sendDue();
    expect(received.map(({ headers }) => headers.get('webhook-id'))).toEqual(['evt_3']);
  });

  it('are tried ten times, and no more', async () => {
    answer = () => new Response(null, { status: 500 });
    const { webhook } = await made();
    await notify(bindings, account, [event('evt_1')]);
    for (let tries = 0; tries < 12; tries++) await sendDue();
    expect(received).toHaveLength(10);
    expect(await log(webhook.id)).toMatchObject([{ status: 'failed', tries: 10, next_at: null }]);
    expect((await webhooks.get(webhook.id))!.enabled).toBe(true);
    expect(await runInDurableObject(webhooks, (_, state) => state.storage.getAlarm())).toBe(null);
  });

  it('are disabled by 410, with all that waits, until they are enabled again', async () => {
    answer = () => new Response(null, { status: 500 });
    const { webhook } = await made();
    await notify(bindings, account, [event('evt_1')]);
    await sendDue();
    answer = () => new Response(null, { status: 410 });
    await notify(bindings, account, [event('evt_2')]);
    await sendDue();
    expect(await webhooks.get(webhook.id)).toMatchObject({
      enabled: false,
      disabled_reason: 'The endpoint answered 410 Gone.',
    });
    expect((await log(webhook.id)).map(({ status }) => status)).toEqual(['failed', 'failed']);
    await notify(bindings, account, [event('evt_3')]);
    await sendDue();
    expect(received.length).toBeLessThanOrEqual(3);
    expect(await webhooks.change(webhook.id, { enabled: true })).toMatchObject({
      enabled: true,
      disabled_reason: null,
    });
  });

  it('can have a delivery again', async () => {
    const { webhook } = await made();
    await notify(bindings, account, [event('evt_1')]);
    await sendDue();
    const { id } = (await log(webhook.id))[0]!;
    expect(await webhooks.replay(webhook.id, id)).toBe(true);
    await sendDue();
    expect(received).toHaveLength(2);
    expect(received[1]!.headers.get('webhook-id')).toBe('evt_1');
    expect(await webhooks.replay(webhook.id, 'dlv_unknown')).toBe(false);
  });

  it('are signed with both secrets during a rotation, and then with the new one only', async () => {
    const { webhook, secret: former } = await made();
    const { secret } = (await webhooks.rotate(webhook.id, 60_000))!;
    await notify(bindings, account, [event('evt_1')]);
    await sendDue();
    for (const known of [former, secret])
      new Webhook(known).verify(received[0]!.body, Object.fromEntries(received[0]!.headers));
    await webhooks.rotate(webhook.id, 0);
    await notify(bindings, account, [event('evt_2')]);
    await sendDue();
    expect(() =>
      new Webhook(secret).verify(received[1]!.body, Object.fromEntries(received[1]!.headers)),
    ).toThrow('No matching signature');
  });

  it('never reach a private address, not even one that a name leads to later', async () => {
    const { webhook } = await made();
    addresses = { 'hooks.example': ['93.184.215.14', '169.254.169.254'] };
    await notify(bindings, account, [event('evt_1')]);
    await sendDue();
    expect(received).toHaveLength(0);
    expect((await log(webhook.id))[0]!.attempts[0]).toMatchObject({
      status: null,
      error: expect.stringContaining('169.254.169.254'),
    });
  });

  it('count a redirect as a failure', async () => {
    answer = () => new Response(null, { status: 302, headers: { location: 'http://127.0.0.1/' } });
    const { webhook } = await made();
    await notify(bindings, account, [event('evt_1')]);
    await sendDue();
    expect((await log(webhook.id))[0]).toMatchObject({
      status: 'pending',
      attempts: [{ status: 302, error: 'Redirects are not followed.' }],
    });
  });

  it('leave nothing behind where there are none', async () => {
    await notify(bindings, account, [event('evt_1')]);
    const tables = await runInDurableObject(webhooks, (_, state) =>
      state.storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'webhooks'").toArray(),
    );
    expect(tables).toEqual([]);
  });
});

it('keeps secrets sealed, and seals one of earlier versions at its next delivery', async () => {
  const { webhook, secret } = await made();
  const stored = () =>
    runInDurableObject(webhooks, (_, state) => {
      const { record } = state.storage.sql.exec<{ record: string }>('SELECT record FROM webhooks').one();
      return record;
    });
  expect(await stored()).not.toContain(secret);
  await runInDurableObject(webhooks, (_, state) => {
    state.storage.sql.exec("UPDATE webhooks SET record = json_set(record, '$.secret', ?)", secret);
  });
  expect(await stored()).toContain(secret);
  await webhooks.publish(event('evt_1'));
  await sendDue();
  const { headers, body } = received[0]!;
  new Webhook(secret).verify(body, Object.fromEntries(headers));
  expect(await stored()).not.toContain(secret);
  expect((await webhooks.deliveries(webhook.id, null, 1))![0]!.delivery.status).toBe('delivered');
});
