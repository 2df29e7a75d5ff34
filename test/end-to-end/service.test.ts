import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Portrait } from '../../shared/index.ts';
import { decodeSafetensors } from '../../gpu-functions/weights/index.ts';
import { ApiError } from '../../scripts/portrait/portrait-api.ts';
import { at, finished, startTinyService, until, type RunningService } from '../service/running-service.ts';

// Seconds on an idle machine; minutes on a busy one.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

// A long distillation, to be cancelled; no draft runs it.
const SLOW = { distill: { steps: 100_000 } };

let running: RunningService;
beforeAll(async () => {
  running = await startTinyService(SLOW);
});
afterAll(() => running?.close());

const grid = (portrait: Portrait) =>
  portrait.files.find(({ name }) => name === 'trigrid.safetensors')!.sha256;

const draft = { prompt: 'old man with a white beard', seed: 7, quality: 'draft' } as const;

test('a draft goes through the worker and the stages to its files', async () => {
  const { api } = running;
  const created = await api.create(draft);
  expect(created.status).toBe('queued');
  const portrait = await finished(api, created.id);

  expect(portrait.warnings).toEqual([]);
  expect(portrait.progress.stages).toEqual([
    { stage: 'imagine', status: 'done', fraction: 1, eta_seconds: 0 },
    { stage: 'invert', status: 'done', fraction: 1, eta_seconds: 0 },
    { stage: 'render', status: 'done', fraction: 1, eta_seconds: 0 },
  ]);
  expect(portrait.timings.imagine).toMatchObject({ cached: false });
  const names = ['front.png', 'strip.png', 'turntable.webp', 'portrait.glb', 'trigrid.safetensors'];
  expect(portrait.files.map(({ name }) => name)).toEqual(names);

  const files = Object.fromEntries(
    await Promise.all(portrait.files.map(async (file) => [file.name, await api.download(file)] as const)),
  );
  expect(await sharp(files['front.png']).metadata()).toMatchObject({ format: 'png', width: 32, height: 32 });
  expect(await sharp(files['strip.png']).metadata()).toMatchObject({
    format: 'png',
    width: 8 * 24,
    height: 24,
  });
  expect(await sharp(files['turntable.webp']).metadata()).toMatchObject({ format: 'webp', width: 24 });
  expect(new TextDecoder().decode(files['portrait.glb']!.subarray(0, 4))).toBe('glTF');
  expect(decodeSafetensors(files['trigrid.safetensors']!).tensors.size).toBeGreaterThan(0);
});

test('the same prompt and seed again answers from the cache in under a second', async () => {
  const { api } = running;
  const first = await finished(api, (await api.create(draft)).id);
  const start = performance.now();
  const again = await api.create(draft);
  const seconds = (performance.now() - start) / 1000;
  expect(again.status).toBe('succeeded');
  expect(again.id).not.toBe(first.id);
  expect(again.files.map(({ sha256 }) => sha256)).toEqual(first.files.map(({ sha256 }) => sha256));
  expect(seconds).toBeLessThan(1);
});

test('another seed is another portrait', async () => {
  const { api } = running;
  const first = await finished(api, (await api.create(draft)).id);
  const other = await finished(api, (await api.create({ ...draft, seed: 8 })).id);
  expect(grid(other)).not.toBe(grid(first));
});

test('asking for fewer files renders again, and nothing else', async () => {
  const { api } = running;
  await finished(api, (await api.create(draft)).id);
  const front = await finished(api, (await api.create({ ...draft, outputs: ['front'] })).id);
  expect(front.files.map(({ name }) => name)).toEqual(['front.png']);
  expect(front.timings).toMatchObject({
    imagine: { cached: true },
    invert: { cached: true },
    render: { cached: false },
  });
});

test('unknown words are named, and are no error', async () => {
  const { api } = running;
  const portrait = await finished(api, (await api.create({ ...draft, prompt: 'old man with a zorgle' })).id);
  expect(portrait.warnings).toEqual([expect.objectContaining({ code: 'unknown_words' })]);
  expect(portrait.warnings[0]!.words).toContain('zorgle');
  expect(portrait.warnings[0]!.detail).toContain('zorgle');
});

test('a misspelt word is answered with the nearest known one', async () => {
  const { api } = running;
  const portrait = await finished(api, (await api.create({ ...draft, prompt: 'old man with a baerd' })).id);
  expect(portrait.warnings).toMatchObject([
    { code: 'unknown_words', words: ['baerd'], suggestions: [{ word: 'baerd', nearest: 'beard' }] },
  ]);
});

test('what cannot be drawn is said, and that nothing else was asked for', async () => {
  const { api } = running;
  const portrait = await finished(api, (await api.create({ ...draft, prompt: 'a dragon' })).id);
  expect(portrait.warnings).toMatchObject([
    { code: 'not_drawable', words: ['a dragon'] },
    { code: 'nothing_understood' },
  ]);
});

test('a cancelled portrait stops in the middle of a stage and frees the stage server', async () => {
  const { api, service } = running;
  const { id } = await api.create({ ...draft, quality: 'standard' });
  await until(api, id, at('distill', 0.00001));
  expect((await service.stageServerHealth()).status).toBe('BUSY');
  expect((await api.cancel(id)).status).toBe('cancelled');
  await expect
    .poll(async () => (await service.stageServerHealth()).status, { timeout: 10_000 })
    .toBe('READY');
  expect((await api.get(id)).status).toBe('cancelled');
});

const refused = async (body: string, path = '/v1/portraits', method = 'POST') => {
  const response = await fetch(new URL(path, running.service.api), {
    method,
    ...(method === 'POST' && { body, headers: { 'content-type': 'application/json' } }),
  });
  expect(response.headers.get('content-type')).toContain('application/problem+json');
  const problem = (await response.json()) as { status: number; code: string; action: string };
  expect(problem.status).toBe(response.status);
  expect(problem.action.length).toBeGreaterThan(10);
  return `${problem.status} ${problem.code}`;
};

describe('bad input is refused with a stable code and what to do', () => {
  test.each([
    ['an empty prompt', '{"prompt":" "}', '422 invalid_request'],
    ['an over-long prompt', JSON.stringify({ prompt: 'x'.repeat(501) }), '422 invalid_request'],
    ['a wrong type', '{"prompt":7}', '422 invalid_request'],
    ['an unknown quality', '{"prompt":"a man","quality":"ultra"}', '422 invalid_request'],
    ['an unknown member', '{"prompt":"a man","sed":7}', '422 invalid_request'],
    ['broken JSON', '{"prompt":', '400 invalid_json'],
  ])('%s', async (_name, body, expected) => {
    expect(await refused(body)).toBe(expected);
  });

  test('an unknown id, as the command line sees it', async () => {
    const unknown = `prt_${'0'.repeat(24)}`;
    expect(await refused('', `/v1/portraits/${unknown}`, 'GET')).toBe('404 portrait_not_found');
    await expect(running.api.get(unknown)).rejects.toThrow(ApiError);
  });
});
