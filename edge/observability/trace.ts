import { hex, sha256Hex, type Portrait } from '../../shared/index.ts';
import type { Env } from '../env.ts';

/** W3C Trace Context: the trace a request belongs to, and the span it came from. */
export interface TraceContext {
  traceId: string;
  parentSpanId: string | null;
}

/** One finished span. Times are milliseconds since 1970. */
export interface Span {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId: string | null;
  startedAt: number;
  finishedAt: number;
  attributes: Record<string, string | number | boolean>;
  error: string | null;
}

/** The context of a `traceparent` header (W3C Trace Context §3.2); null where there is none that can be read. */
export function parseTraceparent(header: string | undefined): TraceContext | null {
  const parts = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/.exec(header ?? '');
  if (!parts || /^0+$/.test(parts[1]!) || /^0+$/.test(parts[2]!)) return null;
  return { traceId: parts[1]!, parentSpanId: parts[2]! };
}

/** `traceparent` of what follows from a span, sampled. */
export function formatTraceparent({ traceId, spanId }: Pick<Span, 'traceId' | 'spanId'>): string {
  return `00-${traceId}-${spanId}-01`;
}

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
 * The spans of a finished portrait: the portrait, and below it each stage. Ids follow from the portrait's own, so that
 * spans reported twice are the same spans.
 */
export async function portraitSpans(portrait: Portrait, context: TraceContext | null): Promise<Span[]> {
  const ids = async (part: string) => (await sha256Hex(`${portrait.id} ${part}`)).slice(0, 16);
  const traceId = context?.traceId ?? (await sha256Hex(portrait.id)).slice(0, 32);
  const root = await ids('portrait');
  const stages = await Promise.all(
    Object.entries(portrait.timings).map(async ([stage, { started_at, seconds, cached }]): Promise<Span> => {
      const startedAt = Date.parse(started_at);
      return {
        name: `stage ${stage}`,
        traceId,
        spanId: await ids(stage),
        parentSpanId: root,
        startedAt,
        finishedAt: startedAt + seconds * 1000,
        attributes: { 'portrait.id': portrait.id, 'stage.name': stage, 'stage.cached': cached },
        error: null,
      };
    }),
  );
  const startedAt = Date.parse(portrait.created_at);
  return [
    {
      name: 'portrait',
      traceId,
      spanId: root,
      parentSpanId: context?.parentSpanId ?? null,
      startedAt,
      finishedAt: portrait.finished_at === null ? startedAt : Date.parse(portrait.finished_at),
      attributes: {
        'portrait.id': portrait.id,
        'portrait.status': portrait.status,
        'portrait.quality': portrait.quality,
        'portrait.mode': portrait.mode,
      },
      error: portrait.status === 'failed' ? (portrait.error?.code ?? 'failed') : null,
    },
    ...stages,
  ];
}

const nanoseconds = (ms: number) => `${BigInt(Math.round(ms)) * 1_000_000n}`;

function attributeValue(value: string | number | boolean) {
  if (typeof value === 'string') return { stringValue: value };
  return typeof value === 'boolean' ? { boolValue: value } : { doubleValue: value };
}

/** Body of an OTLP/HTTP export (opentelemetry-proto, JSON encoding). */
export function otlpBody(spans: readonly Span[]) {
  return {
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'portrait3d-edge' } }] },
        scopeSpans: [
          {
            scope: { name: 'portrait3d' },
            spans: spans.map((span) => ({
              traceId: span.traceId,
              spanId: span.spanId,
              ...(span.parentSpanId && { parentSpanId: span.parentSpanId }),
              name: span.name,
              kind: 1,
              startTimeUnixNano: nanoseconds(span.startedAt),
              endTimeUnixNano: nanoseconds(span.finishedAt),
              attributes: Object.entries(span.attributes).map(([key, value]) => ({
                key,
                value: attributeValue(value),
              })),
              status: span.error === null ? { code: 1 } : { code: 2, message: span.error },
            })),
          },
        ],
      },
    ],
  };
}

/** Sends spans to the collector at OTLP_ENDPOINT, where there is one. @throws Error where it does not take them. */
export async function exportSpans(env: Env, spans: readonly Span[]): Promise<void> {
  if (!env.OTLP_ENDPOINT) return;
  const response = await fetch(`${env.OTLP_ENDPOINT.replace(/\/$/, '')}/v1/traces`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(env.OTLP_TOKEN && { authorization: `Bearer ${env.OTLP_TOKEN}` }),
    },
    body: JSON.stringify(otlpBody(spans)),
    signal: AbortSignal.timeout(5_000),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`the trace collector answered HTTP ${response.status}`);
}
