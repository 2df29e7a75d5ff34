import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import { log } from '../observability/log.ts';
import { count } from '../observability/metrics.ts';
import { observe as observed } from '../observability/samples.ts';
import type { AppEnv } from './app-env.ts';

const GIVEN_ID = /^[\w-]{8,64}$/;

/** Names each request (X-Request-Id, the caller's own where it has one), and logs and counts its answer. */
export const observe: MiddlewareHandler<AppEnv> = async (c, next) => {
  const given = c.req.header('x-request-id');
  const requestId =
    given && GIVEN_ID.test(given) ? given : `req_${crypto.randomUUID().replaceAll('-', '').slice(0, 24)}`;
  c.set('requestId', requestId);
  const startedAt = Date.now();
  await next();
  c.header('x-request-id', requestId);
  const seconds = (Date.now() - startedAt) / 1000;
  const { method } = c.req;
  const { status } = c.res;
  // The pattern, not the path: a path names a portrait, and a counter for each would grow without end.
  const route = status === 404 ? 'unknown' : routePath(c, -1);
  log('info', 'request', {
    request: requestId,
    method,
    path: c.req.path,
    status,
    ms: Math.round(seconds * 1000),
    account: c.get('principal')?.account,
    key: c.get('principal')?.key,
  });
  c.executionCtx.waitUntil(
    count(c.env, [
      { name: 'http_requests_total', labels: { route, method, status: String(status) }, value: 1 },
      ...observed('http_request_duration_seconds', { route }, seconds),
    ]),
  );
};
