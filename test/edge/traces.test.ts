import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { portraitSchema } from '../../shared/index.ts';
import { listenOnLoopback } from '../loopback.ts';
import { PATIENTLY, SIGNING_SECRET, startEdge, type Edge } from './harness.ts';

/** What an OTLP/HTTP collector takes, as far as it is looked at here (opentelemetry-proto, JSON encoding). */
const exportSchema = z.object({
  resourceSpans: z.array(
    z.object({
      scopeSpans: z.array(
        z.object({
          spans: z.array(
            z.object({
              traceId: z.string().regex(/^[0-9a-f]{32}$/),
              spanId: z.string().regex(/^[0-9a-f]{16}$/),
              parentSpanId: z
                .string()
                .regex(/^[0-9a-f]{16}$/)
                .optional(),
              name: z.string(),
              startTimeUnixNano: z.string().regex(/^\d+$/),
              endTimeUnixNano: z.string().regex(/^\d+$/),
            }),
          ),
        }),
      ),
    }),
  ),
});
type Spans = z.output<typeof exportSchema>['resourceSpans'][0]['scopeSpans'][0]['spans'];

const spans = new Map<string, Spans[0]>();
const bearers = new Set<string | undefined>();
let collector: Server;
let edge: Edge;

beforeAll(async () => {
  collector = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      bearers.add(request.headers.authorization);
      const body = exportSchema.parse(JSON.parse(Buffer.concat(chunks).toString()));
      for (const { scopeSpans } of body.resourceSpans)
        for (const scope of scopeSpans) for (const span of scope.spans) spans.set(span.name, span);
      response.writeHead(request.url === '/v1/traces' ? 200 : 404).end('{}');
    });
  });
  const url = `http://127.0.0.1:${await listenOnLoopback(collector)}`;
  edge = await startEdge({ SIGNING_SECRET, AUTH: 'off', OTLP_ENDPOINT: url, OTLP_TOKEN: 'a token' });
});
afterAll(async () => {
  await edge.close();
  collector.close();
});

it("a portrait's trace goes on from its caller's: request, portrait, stages", async () => {
  const [traceId, caller] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];
  const response = await edge.post(
    { prompt: 'an old man', quality: 'draft' },
    { prefer: 'wait=30', traceparent: `00-${traceId}-${caller}-01` },
  );
  expect(portraitSchema().parse(await response.json()).status).toBe('succeeded');
  const [, answered, request] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-01$/.exec(
    response.headers.get('traceparent')!,
  )!;
  expect(answered).toBe(traceId);
  await vi.waitFor(() => {
    expect([...spans.keys()].toSorted()).toEqual([
      'POST /v1/portraits',
      'portrait',
      'stage imagine',
      'stage invert',
      'stage render',
    ]);
  }, PATIENTLY);
  expect(spans.get('POST /v1/portraits')).toMatchObject({ spanId: request, parentSpanId: caller });
  const portrait = spans.get('portrait')!;
  expect(portrait.parentSpanId).toBe(request);
  for (const [name, span] of spans) {
    expect(span.traceId).toBe(traceId);
    if (name.startsWith('stage')) expect(span.parentSpanId).toBe(portrait.spanId);
  }
  expect([...bearers]).toEqual(['Bearer a token']);
});
