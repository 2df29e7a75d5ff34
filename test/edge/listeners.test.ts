import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { portraitSchema } from '../../shared/index.ts';
import { listen } from '../load/listeners.ts';
import { PATIENTLY, startEdge, type Edge } from './harness.ts';

vi.setConfig({ testTimeout: 240_000 });

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge?.close());

async function held(prompt: string): Promise<string> {
  edge.stageServer.held = 'imagine';
  const response = await edge.post({ prompt, quality: 'draft', seed: 1 });
  return portraitSchema().parse(await response.json()).id;
}

describe('listeners', () => {
  it('five hundred of one portrait are all told the same, to the end, though others leave', async () => {
    const id = await held('watched by many');
    const all = await Promise.all(Array.from({ length: 550 }, () => listen(edge.url, id)));
    for (const { told, leave } of all.slice(500)) {
      told.catch(() => {});
      leave();
    }
    edge.stageServer.held = null;
    const told = await Promise.all(all.slice(0, 500).map((listener) => listener.told));
    expect(told[0]).toBeGreaterThan(10);
    expect(new Set(told)).toEqual(new Set([told[0]]));
  });

  it('that does not read holds up nobody, and finds everything when it does', async () => {
    const id = await held('watched slowly');
    const slow = request(new URL(`/v1/portraits/${id}/events`, edge.url), { agent: false });
    const stream = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
      slow.on('response', resolve).on('error', reject).end();
    });
    stream.pause();
    const fast = await listen(edge.url, id);
    edge.stageServer.held = null;
    const events = await fast.told;
    await expect.poll(async () => (await edge.get(id)).status, PATIENTLY).toBe('succeeded');
    stream.setEncoding('utf8');
    let text = '';
    for await (const chunk of stream as AsyncIterable<string>) text += chunk;
    expect(text.match(/^event: /gm)).toHaveLength(events);
    expect(text).toContain('event: portrait.finished');
  });
});
