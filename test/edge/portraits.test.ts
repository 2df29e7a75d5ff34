import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { portraitSchema, type Portrait } from '../../shared/index.ts';
import { PATIENTLY, startEdge, type Edge } from './harness.ts';

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge.close());

const create = async (body: unknown, headers?: Record<string, string>): Promise<[Response, Portrait]> => {
  const response = await edge.post(body, headers);
  return [response, portraitSchema().parse(await response.json())];
};

describe('a portrait', () => {
  it('goes through all five stages and leaves its files', async () => {
    const [response, created] = await create({ prompt: 'an old man with a white beard', seed: 7 });
    expect(response.status).toBe(202);
    expect(response.headers.get('location')).toBe(`/v1/portraits/${created.id}`);
    expect(created.status).toBe('queued');
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);

    const portrait = await edge.get(created.id, 60);
    expect(portrait).toMatchObject({ status: 'succeeded', model: 'weights-1', error: null });
    expect(portrait.progress).toMatchObject({ stage: null, fraction: 1, message: 'Done.' });
    expect(edge.stageServer.starts).toEqual(['imagine', 'invert', 'distill', 'refine', 'render']);
    expect(portrait.files.map(({ name }) => name)).toEqual([
      'front.png',
      'strip.png',
      'turntable.webp',
      'portrait.glb',
      'trigrid.safetensors',
    ]);
    for (const { name, url, size, content_type } of [...portrait.files, ...portrait.previews]) {
      const file = await edge.api(url);
      expect(file.status, name).toBe(200);
      expect(file.headers.get('content-type')).toBe(content_type);
      expect((await file.arrayBuffer()).byteLength).toBe(size);
    }
  });

  // How fast that is, is measured by `npm run load` on a machine that does nothing else.
  it('is answered at once, without waiting or work, when an equal one was made before', async () => {
    const [starts, asked] = [edge.stageServer.starts.length, edge.stageServer.asked.length];
    for (let attempt = 0; attempt < 3; attempt++) {
      const [response, portrait] = await create({ prompt: 'an old man with a white beard', seed: 7 });
      expect(response.status).toBe(201);
      expect(response.headers.get('preference-applied')).toBe(null);
      expect(portrait.status).toBe('succeeded');
      expect(portrait.files).toHaveLength(5);
      expect(Object.values(portrait.timings).map(({ cached }) => cached)).toEqual(Array(5).fill(true));
    }
    expect(edge.stageServer.starts.length).toBe(starts);
    // The stage server is asked which weights it has, and for no run.
    expect(new Set(edge.stageServer.asked.slice(asked))).toEqual(new Set(['GET /health']));
  });

  it('is answered from before even while the stage server is away', async () => {
    await edge.stageServer.kill();
    const [response] = await create({ prompt: 'an old man with a white beard', seed: 7 });
    await edge.stageServer.listen();
    expect(response.status).toBe(201);
  });

  it('renders again, and only that, when other outputs are wanted', async () => {
    const before = edge.stageServer.starts.length;
    const [, portrait] = await create(
      { prompt: 'an old man with a white beard', seed: 7, outputs: ['glb'] },
      { prefer: 'wait=60' },
    );
    expect(portrait.status).toBe('succeeded');
    expect(edge.stageServer.starts.slice(before)).toEqual(['render']);
    expect(portrait.files.map(({ name }) => name)).toEqual(['portrait.glb']);
  });

  it('is made anew by other weights', async () => {
    edge.stageServer.digest = 'weights-2';
    const before = edge.stageServer.starts.length;
    const [response, portrait] = await create(
      { prompt: 'an old man with a white beard', seed: 7, quality: 'draft' },
      { prefer: 'wait=60' },
    );
    expect(response.status).toBe(201);
    expect(response.headers.get('preference-applied')).toBe('wait=60');
    expect(portrait.model).toBe('weights-2');
    expect(edge.stageServer.starts.slice(before)).toEqual(['imagine', 'invert', 'render']);
  });

  it('names the words that the model does not know', async () => {
    edge.stageServer.unknownWords = ['zorgle'];
    const [, portrait] = await create({ prompt: 'a zorgle', quality: 'draft' }, { prefer: 'wait=60' });
    edge.stageServer.unknownWords = [];
    expect(portrait.status).toBe('succeeded');
    expect(portrait.warnings).toMatchObject([{ code: 'unknown_words', words: ['zorgle'] }]);
  });

  it('draws a seed where none is given', async () => {
    const [, a] = await create({ prompt: 'a girl', quality: 'draft' });
    const [, b] = await create({ prompt: 'a girl', quality: 'draft' });
    expect(a.seed).not.toBe(b.seed);
  });

  it('is the same one for the same Idempotency-Key and body, and a conflict for another body', async () => {
    const headers = { 'idempotency-key': 'order-1' };
    const [, first] = await create({ prompt: 'a boy', quality: 'draft' }, headers);
    const [, again] = await create({ quality: 'draft', prompt: ' a boy ' }, headers);
    expect([again.id, again.seed]).toEqual([first.id, first.seed]);
    const other = await edge.post({ prompt: 'a man' }, headers);
    expect(other.status).toBe(422);
    expect(await other.json()).toMatchObject({ code: 'idempotency_key_reused' });
  });

  it('is listed newest first, page by page', async () => {
    const pages: Portrait[][] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const response = await edge.api(`/v1/portraits?limit=3${cursor && `&cursor=${cursor}`}`);
      const page = (await response.json()) as { data: Portrait[]; next_cursor: string | null };
      pages.push(page.data);
      cursor = page.next_cursor;
    }
    const all = pages.flat();
    expect(pages.every((page) => page.length <= 3)).toBe(true);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(all.map(({ created_at }) => created_at)).toEqual(
      all.map(({ created_at }) => created_at).toSorted((a, b) => b.localeCompare(a)),
    );
  });

  it('can be cancelled, which stops the stage server', async () => {
    edge.stageServer.held = 'invert';
    const [, { id }] = await create({ prompt: 'a tall man', quality: 'draft' });
    await expect.poll(async () => (await edge.get(id)).status, PATIENTLY).toBe('inverting');
    const response = await edge.api(`/v1/portraits/${id}/cancel`, { method: 'POST' });
    expect(await response.json()).toMatchObject({ id, status: 'cancelled' });
    await expect.poll(() => edge.stageServer.released, PATIENTLY).toContain('invert');
    edge.stageServer.held = null;
    expect((await edge.get(id)).status).toBe('cancelled');
  });

  it('can be deleted, whatever it is doing', async () => {
    edge.stageServer.held = 'imagine';
    const [, { id }] = await create({ prompt: 'a short man', quality: 'draft' });
    await expect.poll(() => edge.stageServer.starts.length, PATIENTLY).toBeGreaterThan(0);
    expect((await edge.api(`/v1/portraits/${id}`, { method: 'DELETE' })).status).toBe(204);
    edge.stageServer.held = null;
    for (const [path, init] of [
      ['', {}],
      ['', { method: 'DELETE' }],
      ['/cancel', { method: 'POST' }],
      ['/events', {}],
      ['/files/front.png', {}],
    ] as const) {
      const response = await edge.api(`/v1/portraits/${id}${path}`, init);
      expect([path, response.status, ((await response.json()) as { code: string }).code]).toEqual([
        path,
        404,
        'portrait_not_found',
      ]);
    }
    const list = (await (await edge.api('/v1/portraits?limit=100')).json()) as { data: Portrait[] };
    expect(list.data.map((portrait) => portrait.id)).not.toContain(id);
  });
});
