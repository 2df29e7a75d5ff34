import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Span } from '../../shared/index.ts';
import { collectorOf, SpanExporter } from './span-exporter.ts';

const span: Span = {
  name: 'run distill',
  traceId: 'a'.repeat(32),
  spanId: 'b'.repeat(16),
  parentSpanId: null,
  startedAt: 1,
  finishedAt: 2,
  attributes: {},
  error: null,
};

let server: Server | undefined;
const logged: string[] = [];
const log = (_level: string, event: string) => void logged.push(event);

/** A collector that answers with a status. @returns its address, and the bodies it was sent */
async function collector(status: number) {
  const bodies: { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] }[] = [];
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      bodies.push(JSON.parse(text));
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies };
}

afterEach(() => {
  server?.close();
  server = undefined;
  logged.length = 0;
});

describe('spans', () => {
  it('of a long run are sent in parts', async () => {
    const { endpoint, bodies } = await collector(200);
    const exporter = new SpanExporter({ endpoint }, log);
    exporter.send(Array.from({ length: 1_100 }, () => span));
    await exporter.flush();
    const counts = bodies.map(({ resourceSpans }) => resourceSpans[0]!.scopeSpans[0]!.spans.length);
    expect(counts.toSorted((a, b) => a - b)).toEqual([76, 512, 512]);
    expect(logged).toEqual([]);
  });

  it('that nobody takes are given up, which is logged', async () => {
    const { endpoint } = await collector(503);
    const refused = new SpanExporter({ endpoint }, log);
    refused.send([span]);
    await refused.flush();
    const away = new SpanExporter({ endpoint: 'http://127.0.0.1:1' }, log);
    away.send([span]);
    await away.flush();
    expect(logged).toEqual(['spans_not_exported', 'spans_not_exported']);
  });
});

it('a collector is an http(s) address, or none', () => {
  expect(collectorOf({})).toBe(undefined);
  expect(collectorOf({ OTLP_ENDPOINT: '' })).toBe(undefined);
  expect(collectorOf({ OTLP_ENDPOINT: 'https://a.example', OTLP_TOKEN: 'x' })).toEqual({
    endpoint: 'https://a.example',
    token: 'x',
  });
  for (const wrong of ['collector:4318', 'localhost', 'ftp://a.example'])
    expect(() => collectorOf({ OTLP_ENDPOINT: wrong })).toThrow('OTLP_ENDPOINT');
});
