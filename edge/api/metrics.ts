import { Routes } from './route.ts';
import { requireToken } from '../accounts/index.ts';
import { STAGES } from '../../shared/index.ts';
import { metricsOf } from '../observability/metrics.ts';
import { exposition } from '../observability/samples.ts';
import { ProblemError } from './problem-error.ts';

/** `GET /metrics`, for Prometheus: with METRICS_TOKEN as the bearer, or on one's own machine without. */
export function metricsRoutes(): Routes {
  const routes = new Routes();
  routes.get('/metrics', async (c) => {
    const { METRICS_TOKEN, AUTH } = c.env;
    const open = AUTH === 'off' && !METRICS_TOKEN;
    if (!open && !METRICS_TOKEN)
      throw new ProblemError('unauthorized', 'METRICS_TOKEN is not set: nobody may read the metrics.', {
        headers: { 'www-authenticate': 'Bearer realm="metrics"' },
      });
    if (METRICS_TOKEN) await requireToken(c.req.raw, c.env, 'metrics', METRICS_TOKEN);
    const sizes = await Promise.all(
      STAGES.map(async (stage) => ({ stage, ...(await c.env.POOLS.getByName(stage).size(stage)) })),
    );
    const gauges = sizes.flatMap(({ stage, working, waiting, limit }) => [
      { name: 'pool_working', help: 'Portraits that have a place.', labels: { stage }, value: working },
      { name: 'pool_waiting', help: 'Portraits that wait for a place.', labels: { stage }, value: waiting },
      { name: 'pool_limit', help: 'Places there are.', labels: { stage }, value: limit },
    ]);
    const order = gauges.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    return c.text(exposition(await metricsOf(c.env).read(), order), 200, {
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
    });
  });
  return routes;
}
