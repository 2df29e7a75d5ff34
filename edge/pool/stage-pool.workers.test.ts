import { env } from 'cloudflare:workers';
import { runInDurableObject } from 'cloudflare:test';
import { expect, it } from 'vitest';
import { newId } from '../ids.ts';
import type { Env } from '../env.ts';

const bindings = env as unknown as Env;
const LIMIT = 8;
const ticket = () => ({ id: newId('prt'), account: 'acc_1', urgency: 3, joinedAt: Date.now() });

it('a pool gives its places away, and finds and frees those that no job uses', async () => {
  const pool = bindings.POOLS.getByName('invert');
  const holders = Array.from({ length: LIMIT }, ticket);
  for (const one of holders) expect(await pool.join('invert', one)).toBe(null);
  const waiting = ticket();
  expect(await pool.join('invert', waiting)).toBe(0);
  expect(await pool.size('invert')).toEqual({ working: LIMIT, waiting: 1, limit: LIMIT });
  // Nobody has used the places for long, and none of these jobs exists.
  await runInDurableObject(pool, (_, state) =>
    state.storage.sql.exec('UPDATE tickets SET seen_at = 1 WHERE seen_at > 0'),
  );
  await runInDurableObject(pool, (_, state) => state.abort('to be made again')).catch(() => null);
  const again = bindings.POOLS.getByName('invert');
  expect(await again.size('invert')).toEqual({ working: LIMIT, waiting: 1, limit: LIMIT });
  await runInDurableObject(again, (instance) => instance.alarm());
  expect(await again.size('invert')).toEqual({ working: 0, waiting: 0, limit: LIMIT });
});

it('a rate limiter counts up to its limit, and starts afresh', async () => {
  const limiter = bindings.LIMITER.getByName('key_1');
  expect(await limiter.take(2)).toMatchObject({ allowed: true, remaining: 1 });
  expect(await limiter.take(2)).toMatchObject({ allowed: true, remaining: 0 });
  const { allowed, remaining, resetS } = await limiter.take(2);
  expect([allowed, remaining]).toEqual([false, 0]);
  expect(resetS).toBeGreaterThan(0);
  expect(resetS).toBeLessThanOrEqual(60);
});
