import type { MiddlewareHandler } from 'hono';
import { WINDOW_S } from '../limits/rate-limiter.ts';
import type { AppEnv } from './app-env.ts';
import { ProblemError } from './problem-error.ts';

/**
 * Holds each API key to its requests a minute and says so (draft-ietf-httpapi-ratelimit-headers). A key without a limit
 * (that of one's own machine) is not counted.
 */
export const rateLimit: MiddlewareHandler<AppEnv> = async (c, next) => {
  const { key, limits } = c.get('principal');
  const limit = limits.requestsPerMinute;
  if (limit === Number.MAX_SAFE_INTEGER) return next();
  const { allowed, remaining, resetS } = await c.env.LIMITER.getByName(key).take(limit);
  const headers = {
    'ratelimit-policy': `"requests";q=${limit};w=${WINDOW_S}`,
    ratelimit: `"requests";r=${remaining};t=${resetS}`,
  };
  if (!allowed)
    throw new ProblemError('rate_limited', `The key ${key} may send ${limit} requests a minute.`, {
      headers: { ...headers, 'retry-after': String(resetS) },
    });
  try {
    await next();
  } catch (error) {
    throw error instanceof ProblemError ? error.with(headers) : error;
  }
  for (const [name, value] of Object.entries(headers)) c.header(name, value);
};
