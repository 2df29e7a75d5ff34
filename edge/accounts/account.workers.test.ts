import { env } from 'cloudflare:workers';
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { beforeEach, describe, expect, it } from 'vitest';
import { portraitRequestSchema, priceOf, SCOPES, type Portrait, type Stage } from '../../shared/index.ts';
import type { Env } from '../env.ts';
import type { KeyWish } from './account.ts';
import type { AccountRecord } from './account-storage.ts';
import { parseToken } from './api-key.ts';
import { authenticate } from './authenticate.ts';
import { release, reserve, settle } from './charge.ts';
import { newId } from '../ids.ts';

const bindings: Env = { ...(env as unknown as Env), AUTH: undefined };

const wish: KeyWish = {
  name: 'a key',
  mode: 'live',
  scopes: [...SCOPES],
  concurrency: 10,
  spendCap: null,
  expiresAt: null,
};
const request = portraitRequestSchema().parse({ prompt: 'an old man', quality: 'standard' });
const PRICE = priceOf(request);

const withToken = (token: string) =>
  new Request('https://api.example/v1/portraits', { headers: { authorization: `Bearer ${token}` } });

/** A finished portrait of {@link request}, some of whose stages came from the cache. */
function finished(id: string, cached: Stage[] = []): Portrait {
  const timings = Object.fromEntries(
    (['imagine', 'invert', 'distill', 'refine', 'render'] as const).map((stage) => [
      stage,
      { started_at: '2026-01-01T00:00:00Z', seconds: 2, cached: cached.includes(stage), metrics: {} },
    ]),
  );
  return { ...request, id, status: 'succeeded', timings } as unknown as Portrait;
}

async function openAccount(change: Partial<AccountRecord> = {}, credits = 100) {
  const id = newId('acc');
  const account = bindings.ACCOUNTS.getByName(id);
  await account.open({
    id,
    name: 'somebody',
    billing: 'prepaid',
    invoiceLimit: null,
    stripeCustomer: null,
    suspended: null,
    createdAt: Date.now(),
    ...change,
  });
  if (credits > 0) await account.fund('grant', 'start', credits);
  return { id, account };
}

let account: Awaited<ReturnType<typeof openAccount>>['account'];
beforeEach(async () => {
  ({ account } = await openAccount());
});

const principalOf = async (change: Partial<KeyWish> = {}) => {
  const { token } = (await account.createKey({ ...wish, ...change }))!;
  return authenticate(withToken(token), bindings);
};

describe('an API key', () => {
  it('opens its account, with its scopes and limits, until it is revoked', async () => {
    const { token, key } = (await account.createKey({ ...wish, scopes: ['portraits:read'] }))!;
    const principal = await authenticate(withToken(token), bindings);
    expect(principal).toMatchObject({
      key: key.id,
      mode: 'live',
      scopes: ['portraits:read'],
      limits: { concurrency: 10 },
    });
    await account.revokeKey(key.id);
    await expect(authenticate(withToken(token), bindings)).rejects.toMatchObject({ code: 'unauthorized' });
  });

  it('is stored as a hash only', async () => {
    const { token } = (await account.createKey(wish))!;
    const rows = await runInDurableObject(account, (_, state) =>
      JSON.stringify(state.storage.sql.exec('SELECT * FROM keys').toArray()),
    );
    expect(rows).not.toContain(token.slice(-38, -6));
  });

  it('stays good for the overlap of a rotation, and no longer', async () => {
    const { token, key } = (await account.createKey(wish))!;
    const next = (await account.rotateKey(key.id, 60_000))!;
    expect((await authenticate(withToken(token), bindings)).key).toBe(key.id);
    expect((await authenticate(withToken(next.token), bindings)).key).toBe(next.key.id);
    await account.rotateKey(next.key.id, 0);
    await expect(authenticate(withToken(next.token), bindings)).rejects.toMatchObject({
      code: 'unauthorized',
    });
    expect(await account.rotateKey(next.key.id, 0)).toBe(null);
  });

  it('that is rotated again, because the answer was lost, makes one that ends no sooner', async () => {
    const { key } = (await account.createKey(wish))!;
    await account.rotateKey(key.id, 60_000);
    expect((await account.rotateKey(key.id, 60_000))!.key.expiresAt).toBe(null);
    const expiresAt = Date.now() + 3_600_000;
    const ending = (await account.createKey({ ...wish, expiresAt }))!.key;
    await account.rotateKey(ending.id, 60_000);
    expect((await account.rotateKey(ending.id, 1_000))!.key.expiresAt).toBe(expiresAt);
  });

  it('opens nothing once its account is suspended', async () => {
    const { token } = (await account.createKey(wish))!;
    await account.change({ suspended: 'abuse' });
    await expect(authenticate(withToken(token), bindings)).rejects.toMatchObject({
      code: 'account_suspended',
    });
    // Who has no good key is told nothing about the account.
    const { key, token: revoked } = (await account.createKey(wish))!;
    await account.revokeKey(key.id);
    await expect(authenticate(withToken(revoked), bindings)).rejects.toMatchObject({ code: 'unauthorized' });
  });

  it('of an account that never was leaves nothing behind', async () => {
    const { token } = (await account.createKey(wish))!;
    const other = newId('acc');
    await expect(bindings.ACCOUNTS.getByName(other).authenticate('x')).resolves.toBe(null);
    const tables = await runInDurableObject(bindings.ACCOUNTS.getByName(other), (_, state) =>
      state.storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'account'").toArray(),
    );
    expect(tables).toEqual([]);
    expect(parseToken(token)).not.toBe(null);
  });

  it('is not needed with AUTH=off, on loopback names only', async () => {
    const off = { ...bindings, AUTH: 'off' };
    expect(await authenticate(new Request('http://127.0.0.1:8787/v1/portraits'), off)).toMatchObject({
      account: 'acc_local',
    });
    await expect(authenticate(new Request('https://api.example/v1/portraits'), off)).rejects.toMatchObject({
      code: 'misconfigured',
    });
  });
});

