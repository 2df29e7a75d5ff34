import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  portraitEventSchema,
  portraitSchema,
  type Portrait,
  type PortraitEvent,
} from '../../shared/index.ts';
import { startEdge, type Edge } from './harness.ts';

let edge: Edge;
let portrait: Portrait;
let live: PortraitEvent[];

/** Reads a stream of server-sent events to its end, or until `stop`. */
async function readEvents(id: string, lastEventId?: string, stop?: (event: PortraitEvent) => boolean) {
  const response = await edge.api(`/v1/portraits/${id}/events`, {
    headers: lastEventId ? { 'last-event-id': lastEventId } : {},
  });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const events: PortraitEvent[] = [];
  let text = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const blocks = text.split('\n\n');
    text = blocks.pop()!;
    for (const block of blocks.filter((lines) => !lines.startsWith(':'))) {
      const [type, eventId, data] = block.split('\n').map((line) => line.slice(line.indexOf(': ') + 2));
      const event = portraitEventSchema().parse(JSON.parse(data!));
      expect([event.type, event.id]).toEqual([type, eventId]);
      events.push(event);
      if (stop?.(event)) return events;
    }
  }
  return events;
}

async function read(headers: Record<string, string> = {}, method = 'GET') {
  const response = await edge.api(portrait.files[0]!.url, { headers, method });
  return { response, text: await response.text() };
}

beforeAll(async () => {
  edge = await startEdge();
  const response = await edge.post({ prompt: 'a woman with green hair', quality: 'draft', seed: 3 });
  const { id } = portraitSchema().parse(await response.json());
  live = await readEvents(id);
  portrait = await edge.get(id);
});
afterAll(() => edge.close());

describe('events', () => {
  it('tell a portrait from its creation to its end, in order', () => {
    expect(live[0]!.type).toBe('portrait.created');
    expect(live.at(-1)).toMatchObject({
      type: 'portrait.finished',
      data: { status: 'succeeded', id: portrait.id },
    });
    const statuses = live.flatMap((event) => (event.type === 'portrait.status' ? [event.data.status] : []));
    expect([...new Set(statuses)]).toEqual(['imagining', 'inverting', 'rendering']);
    for (const type of ['portrait.progress', 'portrait.preview'])
      expect(live.filter((event) => event.type === type).length).toBeGreaterThan(2);
    const fractions = live.flatMap((event) =>
      event.type === 'portrait.progress' ? [event.data.fraction] : [],
    );
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
  });

  it('are told again, the same, to who comes late', async () => {
    expect(await readEvents(portrait.id)).toEqual(live);
  });

  it('go on after the Last-Event-ID', async () => {
    expect(await readEvents(portrait.id, live[4]!.id)).toEqual(live.slice(5));
    expect(await readEvents(portrait.id, live.at(-1)!.id)).toEqual([]);
  });

  it('reach a listener who left and came back, none lost and none twice', async () => {
    const response = await edge.post({ prompt: 'a man with blue hair', quality: 'draft', seed: 4 });
    const { id } = portraitSchema().parse(await response.json());
    const first = await readEvents(id, undefined, (event) => event.type === 'portrait.preview');
    const rest = await readEvents(id, first.at(-1)!.id);
    expect([...first, ...rest]).toEqual(await readEvents(id));
  });
});

describe('a file', () => {
  it('is named by its hash and need not be read twice', async () => {
    const { response } = await read();
    const etag = `"${portrait.files[0]!.sha256}"`;
    expect(response.headers.get('etag')).toBe(etag);
    expect((await read({ 'if-none-match': etag })).response.status).toBe(304);
    expect((await read({ 'if-none-match': 'W/"other"' })).response.status).toBe(200);
  });

  it('can be read in parts', async () => {
    const { text: whole } = await read();
    for (const [range, part] of [
      ['bytes=0-9', whole.slice(0, 10)],
      ['bytes=10-', whole.slice(10)],
      ['bytes=-5', whole.slice(-5)],
      ['bytes=3-100000', whole.slice(3)],
    ] as const) {
      const { response, text } = await read({ range });
      expect([range, response.status, text]).toEqual([range, 206, part]);
    }
    const { response } = await read({ range: 'bytes=2-4' });
    expect(response.headers.get('content-range')).toBe(`bytes 2-4/${whole.length}`);
    expect((await read({ range: 'bytes=2-4', 'if-range': '"other"' })).text).toBe(whole);
    expect((await read({ range: 'lines=2-4' })).text).toBe(whole);
  });

  it('refuses a range beyond its end', async () => {
    const { response, text } = await read({ range: 'bytes=99999-' });
    expect(response.status).toBe(416);
    expect(response.headers.get('content-range')).toBe(`bytes */${portrait.files[0]!.size}`);
    expect(JSON.parse(text)).toMatchObject({ code: 'range_not_satisfiable' });
  });

  it('tells its size to HEAD', async () => {
    const { response, text } = await read({}, 'HEAD');
    expect(response.headers.get('content-length')).toBe(String(portrait.files[0]!.size));
    expect(text).toBe('');
  });
});
