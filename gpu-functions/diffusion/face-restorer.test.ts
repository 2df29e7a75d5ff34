import { expect, test } from 'vitest';
import { evaluate, float32, hostTensor, input } from '../graph/index.ts';
import { Random, initialise, storedParameters, traceParameters } from '../nn/index.ts';
import { cutRegion, restoreFaces, withRegion } from './face-restorer.ts';
import type { FaceRestorerConfig } from './face-restorer.ts';

const CONFIG: FaceRestorerConfig = {
  imageSize: 64,
  region: { top: 8, left: 20, height: 32, width: 24 },
  blockChannels: [8, 16],
  normGroups: 4,
  contextChannels: 6,
  patch: 2,
};
const [N, TOKENS] = [2, 3];
const { height: H, width: W } = CONFIG.region;
const faces = input('faces', [N, 4, H, W]);
const context = input('context', [N, TOKENS, CONFIG.contextChannels]);
const specs = traceParameters((p) => restoreFaces(p, faces, context, CONFIG));
const random = new Random(2);
const FEEDS = {
  faces: hostTensor(random.normals(N * 4 * H * W), faces.shape),
  context: hostTensor(random.normals(N * TOKENS * CONFIG.contextChannels), context.shape),
};

/** What networks make of faces: one that has just been initialised, or one of which no layer is zero any more. */
async function restored(isTrained: boolean, feeds = FEEDS): Promise<Float32Array> {
  const weights = initialise(specs, 1);
  if (isTrained)
    for (const [name, { data }] of weights)
      if (/conv(2|_out)\.weight$/.test(name)) (data as Float32Array).set(new Random(5).normals(data.length));
  const colours = restoreFaces(storedParameters(weights), faces, context, CONFIG);
  return float32((await evaluate({ colours }, feeds)).colours);
}

test('an untrained restorer leaves colours as they are', async () => {
  const found = await restored(false);
  expect(found).toHaveLength(N * 3 * H * W);
  const given = FEEDS.faces.data as Float32Array;
  expect(found.subarray(0, 3 * H * W)).toEqual(given.subarray(0, 3 * H * W));
});

test('a change fades out towards the border', async () => {
  const found = await restored(true);
  const given = FEEDS.faces.data as Float32Array;
  const change = (row: number, column: number) =>
    Math.abs(found[row * W + column]! - given[row * W + column]!);
  const inside = Array.from({ length: W - 16 }, (_, x) => change(H / 2, x + 8));
  const border = Array.from({ length: W }, (_, x) => change(0, x));
  expect(Math.max(...inside)).toBeGreaterThan(0.1);
  expect(Math.max(...border)).toBeLessThan(Math.max(...inside) / 8);
});

test('what the text says matters, and of each picture its own', async () => {
  const plain = await restored(true);
  const said = (FEEDS.context.data as Float32Array).slice();
  said.fill(1, said.length / 2);
  const other = await restored(true, { ...FEEDS, context: hostTensor(said, context.shape) });
  const half = plain.length / 2;
  expect(other.subarray(0, half)).toEqual(plain.subarray(0, half));
  expect(other.subarray(half)).not.toEqual(plain.subarray(half));
});

test('regions are cut out of planes and set into them again', () => {
  const planes = Float32Array.from({ length: 2 * 16 }, (_, i) => i);
  const region = { top: 1, left: 2, height: 2, width: 1 };
  expect([...cutRegion(planes, 4, region)]).toEqual([6, 10, 22, 26]);
  const set = withRegion(planes, 4, region, Float32Array.of(-1, -2));
  expect([...set]).toEqual([...planes].map((x) => (x === 6 ? -1 : x === 10 ? -2 : x)));
});
