import type { MiddlewareHandler } from 'hono';
import { authenticate, requireScope, type Scope } from '../accounts/index.ts';
import { signingSecret } from '../env.ts';
import type { AppEnv } from './app-env.ts';

/** Finds out who sent a request, before anything else is looked at. */
export const identify: MiddlewareHandler<AppEnv> = async (c, next) => {
  signingSecret(c.env);
  c.set('principal', await authenticate(c.req.raw, c.env));
  await next();
};

/** Lets a request through whose key has the scope for it: `read` for GET and HEAD, `write` for all others. */
export function scoped(read: Scope, write: Scope): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    requireScope(c.get('principal'), c.req.method === 'GET' || c.req.method === 'HEAD' ? read : write);
    await next();
  };
}
