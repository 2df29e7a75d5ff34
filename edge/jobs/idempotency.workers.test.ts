import { env } from 'cloudflare:workers';
import { runInDurableObject } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import type { Env } from '../env.ts';
import { IdempotencyKeys, type Answer } from './idempotency.ts';

const HOUR_MS = 3_600_000;
const LOCK_MS = 30_000;
const answer: Answer = { status: 201, headers: { location: '/v1/portraits/prt_a' }, body: '{}' };

let directories = 0;
/** Keys of an account that has none yet. */
const withKeys = (use: (keys: IdempotencyKeys) => void) =>
  runInDurableObject((env as unknown as Env).DIRECTORY.getByName(`keys ${directories++}`), (_, state) =>
    use(new IdempotencyKeys(state.storage.sql)),
  );

describe('an Idempotency-Key', () => {
  it('gets the same answer for a day and more, and is then a new one', () =>
    withKeys((keys) => {
      expect(keys.claim('k', 'body', 'prt_a', LOCK_MS, 0)).toEqual({ kind: 'claimed', id: 'prt_a' });
      keys.answered('k', answer);
      for (const hours of [0, 1, 24, 47])
        expect(keys.claim('k', 'body', 'prt_b', LOCK_MS, hours * HOUR_MS)).toEqual({
          kind: 'answered',
          answer,
        });
      expect(keys.claim('k', 'body', 'prt_b', LOCK_MS, 49 * HOUR_MS)).toEqual({
        kind: 'claimed',
        id: 'prt_b',
      });
    }));

  it('belongs to its body', () =>
    withKeys((keys) => {
      keys.claim('k', 'body', 'prt_a', LOCK_MS, 0);
      expect(keys.claim('k', 'other', 'prt_b', LOCK_MS, 1)).toEqual({ kind: 'conflict' });
      keys.answered('k', answer);
      expect(keys.claim('k', 'other', 'prt_b', LOCK_MS, 1)).toEqual({ kind: 'conflict' });
    }));

  it('whose request was never answered is claimed again after its time, for the portrait that may have begun', () =>
    withKeys((keys) => {
      keys.claim('k', 'body', 'prt_a', LOCK_MS, 0);
      expect(keys.claim('k', 'body', 'prt_b', LOCK_MS, 10_000)).toEqual({
        kind: 'in_use',
        retryAfterMs: 20_000,
      });
      expect(keys.claim('k', 'body', 'prt_b', LOCK_MS, LOCK_MS)).toEqual({ kind: 'claimed', id: 'prt_a' });
    }));

  it('whose request came to nothing may be sent again at once', () =>
    withKeys((keys) => {
      keys.claim('k', 'body', 'prt_a', LOCK_MS, 0);
      keys.unanswered('k');
      expect(keys.claim('k', 'body', 'prt_b', LOCK_MS, 1)).toEqual({ kind: 'claimed', id: 'prt_a' });
    }));
});
