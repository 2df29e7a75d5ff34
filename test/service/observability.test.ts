import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { listenOnLoopback } from '../loopback.ts';
import { finished, startTinyService, type RunningService } from './running-service.ts';

/** A span as a collector is sent it (opentelemetry-proto, JSON encoding). */
interface Span {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  service: string;
}

const COSTS: Record<string, number> = {
  imagine: 0.01,
  invert: 0.02,
  distill: 0.04,
  refine: 0.03,
  render: 0.005,
};
const [TRACE, CALLER] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];
const PATIENTLY = { timeout: 30_000, interval: 100 };

const spans: Span[] = [];
let collector: Server;
let running: RunningService;

beforeAll(async () => {
  collector = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      for (const { resource, scopeSpans } of JSON.parse(Buffer.concat(chunks).toString()).resourceSpans)
        for (const scope of scopeSpans)
          for (const span of scope.spans)
            spans.push({ ...span, service: resource.attributes[0].value.stringValue });
      response.end('{}');
    });
  });
  const OTLP_ENDPOINT = `http://127.0.0.1:${await listenOnLoopback(collector)}`;
  const STAGE_COSTS = Object.entries(COSTS)
    .map(([stage, usd]) => `${stage}=${usd}`)
    .join(', ');
  running = await startTinyService({}, { OTLP_ENDPOINT, STAGE_COSTS });
}, 150_000);
afterAll(async () => {
  await running?.close();
  collector?.close();
});

const text = async (path: string) => (await fetch(`${running.service.api}${path}`)).text();

/** Durations of a finished portrait's stages, in seconds. */
let timings: Record<string, number>;

it('a trace goes from the request over portrait and stage to the steps that the stage server did', async () => {
  const created = await fetch(`${running.service.api}/v1/portraits`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', traceparent: `00-${TRACE}-${CALLER}-01` },
    body: JSON.stringify({ prompt: 'an old man', seed: 3, quality: 'standard', outputs: ['front'] }),
  });
  const { id } = (await created.json()) as { id: string };
  const portrait = await finished(running.api, id);
  timings = Object.fromEntries(
    Object.entries(portrait.timings).map(([stage, { seconds }]) => [stage, seconds]),
  );
  const named = (name: string) => spans.find((span) => span.name === name);
  await vi.waitFor(() => {
    expect(named('portrait')).toBeDefined();
    expect(named('run render')).toBeDefined();
  }, PATIENTLY);

  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const above = (span: Span | undefined): string[] =>
    span ? [span.name, ...above(byId.get(span.parentSpanId ?? ''))] : [];
  expect(spans.every(({ traceId }) => traceId === TRACE)).toBe(true);
  for (const stage of Object.keys(COSTS))
    expect(above(named(stage))).toEqual([
      stage,
      `run ${stage}`,
      `stage ${stage}`,
      'portrait',
      'POST /v1/portraits',
    ]);
  expect(above(named('fetch image'))[1]).toBe('run invert');
  expect(new Set(spans.map(({ service }) => service))).toEqual(
    new Set(['portrait3d-edge', 'portrait3d-stages']),
  );

  const steps = spans.filter((span) => /^steps? \d/.test(span.name) && above(span)[1] === 'distill');
  expect(steps.length).toBeGreaterThan(0);
  // A child lies within its parent.
  for (const span of spans.filter(({ service }) => service === 'portrait3d-stages')) {
    const parent = byId.get(span.parentSpanId!)!;
    if (parent.service !== span.service) continue;
    expect(BigInt(span.startTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(parent.startTimeUnixNano));
    expect(BigInt(span.endTimeUnixNano)).toBeLessThanOrEqual(BigInt(parent.endTimeUnixNano));
  }
  expect(JSON.stringify(spans)).not.toContain('old man');
}, 150_000);

it('the cost of a portrait is known by stage, in metrics and log, by the rates that are set', async () => {
  await vi.waitFor(
    async () => expect(await text('/metrics')).toContain('portrait_cost_usd_total'),
    PATIENTLY,
  );
  const metrics = await text('/metrics');
  let sum = 0;
  for (const [stage, rate] of Object.entries(COSTS)) {
    const usd = Number(
      new RegExp(`^portrait_cost_usd_total\\{stage="${stage}"\\} (\\S+)$`, 'm').exec(metrics)?.[1],
    );
    expect(usd).toBeCloseTo(rate * timings[stage]!, 9);
    sum += usd;
  }
  const line = running.service
    .log('worker')
    .split('\n')
    .find((one) => one.includes('"portrait.finished"'))!;
  const logged = JSON.parse(line.slice(line.indexOf('{'))) as Record<string, number>;
  expect(logged['usd']).toBeCloseTo(sum, 5);
  expect(logged['distill_seconds']).toBe(timings['distill']);
  expect(line).not.toContain('old man');
});

/** How the service is as a whole, and its stage server. */
const look = async () => {
  const { status, parts } = JSON.parse(await text('/status')) as {
    status: string;
    parts: { name: string; status: string }[];
  };
  return [status, parts.find(({ name }) => name === 'stage server')!.status];
};

it('the status page sees a stage server go and come back', async () => {
  expect(await look()).toEqual(['operational', 'operational']);
  await running.service.killPart('stage-server');
  expect(await look()).toEqual(['down', 'down']);
  await running.service.startPart('stage-server');
  expect(await look()).toEqual(['operational', 'operational']);
});
