/** W3C Trace Context: the trace that something belongs to, and the span it came from. */
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
  /** Ids, numbers and codes; never a prompt. */
  attributes: Record<string, string | number | boolean>;
  error: string | null;
}

/** The context of a `traceparent` (W3C Trace Context §3.2); null where there is none that can be read. */
export function parseTraceparent(text: string | undefined): TraceContext | null {
  const parts = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/.exec(text ?? '');
  if (!parts || /^0+$/.test(parts[1]!) || /^0+$/.test(parts[2]!)) return null;
  return { traceId: parts[1]!, parentSpanId: parts[2]! };
}

/** `traceparent` of what follows from a span, sampled. */
export function formatTraceparent({ traceId, spanId }: Pick<Span, 'traceId' | 'spanId'>): string {
  return `00-${traceId}-${spanId}-01`;
}

/** Where spans go: an OTLP/HTTP collector, and the bearer token it wants. */
export interface Collector {
  endpoint: string;
  token?: string | undefined;
}

/** The request that exports a service's spans to a collector (opentelemetry-proto, JSON encoding). */
export function otlpRequest(
  { endpoint, token }: Collector,
  service: string,
  spans: readonly Span[],
): { url: string; method: 'POST'; headers: Record<string, string>; body: string } {
  return {
    url: `${endpoint.replace(/\/$/, '')}/v1/traces`,
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(otlpBody(service, spans)),
  };
}

/** Body of an OTLP/HTTP export (opentelemetry-proto, JSON encoding). */
export function otlpBody(service: string, spans: readonly Span[]) {
  return {
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
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

// Whole microseconds: a number of nanoseconds is more than a double holds.
const nanoseconds = (ms: number) => `${BigInt(Math.round(ms * 1000)) * 1000n}`;

function attributeValue(value: string | number | boolean) {
  if (typeof value === 'string') return { stringValue: value };
  return typeof value === 'boolean' ? { boolValue: value } : { doubleValue: value };
}
