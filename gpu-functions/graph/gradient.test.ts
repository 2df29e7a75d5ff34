import { describe, expect, it } from 'vitest';
import { gradientError, type DifferenceOptions } from './finite-differences.ts';
import * as g from './index.ts';
import type { Shape, Value } from './index.ts';

type Case = readonly [
  name: string,
  f: (...args: Value[]) => Value | Value[],
  shapes: Shape[],
  options?: DifferenceOptions,
];

const positive = (i: number): number => 0.5 + ((i * 0.37) % 1);
/** At least 1/24 from each other. */
const apart = (i: number): number => ((i * 17) % 48) / 24;
const m: Shape = [3, 4];
const indices = g.ints([2, 0, 2, 1, 2]);
const single = { dtype: 'float32', step: 0.05 } as const;

const smooth: Case[] = [
  ['add', (a, b) => g.add(a, b), [m, [4]]],
  ['sub', (a, b) => g.sub(a, b), [[3, 1], m]],
  ['mul', (a, b) => g.mul(a, b), [m, [3, 1]]],
  ['div', (a, b) => g.div(a, b), [m, [4]], { at: positive }],
  ['pow', (a, b) => g.pow(a, b), [m, m], { at: positive }],
  ['pow by a number', (a) => [g.pow(a, 3), g.pow(a, 0.5), g.pow(a, -1)], [m], { at: positive }],
  ['minimum', (a, b) => g.square(g.minimum(a, b)), [m, m]],
  ['maximum', (a, b) => g.square(g.maximum(a, b)), [m, [4]]],
  ['neg, abs, square', (a) => [g.neg(a), g.abs(g.square(a)), g.square(a)], [m]],
  ['roots and logarithm', (a) => [g.sqrt(a), g.rsqrt(a), g.log(a), g.reciprocal(a)], [m], { at: positive }],
  ['exponentials', (a) => [g.exp(a), g.tanh(a), g.sigmoid(a), g.softplus(a)], [m]],
  ['sin and cos', (a) => [g.sin(a), g.cos(a)], [m]],
  ['silu', (a) => g.silu(a), [m]],
  ['clamp', (a) => g.square(g.clamp(a, -0.5, 0.4)), [m]],
  ['where', (a, b) => g.square(g.where(g.less(a, b), a, b)), [m, [4]]],
  ['leakyRelu', (a) => g.square(g.leakyRelu(a)), [m]],
  ['relu', (a) => g.square(g.relu(a)), [m]],
  ['erf and gelu', (a) => [g.erf(a), g.gelu(a)], [m], single],
  ['float32 leakyRelu', (a) => g.leakyRelu(a), [m], { ...single, step: 1e-3 }],
  [
    'gridSample at places that the images decide',
    (a) => g.gridSample(a, g.mul(g.reshape(a, [1, 2, 3, 2]), 0.9)),
    [[1, 2, 2, 3]],
    { ...single, step: 1e-3 },
  ],
  ['reshape and transpose', (a) => g.square(g.transpose(g.reshape(a, [2, 3, 2]), [2, 0, 1])), [m]],
  ['expand', (a) => g.square(g.expand(a, [2, 3, 4])), [[3, 1]]],
  ['concat', (a, b) => g.square(g.concat([a, b, a], 1)), [m, [3, 2]]],
  ['slice', (a) => [g.square(g.slice(a, 1, 1, 3)), g.slice(a, 0, -2, 3)], [m]],
  ['strided slice', (a) => [g.square(g.slice(a, 1, 1, 8, 3)), g.slice(a, 1, 0, 8, 2)], [[2, 8]]],
  ['split', (a) => g.split(g.square(a), 1, [1, 3]).map((v) => g.square(v)), [m]],
  ['half a split', (a) => g.split(g.square(a), 1, [1, 3])[1], [m]],
  [
    'pad, flip, tile',
    (a) => [g.square(g.pad(a, [1, 0], [0, 2])), g.square(g.flip(a, [0, 1])), g.tile(a, [2, 3])],
    [m],
  ],
  [
    'depthToSpace and back',
    (a) => [g.square(g.depthToSpace(a, 2)), g.spaceToDepth(g.square(a), 2)],
    [[1, 8, 2, 2]],
  ],
  [
    'sum and mean',
    (a) => [g.square(g.sum(a, [0])), g.square(g.mean(a, [1], true)), g.square(g.mean(a))],
    [m],
  ],
  ['reduceMax and reduceMin', (a) => [g.square(g.reduceMax(a, [1])), g.square(g.reduceMin(a))], [m]],
  [
    'cumsum',
    (a) => [g.square(g.cumsum(a, 1)), g.square(g.cumsum(a, 0, { exclusive: true, reverse: true }))],
    [m],
  ],
  ['topK', (a) => [g.square(g.topK(a, 2, 1).values), g.topK(a, 3, 0, { largest: false }).values], [m]],
  ['matmul', (a, b) => g.matmul(a, b), [m, [4, 2]]],
  [
    'batched matmul',
    (a, b) => g.matmul(a, b),
    [
      [2, 3, 4],
      [2, 4, 2],
    ],
  ],
  [
    'matmul with a shared matrix',
    (a, b) => g.matmul(a, b),
    [
      [2, 3, 4],
      [4, 2],
    ],
  ],
  ['matmul of a shared matrix', (a, b) => g.matmul(a, b), [m, [2, 4, 2]]],
  [
    'matmul of transposes',
    (a, b) => g.matmul(g.transposeLast(a), g.transposeLast(b)),
    [
      [4, 3],
      [2, 4],
    ],
  ],
  [
    'matmul of one transpose',
    (a, b) => [g.matmul(g.transposeLast(a), b), g.matmul(b, g.transposeLast(a))],
    [
      [4, 4],
      [4, 4],
    ],
  ],
  ['dense', (a, b, c) => [g.square(g.dense(a, b, c)), g.dense(a, b)], [m, [2, 4], [2]]],
  ['softmax', (a) => [g.softmax(a), g.softmax(a, 0), g.logSoftmax(a)], [m]],
  ['layerNorm', (a, b, c) => g.layerNorm(a, b, c), [[3, 5], [5], [5]]],
  ['layerNorm without scale and bias', (a) => g.layerNorm(a, null, null), [[2, 3, 5]]],
  ['groupNorm', (a, b, c) => g.square(g.groupNorm(a, 2, b, c)), [[2, 4, 3], [4], [4]]],
  ['groupNorm with a scale alone', (a, b) => g.groupNorm(a, 2, b, null), [[2, 4, 3], [4]]],
  [
    'float32 groupNorm',
    (a, b, c) => g.groupNorm(a, 2, b, c),
    [[2, 4, 3], [4], [4]],
    { ...single, step: 1e-2 },
  ],
  ['gather', (a) => [g.square(g.gather(a, indices)), g.square(g.gather(a, indices, 1))], [m]],
  ['gather of a table', (a) => g.square(g.gather(a, g.reshape(g.ints([0, 2, 2, 1]), [2, 2]), 0)), [m]],
  [
    'gatherElements',
    (a) => g.square(g.gatherElements(a, g.reshape(g.ints([0, 1, 1, 3, 3, 2]), [3, 2]), 1)),
    [m],
  ],
  ['scatterAddRows', (a) => g.square(g.scatterAddRows(4, indices, a)), [[5, 2]]],
  [
    'resize2d',
    (a) => [g.resize2d(a, [5, 7], { mode: 'linear' }), g.resize2d(a, [2, 2], { mode: 'linear' })],
    [[1, 2, 3, 4]],
  ],
  [
    'nearest resize2d',
    (a) => [g.resize2d(a, [5, 8], { mode: 'nearest' }), g.upsampleNearest2d(g.square(a), 3)],
    [[1, 2, 3, 4]],
  ],
  ['averagePool2d', (a) => g.square(g.averagePool2d(a, 2)), [[1, 2, 4, 6]], single],
  ['maxPool2d', (a) => g.square(g.maxPool2d(a, 2)), [[1, 2, 4, 6]], { ...single, step: 1e-2, at: apart }],
];

