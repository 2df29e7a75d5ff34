import { expect, it } from 'vitest';
import { otlpBody, type Portrait } from '../../shared/index.ts';
import { exposition, observe, seriesOf } from './samples.ts';
import { portraitSpans } from './trace.ts';

const portrait = {
  id: 'prt_000000000000000000000000',
  status: 'succeeded',
  quality: 'draft',
  mode: 'live',
  error: null,
  progress: { stage: null },
  created_at: '2026-01-01T00:00:00.000Z',
  finished_at: '2026-01-01T00:00:09.000Z',
  timings: {
    imagine: { started_at: '2026-01-01T00:00:01.000Z', seconds: 3, cached: false, metrics: {} },
    invert: { started_at: '2026-01-01T00:00:04.000Z', seconds: 4.5, cached: true, metrics: {} },
  },
} as unknown as Portrait;

it('a portrait is a span with a span a stage below it, the same however often it is told', async () => {
  const context = { traceId: 'a'.repeat(32), parentSpanId: 'b'.repeat(16) };
  const spans = await portraitSpans(portrait, context);
  expect(spans.map(({ name }) => name)).toEqual(['portrait', 'stage imagine', 'stage invert']);
  expect(spans[0]).toMatchObject({ traceId: context.traceId, parentSpanId: context.parentSpanId });
  for (const span of spans.slice(1)) expect(span.parentSpanId).toBe(spans[0]!.spanId);
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(3);
  expect(await portraitSpans(portrait, context)).toEqual(spans);
  const [sent] = otlpBody('a service', spans).resourceSpans[0]!.scopeSpans;
  expect(sent!.spans[2]).toMatchObject({
    startTimeUnixNano: '1767225604000000000',
    endTimeUnixNano: '1767225608500000000',
    status: { code: 1 },
  });
});

it('a portrait that ended within a stage has a span of that stage, and what was wrong', async () => {
  const failed = {
    ...portrait,
    status: 'failed',
    error: { code: 'stage_timeout', stage: 'distill' },
    progress: { stage: 'distill' },
  } as unknown as Portrait;
  const last = (await portraitSpans(failed, null)).at(-1)!;
  expect(last).toMatchObject({ name: 'stage distill', error: 'stage_timeout' });
  expect([last.startedAt, last.finishedAt].map((at) => at - Date.parse(portrait.created_at))).toEqual([
    8500, 9000,
  ]);
  const unspent = { ...failed, error: { code: 'content_filtered', stage: null }, timings: {} };
  expect(await portraitSpans(unspent as unknown as Portrait, null)).toHaveLength(1);
});

it('durations are Prometheus histograms: every bucket from the value up, the sum, the count', () => {
  const counters = new Map<string, number>();
  for (const seconds of [0.003, 0.2])
    for (const sample of observe('http_request_duration_seconds', { route: '/x' }, seconds))
      counters.set(seriesOf(sample), (counters.get(seriesOf(sample)) ?? 0) + sample.value);
  const lines = exposition(counters, []).split('\n');
  expect(lines).toContain('# TYPE http_request_duration_seconds histogram');
  expect(lines).toContain('http_request_duration_seconds_bucket{le="0.005",route="/x"} 1');
  expect(lines).toContain('http_request_duration_seconds_bucket{le="0.25",route="/x"} 2');
  expect(lines).toContain('http_request_duration_seconds_bucket{le="+Inf",route="/x"} 2');
  expect(lines).toContain('http_request_duration_seconds_count{route="/x"} 2');
});

it('labels are escaped', () => {
  expect(seriesOf({ name: 'a', labels: { b: 'x"y\\z\n' } })).toBe('a{b="x\\"y\\\\z\\n"}');
});
