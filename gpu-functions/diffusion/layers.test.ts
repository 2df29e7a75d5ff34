import { describe, expect, it } from 'vitest';
import { evaluate, float32, hostTensor, input, upsampleNearest2d } from '../graph/index.ts';
import type { Shape, Value } from '../graph/index.ts';
import { Random, storedParameters } from '../nn/index.ts';
import type { Parameters } from '../nn/index.ts';
import { applyDense, conv, denseOf, enlargedConv, layerNorm, layerNormed, linear } from './layers.ts';
import { randomWeights } from './testing.ts';

/** Whether two ways to compute something from the same weights and input agree. */
async function expectSame(
  shape: Shape,
  one: (p: Parameters, x: Value) => Value,
  other: (p: Parameters, x: Value) => Value,
): Promise<void> {
  const x = input('x', shape);
  const weights = randomWeights((p) => one(p, x), 3);
  const p = storedParameters(weights);
  const data = new Random(4).normals(shape.reduce((a, b) => a * b, 1));
  const found = await evaluate({ a: one(p, x), b: other(p, x) }, { x: hostTensor(data, shape) });
  expect(found.a.shape).toEqual(found.b.shape);
  const b = float32(found.b);
  float32(found.a).forEach((v, i) => expect(v).toBeCloseTo(b[i], 5));
}

describe('a convolution of the enlarged', () => {
  it('is enlargement, then convolution', () =>
    expectSame(
      [2, 3, 4, 5],
      (p, x) => conv(p, upsampleNearest2d(x, 2), 6),
      (p, x) => enlargedConv(p, x, 6),
    ));
});

describe('a normalisation taken into dense layers', () => {
  for (const bias of [true, false]) {
    it(`is normalisation, then a layer ${bias ? 'with' : 'without'} bias`, () =>
      expectSame(
        [2, 5, 6],
        (p, x) => linear(p.at('layer'), layerNorm(p.at('norm'), x), 4, { bias }),
        (p, x) => {
          const { rows, into } = layerNormed(p.at('norm'), x);
          return applyDense(into(denseOf(p.at('layer'), 6, 4, { bias })), rows);
        },
      ));
  }
});
