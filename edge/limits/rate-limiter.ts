import { DurableObject } from 'cloudflare:workers';
import type { Env } from '../env.ts';

/** Seconds of one window. */
export const WINDOW_S = 60;

/** What is left of a quota. */
export interface Quota {
  allowed: boolean;
  remaining: number;
  /** Seconds until the window ends and the quota is whole again. */
  resetS: number;
}

/**
 * Counts the requests of one API key in windows of a minute. Named by the key. Nothing is stored: an object that is
 * evicted starts a fresh window, which errs on the caller's side.
 */
export class RateLimiter extends DurableObject<Env> {
  #endsAt = 0;
  #used = 0;

  /** Counts one request against `limit` a window. */
  async take(limit: number): Promise<Quota> {
    const now = Date.now();
    if (now >= this.#endsAt) {
      this.#endsAt = now + WINDOW_S * 1000;
      this.#used = 0;
    }
    const allowed = this.#used < limit;
    if (allowed) this.#used++;
    return {
      allowed,
      remaining: limit - this.#used,
      resetS: Math.ceil((this.#endsAt - now) / 1000),
    };
  }
}
