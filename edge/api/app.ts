import { accountsRoutes, payPerCall } from '../accounts/index.ts';
import { docsRoutes } from '../docs/docs-routes.ts';
import { MisconfiguredError } from '../env.ts';
import { safetyRoutes } from '../safety/index.ts';
import { webhookRoutes } from '../webhooks/index.ts';
import { createPortraitRoute } from './create-portrait.ts';
import { describeApi } from './description.ts';
import { eventRoutes } from './events.ts';
import { fileRoutes } from './files.ts';
import { healthRoutes } from './health.ts';
import { identify, scoped } from './identify.ts';
import { internalRoutes } from './internal.ts';
import { listPortraitsRoute } from './list-portraits.ts';
import { log } from '../observability/log.ts';
import { metricsRoutes } from './metrics.ts';
import { observe } from './observe.ts';
import { portraitRoutes } from './portraits.ts';
import { ProblemError } from './problem-error.ts';
import { rateLimit } from './rate-limit.ts';
import { Routes } from './route.ts';
import { statusRoutes } from './status.ts';
import { viewRoutes } from './view.ts';

/** The whole HTTP surface of the worker. */
export function createApp(): Routes {
  const app = new Routes();
  app.use(observe);
  app.onError((error, c) => toProblem(error, c.get('requestId')).toResponse());
  app.use('/v1/portraits', payPerCall);
  // The pattern is one of the path without an ending too.
  app.use('/v1/portraits/*', identify, rateLimit, scoped('portraits:read', 'portraits:write'));
  for (const routes of [
    createPortraitRoute(),
    listPortraitsRoute(),
    portraitRoutes(),
    eventRoutes(),
    viewRoutes(),
    fileRoutes(),
    healthRoutes(),
    statusRoutes(),
    metricsRoutes(),
    docsRoutes(),
    internalRoutes(),
    accountsRoutes(),
    webhookRoutes(),
    safetyRoutes(),
  ])
    app.include(routes);
  let description: object | null = null;
  app.get('/openapi.json', (c) => c.json((description ??= describeApi(app.described))));
  app.notFound((c) => {
    const allowed = allowedMethods(app, c.req.path);
    // Answered, not thrown: where only `observe` stands before it, what is thrown would pass it by.
    const problem =
      allowed.length === 0
        ? new ProblemError('route_not_found', `There is no ${c.req.method} ${c.req.path}.`)
        : new ProblemError('method_not_allowed', `${c.req.path} does not know ${c.req.method}.`, {
            headers: { allow: allowed.join(', ') },
          });
    return problem.toResponse();
  });
  return app;
}

/** The methods that some route knows for a path. */
function allowedMethods(app: Routes, path: string): string[] {
  const methods = app.routes
    .filter(({ method, path: pattern }) => method !== 'ALL' && toRegExp(pattern).test(path))
    .flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  return [...new Set(methods)].toSorted();
}

const toRegExp = (pattern: string) => new RegExp(`^${pattern.replaceAll(/:[^/]+/g, '[^/]+')}$`);

/** The one place where errors become answers. */
function toProblem(error: Error, request: string | undefined): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof MisconfiguredError) return new ProblemError('misconfigured', error.message);
  log('error', 'request.failed', { request, reason: String(error), stack: error.stack });
  return new ProblemError('internal', 'Something went wrong inside the service.');
}
