const S = 1_000;
const MIN = 60 * S;
const H = 60 * MIN;

/** Waits before each of the ten tries, as Standard Webhooks suggests: 75 hours and 35 minutes in all. */
export const WAITS_MS = [0, 5 * S, 5 * MIN, 30 * MIN, 2 * H, 5 * H, 10 * H, 14 * H, 20 * H, 24 * H] as const;

/** Share of a wait that is drawn at random, so that endpoints that failed together are not asked together. */
const JITTER = 0.2;

/**
 * When the next try is due after `tries` failed ones; null when there is none left. `random` is in [0, 1). An endpoint
 * that asks for a longer wait (`Retry-After`, seconds) gets it, up to the longest of the waits.
 */
export function nextTryAt(tries: number, now: number, random: number, retryAfterS = 0): number | null {
  const wait = WAITS_MS[tries];
  if (wait === undefined) return null;
  const asked = Math.min(retryAfterS * S, WAITS_MS.at(-1)!);
  return now + Math.round(Math.max(wait * (1 - JITTER / 2 + JITTER * random), asked));
}
