import { env } from 'cloudflare:workers';
import { createExecutionContext } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { problemSchema } from '../../shared/index.ts';
import { createApp } from '../api/app.ts';
import type { Env } from '../env.ts';
import { newId } from '../ids.ts';
import { newToken } from './api-key.ts';
import { addressOf } from './failed-attempts.ts';

const ADMIN_TOKEN = 'an-operator-token-that-only-these-tests-know';
const METRICS_TOKEN = 'a-metrics-token-that-only-these-tests-know';
const bindings: Env = {
  ...(env as unknown as Env),
  AUTH: undefined,
  ADMIN_TOKEN,
  METRICS_TOKEN,
  FAILED_ATTEMPTS_PER_MINUTE: '3',
};
const app = createApp();

async function call(path: string, address: string, token: string | null, method = 'GET', body?: object) {
  const headers = {
    'cf-connecting-ip': address,
    ...(token !== null && { authorization: `Bearer ${token}` }),
    ...(body && { 'content-type': 'application/json' }),
  };
  const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
  return app.request(`https://api.example${path}`, init, bindings, createExecutionContext());
}

async function statuses(count: number, path: string, address: string, token: string | null) {
  const seen: number[] = [];
  for (let i = 0; i < count; i++) seen.push((await call(path, address, token)).status);
  return seen;
}

async function goodKey(): Promise<string> {
  const opened = await call('/v1/admin/accounts', '192.0.2.1', ADMIN_TOKEN, 'POST', {
    name: 'A shop',
    credits: 5,
  });
  return ((await opened.json()) as { key: { token: string } }).key.token;
}

const madeUp = () => newToken('live', newId('acc'));

describe('refused keys', () => {
  it('hold their address off after too many, and tell how it stands', async () => {
    const first = await call('/v1/portraits', '198.51.100.1', madeUp());
    expect(first.status).toBe(401);
    expect(first.headers.get('ratelimit-policy')).toBe('"failed-attempts";q=3;w=60');
    expect(first.headers.get('ratelimit')).toMatch(/^"failed-attempts";r=2;t=\d+$/);
    expect(await statuses(2, '/v1/account', '198.51.100.1', 'sk_nonsense')).toEqual([401, 401]);
    const refused = await call('/v1/portraits', '198.51.100.1', madeUp());
    expect(refused.status).toBe(429);
    expect(problemSchema().parse(await refused.json()).code).toBe('rate_limited');
    const seconds = Number(refused.headers.get('retry-after'));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(refused.headers.get('ratelimit')).toBe(`"failed-attempts";r=0;t=${seconds}`);
  });

  it('hold off good ones from that address, so that nothing is found out by trying, and nobody else', async () => {
    const key = await goodKey();
    expect(await statuses(4, '/v1/account', '198.51.100.2', madeUp())).toEqual([401, 401, 401, 429]);
    expect((await call('/v1/account', '198.51.100.2', key)).status).toBe(429);
    expect((await call('/v1/account', '198.51.100.3', key)).status).toBe(200);
  });

  it('are not the requests that bring none, nor those of good ones', async () => {
    expect(await statuses(6, '/v1/account', '198.51.100.4', null)).toEqual(Array(6).fill(401));
    expect(await statuses(6, '/v1/account', '198.51.100.4', await goodKey())).toEqual(Array(6).fill(200));
  });
});

describe("the operator's tokens", () => {
  it('cannot be guessed any faster', async () => {
    for (const [path, token] of [
      ['/v1/admin/audit/system', ADMIN_TOKEN],
      ['/metrics', METRICS_TOKEN],
    ] as const) {
      const address = path.startsWith('/v1') ? '203.0.113.5' : '203.0.113.6';
      expect(await statuses(5, path, address, 'a guess')).toEqual([401, 401, 401, 429, 429]);
      const right = await call(path, address, token);
      expect([right.status, Number(right.headers.get('retry-after')) > 0]).toEqual([429, true]);
      expect((await call(path, '203.0.113.7', token)).status).toBe(200);
    }
  });
});

const of = (address?: string) =>
  addressOf(new Request('https://api.example', { headers: address ? { 'cf-connecting-ip': address } : {} }));

describe('the address', () => {
  it('is that of an IPv6 network, however it is written', () => {
    expect(of('2001:db8:0:1:aaaa::1')).toBe('2001:db8:0:1');
    expect(of('2001:0DB8::1:0:0:0:2')).toBe('2001:db8:0:1');
    expect(of('2001:db8::7')).toBe('2001:db8:0:0');
    expect(of('::1')).toBe('0:0:0:0');
    expect(of('192.0.2.7')).toBe('192.0.2.7');
    expect(of()).toBe('unknown');
  });
});
