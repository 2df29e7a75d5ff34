import type { MiddlewareHandler } from 'hono';
import { hmacHex, hmacMatches, type Scope } from '../../shared/index.ts';
import type { AppEnv } from '../api/app-env.ts';
import { rateLimit } from '../api/rate-limit.ts';
import { ProblemError } from '../api/problem-error.ts';
import { signingSecret, type Env } from '../env.ts';
import { authenticate, bearerOf, requireScope } from './authenticate.ts';
import { holdOffGuessing } from './failed-attempts.ts';
import { smallBody } from './small-body.ts';

/**
 * Lets a request through whose key has the scope for it (`read` for GET and HEAD, `write` for all others), within its
 * requests a minute.
 */
export function guard(read: Scope, write: Scope): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    signingSecret(c.env);
    const principal = await authenticate(c.req.raw, c.env);
    c.set('principal', principal);
    await smallBody(c, async () => {
      // What a key may not do counts too.
      await rateLimit(c, async () => {
        requireScope(principal, c.req.method === 'GET' || c.req.method === 'HEAD' ? read : write);
        await next();
      });
    });
  };
}

/** Lets the operator through: the bearer of `ADMIN_TOKEN`. Without that secret there is no such route. */
export const adminOnly: MiddlewareHandler<{ Bindings: Env }> = async (c, next) => {
  const { ADMIN_TOKEN } = c.env;
  if (!ADMIN_TOKEN || ADMIN_TOKEN.length < 32)
    throw new ProblemError('route_not_found', 'ADMIN_TOKEN is not set, or is shorter than 32 characters.');
  await requireToken(c.req.raw, c.env, 'admin', ADMIN_TOKEN);
  await smallBody(c, next);
};

/**
 * Looks for one of the operator's own tokens as the bearer of a request.
 *
 * @throws ProblemError unauthorized, or rate_limited where too many others came from its address
 */
export async function requireToken(
  request: Request,
  env: Env,
  kind: 'admin' | 'metrics',
  token: string,
): Promise<void> {
  await holdOffGuessing(request, env, kind, async () => {
    // Compared as MACs, in constant time.
    const secret = signingSecret(env);
    if (await hmacMatches(secret, bearerOf(request) ?? '', await hmacHex(secret, token))) return;
    throw new ProblemError('unauthorized', 'This route is for the operator.', {
      headers: { 'www-authenticate': `Bearer realm="${kind}"` },
    });
  });
}
