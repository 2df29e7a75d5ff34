import { expect, it } from 'vitest';
import { compile, float32, hostTensor, openSession } from '../graph/index.ts';
import { dequantised, quantised, Random, storedParameters, type WeightMap } from './index.ts';

const SHAPE = [8, 24, 5, 5];
const COUNT = 8 * 24 * 25;
/** The channels differ a thousandfold, and the first is all zero. */
const values = new Random(3)
  .normals(COUNT)
  .map((x, i) => (i < COUNT / 8 ? 0 : x * 10 ** -Math.floor(i / (COUNT / 3))));
const bias = hostTensor(Float32Array.of(1, 2), [2]);
const weights: WeightMap = new Map([
  ['conv.weight', hostTensor(values, SHAPE)],
  ['conv.bias', bias],
]);

it('keeps each channel to half of a 127th of its largest weight, and small tensors as they are', () => {
  const small = quantised(weights);
  expect(small.get('conv.weight')?.dtype).toBe('int8');
  expect(small.get('conv.bias')).toBe(bias);
  const found = dequantised(small);
  expect([...found.keys()]).toEqual([...weights.keys()]);
  const back = float32(found.get('conv.weight')!);
  for (let channel = 0; channel < 8; channel++) {
    const part = values.subarray((channel * COUNT) / 8, ((channel + 1) * COUNT) / 8);
    const most = part.reduce((a, x) => Math.max(a, Math.abs(x)), 0);
    part.forEach((x, i) => {
      // float16 scales are off by up to 2⁻¹¹ of themselves.
      expect(Math.abs(back[(channel * COUNT) / 8 + i] - x)).toBeLessThanOrEqual(
        most * (0.5 / 127 + 2 ** -11),
      );
    });
  }
});

it('gives graphs the weights that it stands for', async () => {
  const small = quantised(weights);
  const weight = storedParameters(small).get('conv.weight', SHAPE);
  const session = await openSession(compile({ weight }), { inline: true });
  const { weight: found } = await session.run({});
  await session.close();
  expect(float32(found)).toEqual(float32(dequantised(small).get('conv.weight')!));
});

it('says which scales a file lacks', () => {
  const small = quantised(weights);
  small.delete('conv.weight.scale');
  expect(() => dequantised(small)).toThrow("'conv.weight' has no scales 'conv.weight.scale'");
});
