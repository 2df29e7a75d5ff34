import { expect, test } from 'vitest';
import { compile, float32, hostTensor, input, openSession } from '../graph/index.ts';
import { initialise, Random, storedParameters, traceParameters } from '../nn/index.ts';
import { paintView, type ViewPainterConfig } from './index.ts';

const CONFIG: ViewPainterConfig = {
  imageSize: 32,
  patch: 4,
  channels: [4, 6],
  decoder: { stem: 3, channels: [5, 4] },
};
const SHAPE = [2, 4, 32, 32];

test('paints a view pixel by pixel, at first as it is', async () => {
  const image = input('image', SHAPE);
  const specs = traceParameters((p) => paintView(p, CONFIG, image).colour);
  const drawn = paintView(storedParameters(initialise(specs, 1)), CONFIG, image);
  const session = await openSession(compile({ ...drawn }), { inline: true });
  const values = new Random(1).normals(2 * 4 * 32 * 32);
  const { colour, alpha } = await session.run({ image: hostTensor(values, SHAPE) });
  await session.close();
  expect(colour.shape).toEqual([2, 3, 32, 32]);
  expect(alpha.shape).toEqual([2, 1, 32, 32]);
  const area = 32 * 32;
  expect(float32(colour).subarray(0, 3 * area)).toEqual(values.subarray(0, 3 * area));
  expect(float32(alpha).subarray(area)).toEqual(values.subarray(7 * area));
});
