import { expect, it } from 'vitest';
import { hostTensor, input } from '../../graph/index.ts';
import { initialise, traceParameters, type WeightMap } from '../../nn/index.ts';
import { MINI, paintView, type ViewPainterConfig } from '../../portrait/index.ts';
import type { Profile } from '../../weights/index.ts';
import { modelsOf } from '../models.ts';
import { bust, CAMERA } from '../render/testing/bust.ts';
import { viewLabel } from './orbit.ts';
import { pictured } from './pictured.ts';
import { paintUnseenSides } from './unseen-sides.ts';
import { voxelView } from './voxel-view.ts';
import type { Voxels } from './voxels.ts';

const SIZE = 64;
const CONFIG: ViewPainterConfig = {
  imageSize: SIZE,
  patch: 4,
  channels: [4, 6],
  decoder: { stem: 3, channels: [5, 4] },
};
const { signal } = new AbortController();
const front = viewLabel(CAMERA, 0);
const back = viewLabel(CAMERA, 180);

/** A network that adds so much, in [−1, 1], to red, green and blue. */
function painterAdding(...change: readonly number[]): WeightMap {
  const specs = traceParameters((p) => paintView(p, CONFIG, input('image', [1, 4, SIZE, SIZE])).colour);
  // Four pixels of each channel; what the last layer draws counts a quarter.
  const bias = Float32Array.from({ length: 16 }, (_, i) => 4 * (change[Math.floor(i / 4)] ?? 0));
  return initialise(specs, 1).set('out.bias', hostTensor(bias, [16]));
}

/** Paints a bust over which its own picture from the front is laid. */
async function painted(weights?: WeightMap): Promise<{ before: Voxels; after: Voxels }> {
  const whole = bust();
  const pictures = [{ picture: voxelView(whole, front, SIZE), label: front }];
  const before = pictured(whole, pictures);
  const after = { ...before, colours: before.colours.slice() };
  const networks = weights ? { 'view-painter': { config: {} } } : {};
  const profile = {
    manifest: { name: 'test', networks },
    config: (name: string) => (name === 'view-painter' ? CONFIG : MINI),
    weights: async () => weights,
  } as unknown as Profile;
  const models = modelsOf(profile, { threads: 1 });
  await paintUnseenSides(models, after, signal);
  await models.close();
  return { before, after };
}

/** Mean change of red, green and blue from a camera, where somebody is. */
function change({ before, after }: { before: Voxels; after: Voxels }, label: ArrayLike<number>): number[] {
  const [was, is] = [before, after].map((voxels) => voxelView(voxels, label, SIZE).data);
  const area = SIZE * SIZE;
  const inside = [...Array(area).keys()].filter((i) => was[3 * area + i] > 0.99);
  return [0, 1, 2].map(
    (c) => inside.reduce((sum, i) => sum + is[c * area + i] - was[c * area + i], 0) / inside.length,
  );
}

it('paints what the pictures do not show as the network draws it, and leaves what they do', async () => {
  const both = await painted(painterAdding(-0.4, 0, 0));
  const [red, green, blue] = change(both, back);
  expect(red).toBeCloseTo(-0.2, 1);
  for (const other of [green, blue]) expect(Math.abs(other)).toBeLessThan(0.02);
  // Of its outline the picture tells nothing.
  expect(Math.abs(change(both, front)[0])).toBeLessThan(0.03);
  expect(both.after.density).toBe(both.before.density);
});

it('leaves what the network leaves', async () => {
  const both = await painted(painterAdding(0, 0, 0));
  for (const label of [front, back, viewLabel(CAMERA, 90)])
    for (const each of change(both, label)) expect(Math.abs(each)).toBeLessThan(0.01);
});

it('paints nothing where the profile has no such network', async () => {
  const { before, after } = await painted();
  expect(after.colours).toEqual(before.colours);
});

it('stops when it is aborted', async () => {
  const whole = bust();
  const weights = painterAdding(0, 0, 0);
  const profile = {
    manifest: { name: 'test', networks: { 'view-painter': { config: {} } } },
    config: (name: string) => (name === 'view-painter' ? CONFIG : MINI),
    weights: async () => weights,
  } as unknown as Profile;
  const models = modelsOf(profile, { threads: 1 });
  const aborted = AbortSignal.abort();
  await expect(paintUnseenSides(models, whole, aborted)).rejects.toBe(aborted.reason);
  await models.close();
});
