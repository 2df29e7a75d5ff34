import { ProblemError } from '../api/problem-error.ts';
import type { Env } from '../env.ts';
import { WINDOW_S } from '../limits/rate-limiter.ts';
import { log } from '../observability/log.ts';
import { failedAttempts } from '../settings.ts';

/** Addresses that are held off, with the time in milliseconds until which, as far as this worker has heard. */
const heldOff = new Map<string, number>();
const MOST_HELD_OFF = 10_000;

/**
 * Counts refused credentials by the address they come from, and holds an address off that has sent too many within a
 * minute: what it sends then is not looked at, so that nothing can be found out by trying. Who sends a good key costs
 * no look-up more than without it.
 *
 * @param kind what is tried: each is counted apart
 * @param check refuses with the problem `unauthorized`
 * @throws ProblemError rate_limited
 */
export async function holdOffGuessing<T>(
  request: Request,
  env: Env,
  kind: 'key' | 'admin' | 'metrics',
  check: () => Promise<T>,
): Promise<T> {
  const name = `failed ${kind} ${addressOf(request)}`;
  const until = heldOff.get(name) ?? 0;
  if (until > Date.now()) throw tooMany(Math.ceil((until - Date.now()) / 1000), env);
  heldOff.delete(name);
  try {
    return await check();
  } catch (error) {
    // Who sends no credentials tries none.
    if (!(error instanceof ProblemError) || error.code !== 'unauthorized') throw error;
    if (!request.headers.has('authorization')) throw error;
    const { allowed, remaining, resetS } = await env.LIMITER.getByName(name).take(failedAttempts(env));
    if (allowed) throw error.with(quota(env, remaining, resetS));
    if (heldOff.size >= MOST_HELD_OFF) heldOff.clear();
    heldOff.set(name, Date.now() + resetS * 1000);
    log('warn', 'attempts.held_off', { kind, seconds: resetS });
    throw tooMany(resetS, env);
  }
}

/**
 * Where a request comes from. Cloudflare sets the header itself, whatever the client sent. Of IPv6 the network counts
 * (/64), of which a client has all addresses.
 */
export function addressOf(request: Request): string {
  const address = request.headers.get('cf-connecting-ip') ?? 'unknown';
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.toLowerCase().split('::');
  const groups = head.split(':').filter((group) => group !== '');
  const after = tail === undefined ? [] : tail.split(':').filter((group) => group !== '');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - after.length);
  const whole = [...groups, ...Array.from({ length: zeros }, () => '0'), ...after];
  return whole
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}

function tooMany(seconds: number, env: Env): ProblemError {
  return new ProblemError('rate_limited', 'Too many refused credentials came from this address.', {
    headers: { ...quota(env, 0, seconds), 'retry-after': String(seconds) },
  });
}

const quota = (env: Env, remaining: number, resetS: number) => ({
  'ratelimit-policy': `"failed-attempts";q=${failedAttempts(env)};w=${WINDOW_S}`,
  ratelimit: `"failed-attempts";r=${remaining};t=${resetS}`,
});
