import type { Scope } from '../../shared/index.ts';
import { ProblemError } from '../api/problem-error.ts';
import type { Env } from '../env.ts';
import { parseToken, tokenHash } from './api-key.ts';
import { holdOffGuessing } from './failed-attempts.ts';
import { LOCAL_PRINCIPAL, type Principal } from './principal.ts';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Who sent a request: the bearer of an API key, or with `AUTH=off` the built-in local account.
 *
 * @throws ProblemError unauthorized: no key, a malformed one, or one that is revoked or expired.
 * @throws ProblemError account_suspended: a good key, of an account that was suspended.
 * @throws ProblemError rate_limited: too many keys that were refused came from its address.
 * @throws ProblemError misconfigured: `AUTH=off` where the worker is reached under anything but a loopback name.
 */
export async function authenticate(request: Request, env: Env): Promise<Principal> {
  if (env.AUTH === 'off') {
    // Cloudflare routes by host name, so a deployed worker never sees a loopback one.
    if (LOOPBACK.has(new URL(request.url).hostname)) return LOCAL_PRINCIPAL;
    throw new ProblemError(
      'misconfigured',
      'AUTH=off is for one machine only: remove it from the variables.',
    );
  }
  return holdOffGuessing(request, env, 'key', () => principalOf(request, env));
}

async function principalOf(request: Request, env: Env): Promise<Principal> {
  const token = bearerOf(request);
  if (token === null) throw unauthorized('The request has no API key.');
  const parsed = parseToken(token);
  if (!parsed) throw unauthorized('The API key is mistyped or cut short.');
  const principal = await env.ACCOUNTS.getByName(parsed.account).authenticate(await tokenHash(token));
  if (!principal) throw unauthorized('The API key is not known, or is revoked or expired.');
  if (principal === 'suspended')
    throw new ProblemError('account_suspended', 'The account of this API key is suspended.');
  return principal;
}

/** @throws ProblemError insufficient_scope where the key lacks a scope. */
export function requireScope(principal: Principal, scope: Scope): void {
  if (!principal.scopes.includes(scope))
    throw new ProblemError('insufficient_scope', `The key ${principal.key} lacks the scope ${scope}.`);
}

/** The token of `Authorization: Bearer …`; null where there is none. */
export function bearerOf(request: Request): string | null {
  return /^Bearer +(\S+)\s*$/i.exec(request.headers.get('authorization') ?? '')?.[1] ?? null;
}

function unauthorized(detail: string): ProblemError {
  return new ProblemError('unauthorized', detail, {
    headers: { 'www-authenticate': 'Bearer realm="portraits"' },
  });
}