const image: Shape = [2, 4, 6, 5];
const convolutions: [string, (x: Value, w: Value, b: Value) => Value, Shape, number?][] = [
  ['3 × 3', (x, w, bias) => g.conv2d(x, w, { bias, padding: 1 }), [3, 4, 3, 3]],
  ['3 × 3 unpadded', (x, w, bias) => g.conv2d(x, w, { bias }), [3, 4, 3, 3]],
  ['1 × 1', (x, w, bias) => g.conv2d(x, w, { bias }), [3, 4, 1, 1]],
  ['1 × 1 padded', (x, w, bias) => g.conv2d(x, w, { bias, padding: 1 }), [3, 4, 1, 1]],
  [
    '2 × 3 with uneven padding',
    (x, w, bias) => g.conv2d(x, w, { bias, padding: [0, 1, 2, 0] }),
    [3, 4, 2, 3],
  ],
  ['3 × 3 of stride 2', (x, w, bias) => g.conv2d(x, w, { bias, padding: 1, stride: 2 }), [3, 4, 3, 3]],
  [
    'stride 2, uneven padding',
    (x, w, bias) => g.conv2d(x, w, { bias, padding: [0, 0, 1, 1], stride: 2 }),
    [3, 4, 3, 3],
  ],
  ['4 × 4 of stride 3', (x, w, bias) => g.conv2d(x, w, { bias, stride: 3 }), [3, 4, 4, 4]],
  ['dilated', (x, w, bias) => g.conv2d(x, w, { bias, padding: 2, dilation: 2 }), [3, 4, 3, 3]],
  [
    'dilated of stride 2',
    (x, w, bias) => g.conv2d(x, w, { bias, padding: 2, dilation: 2, stride: 2 }),
    [3, 4, 3, 3],
  ],
  ['grouped', (x, w, bias) => g.conv2d(x, w, { bias, padding: 1, groups: 2 }), [6, 2, 3, 3]],
  [
    'grouped of stride 2',
    (x, w, bias) => g.conv2d(x, w, { bias, padding: 1, stride: 2, groups: 2 }),
    [6, 2, 3, 3],
  ],
  ['transposed', (x, w, bias) => g.convTranspose2d(x, w, { bias, padding: 1 }), [4, 3, 3, 3], 3],
  [
    'transposed of stride 2',
    (x, w, bias) => g.convTranspose2d(x, w, { bias, stride: 2, padding: 1, outputPadding: 1 }),
    [4, 3, 3, 3],
    3,
  ],
  [
    'transposed, grouped',
    (x, w, bias) => g.convTranspose2d(x, w, { bias, stride: 2, groups: 2 }),
    [4, 3, 3, 3],
    6,
  ],
];

/** The outputs curved, so that no second derivative is zero throughout. */
function curved<A extends Value[]>(f: (...args: A) => Value | Value[]): (...args: A) => Value[] {
  return (...args) => [f(...args)].flat().map((v) => g.mul(v, g.tanh(v)));
}

describe('gradient rules agree with finite differences', () => {
  for (const [name, f, shapes, options] of smooth) {
    const single = options?.dtype === 'float32';
    it(name, async () => {
      expect(await gradientError(f, shapes, options)).toBeLessThan(single ? 5e-3 : 1e-6);
    });

    it(`${name}, second order`, async () => {
      const error = await gradientError(curved(f), shapes, { ...options, order: 2 });
      expect(error).toBeLessThan(single ? 1e-2 : 1e-5);
    });
  }

  for (const [name, f, kernel, channels = kernel[0]] of convolutions) {
    it(`convolution ${name}`, async () => {
      expect(await gradientError(f, [image, kernel, [channels]], single)).toBeLessThan(1e-3);
    });

    it(`convolution ${name}, second order`, async () => {
      const error = await gradientError(curved(f), [image, kernel, [channels]], { ...single, order: 2 });
      expect(error).toBeLessThan(1e-2);
    });
  }
});