describe('the credits of a portrait', () => {
  it('are reserved once, and charged once, for the stages that ran', async () => {
    const principal = await principalOf();
    const id = newId('prt');
    const charge = await reserve(bindings, principal, id, request);
    await reserve(bindings, principal, id, request);
    expect(charge.credits).toBe(PRICE);
    expect(await account.balances()).toMatchObject({ available: 100 - PRICE, reserved: PRICE });
    const portrait = finished(id, ['imagine', 'invert']);
    const cost = priceOf(request, ['imagine', 'invert']);
    await settle(bindings, charge, portrait);
    await settle(bindings, charge, portrait);
    await release(bindings, charge, id);
    expect(await account.balances()).toMatchObject({ available: 100 - cost, reserved: 0, revenue: cost });
    expect(await account.audit()).toEqual(await account.balances());
    const entries = await account.entries(null, 10, id);
    expect(entries.map(({ kind }) => kind)).toEqual(['settle', 'reserve']);
    const usage = await account.usage('2000-01-01', '2999-01-01');
    expect(usage.reduce((sum, { credits }) => sum + credits, 0)).toBe(cost);
    expect(usage.find(({ stage }) => stage === 'imagine')).toMatchObject({
      cached: 1,
      seconds: 0,
      credits: 0,
    });
  });

  it('come back when it is released, and cannot be reserved again for it', async () => {
    const principal = await principalOf();
    const id = newId('prt');
    const charge = await reserve(bindings, principal, id, request);
    await release(bindings, charge, id);
    await release(bindings, charge, id);
    await settle(bindings, charge, finished(id));
    expect(await account.balances()).toMatchObject({ available: 100, reserved: 0, revenue: 0 });
    await expect(reserve(bindings, principal, id, request)).rejects.toMatchObject({
      code: 'reservation_closed',
    });
  });

  it('must be there', async () => {
    const principal = await principalOf({ concurrency: 1000 });
    for (let paid = 0; paid + PRICE <= 100; paid += PRICE)
      await reserve(bindings, principal, newId('prt'), request);
    await expect(reserve(bindings, principal, newId('prt'), request)).rejects.toMatchObject({
      code: 'insufficient_credits',
    });
  });

  it('stop at the spend cap and the concurrency of the key', async () => {
    const capped = await principalOf({ spendCap: PRICE });
    const id = newId('prt');
    const charge = await reserve(bindings, capped, id, request);
    const again = () => reserve(bindings, capped, newId('prt'), request);
    await expect(again()).rejects.toMatchObject({ code: 'spend_cap_reached' });
    await release(bindings, charge, id);
    await again();

    const narrow = await principalOf({ concurrency: 1 });
    await reserve(bindings, narrow, newId('prt'), request);
    await expect(reserve(bindings, narrow, newId('prt'), request)).rejects.toMatchObject({
      code: 'concurrency_limit',
      headers: { 'retry-after': '10' },
    });
  });

  it('are nothing for a test key', async () => {
    const principal = await principalOf({ mode: 'test' });
    const id = newId('prt');
    const charge = await reserve(bindings, principal, id, request);
    await settle(bindings, charge, finished(id));
    expect(charge).toMatchObject({ mode: 'test', credits: 0 });
    expect(await account.balances()).toMatchObject({ available: 100, reserved: 0, revenue: 0 });
  });

  it('of a postpaid account are invoiced, up to its limit', async () => {
    ({ account } = await openAccount({ billing: 'postpaid', invoiceLimit: PRICE }, 0));
    const principal = await principalOf();
    const id = newId('prt');
    const charge = await reserve(bindings, principal, id, request);
    await expect(reserve(bindings, principal, newId('prt'), request)).rejects.toMatchObject({
      code: 'insufficient_credits',
    });
    await settle(bindings, charge, finished(id, ['imagine']));
    const cost = priceOf(request, ['imagine']);
    expect(await account.balances()).toMatchObject({
      available: 0,
      reserved: 0,
      revenue: cost,
      invoiced: -cost,
    });
  });

  it('come back by themselves where the job never began', async () => {
    const principal = await principalOf();
    const id = newId('prt');
    await reserve(bindings, principal, id, request);
    await runDurableObjectAlarm(account);
    expect(await account.balances()).toMatchObject({ reserved: PRICE });
    await runInDurableObject(account, (_, state) => {
      state.storage.sql.exec('UPDATE holds SET at = at - 3600000');
    });
    await runDurableObjectAlarm(account);
    expect(await account.balances()).toMatchObject({ available: 100, reserved: 0 });
  });

  it('can be refunded once', async () => {
    const principal = await principalOf();
    const id = newId('prt');
    const charge = await reserve(bindings, principal, id, request);
    expect(await account.refund(id)).toBe('not charged');
    await settle(bindings, charge, finished(id));
    expect(await account.refund(id)).toBe('refunded');
    expect(await account.refund(id)).toBe('before');
    expect(await account.refund(newId('prt'))).toBe('not charged');
    expect(await account.balances()).toMatchObject({ available: 100, reserved: 0, revenue: 0 });
  });
});

