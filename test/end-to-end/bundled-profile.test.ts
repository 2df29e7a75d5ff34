import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { LocalService } from '../../scripts/dev/local-service.ts';
import { PortraitApi } from '../../scripts/portrait/portrait-api.ts';
import { finished } from '../service/running-service.ts';

// Under a minute on an idle machine; minutes on a busy one.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 240_000 });

let state: string;
let service: LocalService;
beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), 'portrait-bundled-'));
  service = await LocalService.start({ state });
});
afterAll(async () => {
  await service?.stop();
  await rm(state, { recursive: true, force: true });
});

test('the bundled profile knows the words of the example, and draws somebody before a white background', async () => {
  const api = new PortraitApi(service.api);
  const prompt = 'an old man with a white beard, wearing a red turtleneck';
  const { id } = await api.create({ prompt, seed: 7, quality: 'draft', outputs: ['front'] });
  const portrait = await finished(api, id, 560);

  expect(portrait.warnings).toEqual([]);
  const front = await api.download(portrait.files[0]!);
  const { data, info } = await sharp(front)
    .flatten({ background: 'white' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect(info.width).toBe(info.height);
  const pixel = (x: number, y: number) => {
    const at = (Math.floor(y * info.height) * info.width + Math.floor(x * info.width)) * info.channels;
    return [...data.subarray(at, at + 3)];
  };
  for (const corner of [pixel(0.02, 0.02), pixel(0.98, 0.02)])
    expect(Math.min(...corner)).toBeGreaterThan(240);
  expect(Math.min(...pixel(0.5, 0.5))).toBeLessThan(230);
  expect(Math.min(...pixel(0.5, 0.95))).toBeLessThan(230);
});
