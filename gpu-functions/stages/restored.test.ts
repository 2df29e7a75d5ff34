import { expect, it } from 'vitest';
import type { Restorer } from '../diffusion/index.ts';
import { hostTensor } from '../graph/index.ts';
import { Random } from '../nn/index.ts';
import { restored } from './restored.ts';

const SIZE = 64;
const REGION = { top: 16, left: 16, height: 32, width: 32 };
const grey = {
  width: SIZE,
  height: SIZE,
  data: Float32Array.from({ length: 4 * SIZE * SIZE }, (_, i) => (i < 3 * SIZE * SIZE ? 0.5 : 1)),
};
const text = hostTensor(new Float32Array(4), [1, 1, 4]);

/** Draws what is said of each place. */
const drawing = (at: (row: number, column: number) => number, region?: Restorer['region']): Restorer => ({
  imageSize: SIZE,
  noiseShape: [3, SIZE, SIZE],
  ...(region && { region }),
  prepare: async () => {},
  change: async () =>
    Float32Array.from({ length: 3 * SIZE * SIZE }, (_, i) => at(Math.floor(i / SIZE) % SIZE, i % SIZE)),
});
const draw = async (...restorers: Restorer[]) => {
  const { data } = await restored(restorers, grey, text, new Random(1), {
    steps: 1,
    signal: new AbortController().signal,
  });
  return (row: number, column: number) => data[row * SIZE + column];
};
const inRegion = (row: number, column: number) => row >= 16 && row < 48 && column >= 16 && column < 48;

/** In the region fine stripes, the same from its middle to either side, and all of it darker than what is drawn around it. */
const stripes = (row: number, column: number) =>
  inRegion(row, column) ? -0.4 + (Math.floor(Math.abs(column - 31.5)) % 2 === 0 ? 0.2 : -0.2) : 0;

it('changes nothing without restorers, and adds what one draws', async () => {
  expect((await draw())(3, 3)).toBe(0.5);
  expect((await draw(drawing(() => 0.25)))(3, 3)).toBeCloseTo(0.625, 6);
});

it('takes the details of a region from the second, and its tones from the first', async () => {
  const at = await draw(
    drawing(() => 0.2),
    drawing(stripes, REGION),
  );
  expect(at(5, 5)).toBeCloseTo(0.6, 5);
  expect(at(32, 32)).toBeCloseTo(0.7, 1);
  expect(at(32, 33)).toBeCloseTo(0.5, 1);
  // Alone it keeps its own tones.
  const alone = await draw(drawing(stripes, REGION));
  expect(alone(32, 32)).toBeCloseTo(0.4, 5);
});

it('draws the two sides of a face alike', async () => {
  const at = await draw(drawing((row, column) => (inRegion(row, column) && column < 32 ? 0.4 : 0), REGION));
  expect(at(32, 26)).toBeCloseTo(0.6, 5);
  expect(at(32, 37)).toBeCloseTo(0.6, 5);
  // Beyond the face, as it was drawn.
  expect(at(20, 20)).toBeGreaterThan(at(20, 43) + 0.05);
});

it('starts faces from less noise than whole pictures', async () => {
  const starts: number[] = [];
  const listening = (region?: Restorer['region']): Restorer => ({
    ...drawing(() => 0, region),
    change: async (_, __, noise) => {
      starts.push(Math.hypot(...noise) / Math.sqrt(noise.length));
      return new Float32Array(3 * SIZE * SIZE);
    },
  });
  await draw(listening(), listening(REGION));
  expect(starts[0]).toBeCloseTo(1, 1);
  expect(starts[1]).toBeLessThan(0.75);
  expect(starts[1]).toBeGreaterThan(0.5);
});
