import { expect, test } from 'vitest';
import { compile, float32, hostTensor, input, openSession } from '../graph/index.ts';
import { initialise, Random, storedParameters, traceParameters } from '../nn/index.ts';
import { drawHiddenSide, type HiddenSideConfig } from './index.ts';

const CONFIG: HiddenSideConfig = {
  imageSize: 32,
  patch: 4,
  channels: [4, 6],
  decoder: { stem: 3, channels: [5, 4] },
  middle: 2.7,
};
const SHAPE = [2, 4, 32, 32];

test('draws both depths and the colours of the far side in the pixels of the picture, at first the middle and grey', async () => {
  const specs = traceParameters((p) => drawHiddenSide(p, CONFIG, input('image', SHAPE)).near);
  const drawn = drawHiddenSide(storedParameters(initialise(specs, 1)), CONFIG, input('image', SHAPE));
  const session = await openSession(compile({ ...drawn }), { inline: true });
  const { near, far, colour } = await session.run({
    image: hostTensor(new Random(1).normals(2 * 4 * 32 * 32), SHAPE),
  });
  await session.close();
  expect(near.shape).toEqual([2, 1, 32, 32]);
  expect(far.shape).toEqual([2, 1, 32, 32]);
  expect(colour.shape).toEqual([2, 3, 32, 32]);
  for (const depth of [near, far]) expect(float32(depth).every((x) => Math.abs(x - 2.7) < 1e-5)).toBe(true);
  expect(float32(colour).every((x) => x === 0)).toBe(true);
});