describe('many at once', () => {
  it('leave the ledger summing to zero, never negative, each portrait ended once', async () => {
    let state = 7;
    // A linear congruential generator (Numerical Recipes): the schedule depends on the seed only.
    const random = (limit: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * limit);
    };
    const principal = await principalOf({ concurrency: 8, spendCap: 90 });
    const ids = Array.from({ length: 12 }, () => newId('prt'));
    const charge = { account: principal.account, key: principal.key, mode: principal.mode, credits: PRICE };
    const commands = Array.from({ length: 200 }, (): (() => Promise<unknown>) => {
      const id = ids[random(ids.length)]!;
      switch (random(5)) {
        case 0:
        case 1:
          return () => reserve(bindings, principal, id, request);
        case 2:
          return () => settle(bindings, charge, finished(id, random(2) ? ['imagine'] : []));
        case 3:
          return () => release(bindings, charge, id);
        default:
          return () => account.refund(id);
      }
    });
    for (let from = 0; from < commands.length; from += 20) {
      await Promise.allSettled(commands.slice(from, from + 20).map((command) => command()));
      const balances = await account.balances();
      expect(Object.values(balances).reduce((sum, amount) => sum + amount, 0)).toBe(0);
      expect(Math.min(balances.available, balances.reserved, balances.revenue)).toBeGreaterThanOrEqual(0);
      expect(await account.audit()).toEqual(balances);
    }
    const entries = await account.entries(null, 1000, null);
    expect(new Set(entries.map(({ ref }) => ref)).size).toBe(entries.length);
    const kinds = new Set(entries.map(({ kind }) => kind));
    for (const kind of ['reserve', 'settle', 'release', 'refund'] as const) expect(kinds).toContain(kind);
    for (const id of ids) {
      const ends = entries.filter(({ portrait, kind }) => portrait === id && /settle|release/.test(kind));
      expect(ends.length).toBeLessThanOrEqual(1);
    }
  });
});
