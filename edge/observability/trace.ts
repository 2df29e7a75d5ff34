import {
  hex,
  otlpRequest,
  sha256Hex,
  type Portrait,
  type Span,
  type Stage,
  type TraceContext,
} from '../../shared/index.ts';
import type { Env } from '../env.ts';

const randomId = (bytes: number) => hex(crypto.getRandomValues(new Uint8Array(bytes)));

/** The span of a request that begins a portrait: in its caller's trace, or the first of one of its own. */
export function beginRequestSpan(name: string, caller: TraceContext | null, at: number): Span {
  return {
    name,
    traceId: caller?.traceId ?? randomId(16),
    spanId: randomId(8),
    parentSpanId: caller?.parentSpanId ?? null,
    startedAt: at,
    finishedAt: at,
    attributes: {},
    error: null,
  };
}

/**
 * The ids of a portrait's span (`portrait`), or of one of its stages'. They follow from the portrait's own id: the stage
 * server is told its parent before that span is finished, and spans reported twice are the same spans.
 */
export async function spanIds(
  portrait: string,
  context: TraceContext | null,
  part: Stage | 'portrait',
): Promise<Pick<Span, 'traceId' | 'spanId'>> {
  return {
    traceId: context?.traceId ?? (await sha256Hex(portrait)).slice(0, 32),
    spanId: (await sha256Hex(`${portrait} ${part}`)).slice(0, 16),
  };
}

/** The spans of a portrait that is over: the portrait, and below it each stage. */
export async function portraitSpans(portrait: Portrait, context: TraceContext | null): Promise<Span[]> {
  const { id, status } = portrait;
  const createdAt = Date.parse(portrait.created_at);
  const finishedAt = portrait.finished_at === null ? createdAt : Date.parse(portrait.finished_at);
  const root = await spanIds(id, context, 'portrait');
  const stageSpan = async (stage: Stage, times: Pick<Span, 'startedAt' | 'finishedAt'>): Promise<Span> => ({
    ...(await spanIds(id, context, stage)),
    name: `stage ${stage}`,
    parentSpanId: root.spanId,
    ...times,
    attributes: { 'portrait.id': id, 'stage.name': stage },
    error: null,
  });
  const stages: Span[] = [];
  for (const [name, { started_at, seconds, cached }] of Object.entries(portrait.timings)) {
    const startedAt = Date.parse(started_at);
    const span = await stageSpan(name as Stage, { startedAt, finishedAt: startedAt + seconds * 1000 });
    stages.push({ ...span, attributes: { ...span.attributes, 'stage.cached': cached } });
  }
  // The stage at which it ended before its time: what the stage server tells of it needs its parent too.
  const last = portrait.error ? portrait.error.stage : portrait.progress.stage;
  if (last !== null && !(last in portrait.timings)) {
    const startedAt = stages.at(-1)?.finishedAt ?? createdAt;
    stages.push({
      ...(await stageSpan(last, { startedAt, finishedAt })),
      error: portrait.error?.code ?? status,
    });
  }
  const whole: Span = {
    ...root,
    name: 'portrait',
    parentSpanId: context?.parentSpanId ?? null,
    startedAt: createdAt,
    finishedAt,
    attributes: {
      'portrait.id': id,
      'portrait.status': status,
      'portrait.quality': portrait.quality,
      'portrait.mode': portrait.mode,
    },
    error: status === 'failed' ? (portrait.error?.code ?? 'failed') : null,
  };
  return [whole, ...stages];
}

/** Sends spans to the collector at OTLP_ENDPOINT, where there is one. @throws Error where it does not take them. */
export async function exportSpans(env: Env, spans: readonly Span[]): Promise<void> {
  if (!env.OTLP_ENDPOINT) return;
  const collector = { endpoint: env.OTLP_ENDPOINT, token: env.OTLP_TOKEN };
  const { url, ...request } = otlpRequest(collector, 'portrait3d-edge', spans);
  const response = await fetch(url, { ...request, signal: AbortSignal.timeout(5_000) });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`the trace collector answered HTTP ${response.status}`);
}
