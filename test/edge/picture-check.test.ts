import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { portraitSchema } from '../../shared/index.ts';
import { listenOnLoopback } from '../loopback.ts';
import { SIGNING_SECRET, startEdge, type Edge } from './harness.ts';

/** A service that looks at pictures: what it answers next, and what it was shown. */
const checker = { status: 200, body: '{"allowed": true}' };
const shown: { authorization: string | undefined; type: string | undefined; bytes: Buffer }[] = [];
let server: Server;
let edge: Edge;

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { authorization, 'content-type': type } = request.headers;
      shown.push({ authorization, type, bytes: Buffer.concat(chunks) });
      response.writeHead(checker.status).end(checker.body);
    });
  });
  edge = await startEdge({
    SIGNING_SECRET,
    AUTH: 'off',
    PICTURE_CHECK_URL: `http://127.0.0.1:${await listenOnLoopback(server)}/check`,
    PICTURE_CHECK_TOKEN: 'a token',
    PICTURE_CHECK_REQUIRED: 'on',
  });
});
afterAll(async () => {
  await edge.close();
  server.close();
});

const make = async (prompt: string) => {
  const body = { prompt, seed: 7, quality: 'draft' };
  return portraitSchema().parse(await (await edge.post(body, { prefer: 'wait=30' })).json());
};

describe('the picture that imagine chose', () => {
  it('is shown to the check once, and the portrait goes on', async () => {
    const portrait = await make('an old man');
    expect(portrait.status).toBe('succeeded');
    expect(shown).toHaveLength(1);
    expect(shown[0]).toMatchObject({ authorization: 'Bearer a token', type: 'image/png' });
  });

  it('ends the portrait as filtered: nothing of it is shown or kept, and no later stage runs', async () => {
    Object.assign(checker, { status: 200, body: '{"allowed": false, "reason": "nudity"}' });
    const begun = edge.stageServer.starts.length;
    const portrait = await make('an old woman');
    expect(portrait).toMatchObject({
      status: 'filtered',
      error: { code: 'content_filtered', stage: 'imagine' },
      files: [],
      previews: [],
    });
    expect(edge.stageServer.starts.slice(begun)).toEqual(['imagine']);
    for (const name of ['image.png', 'candidates.png'])
      expect((await edge.api(`/v1/portraits/${portrait.id}/files/${name}`)).status).toBe(404);
    const events = await (await edge.api(`/v1/portraits/${portrait.id}/events`)).text();
    expect(events.split('event: ').at(-1)).toMatch(/^portrait\.finished\n/);
    expect(events).toContain('"code":"content_filtered"');
  });

  it('is judged anew for an equal request that finds it in the cache', async () => {
    Object.assign(checker, { status: 200, body: '{"allowed": false}' });
    expect((await make('an old man')).status).toBe('filtered');
  });

  it('is waited for while a required check is silent', async () => {
    Object.assign(checker, { status: 500, body: '' });
    const posted = await edge.post({ prompt: 'a young man', quality: 'draft' });
    const { id } = portraitSchema().parse(await posted.json());
    expect((await edge.get(id, 2)).status).toBe('imagining');
    Object.assign(checker, { status: 200, body: '{"allowed": true}' });
    expect((await edge.get(id, 30)).status).toBe('succeeded');
  });
});
