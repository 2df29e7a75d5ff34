import { describe, expect, it } from 'vitest';
import {
  add,
  averagePool2d,
  concat,
  constant,
  conv2d,
  gradients,
  groupNorm,
  hostTensor,
  leakyRelu,
  matmul,
  mean,
  mul,
  reshape,
  softplus,
  sqrt,
  square,
  sub,
  sum,
  tanh,
  transposeLast,
  type Shape,
  type Value,
} from '../gpu-functions/graph/index.ts';
import { gradientError, type DifferenceOptions } from '../gpu-functions/graph/finite-differences.ts';
import { downConvolution, upConvolution } from '../gpu-functions/portrait/conv-resample.ts';
import { minibatchStddev } from '../gpu-functions/portrait/minibatch-stddev.ts';
import { firFilter, FIR_TAPS, resample2d } from '../gpu-functions/portrait/resample.ts';
import { modulatedConvolution, modulatedPointwise } from '../gpu-functions/portrait/styled-layers.ts';

/** Penalties on gradients contain one: what is differenced here is a function of first gradients. */
const single: DifferenceOptions = { dtype: 'float32', step: 1 / 32, points: 4, samples: 8 };

type Activation = (x: Value) => Value;

const channel = (b: Value): Value => reshape(b, [1, b.shape[0], 1, 1]);

/** A discriminator as StyleGAN2 builds it: a residual block with filtered halving, minibatch statistics, a convolution, a dense layer. */
function discriminator(activation: Activation, x: Value, weights: readonly Value[]): Value {
  const [w0, b0, w1, w2, skip, w3, b3, dense] = weights;
  const first = activation(add(conv2d(x, w0, { padding: 1 }), channel(b0)));
  const second = activation(add(conv2d(first, w1, { padding: 1 }), channel(b0)));
  const halved = add(downConvolution(second, w2), conv2d(averagePool2d(first, 2), skip));
  const judged = activation(add(conv2d(minibatchStddev(halved, 2), w3, { padding: 1 }), channel(b3)));
  return matmul(reshape(judged, [x.shape[0], -1]), dense);
}

const image: Shape = [2, 2, 4, 4];
const discriminatorWeights: Shape[] = [
  [4, 2, 3, 3],
  [4],
  [4, 4, 3, 3],
  [4, 4, 3, 3],
  [4, 4, 1, 1],
  [4, 5, 3, 3],
  [4],
  [16, 1],
];

/** Small weights, and biases so far from zero that no activation is near its kink. */
const awayFromKinks = (i: number, argument: number): number => {
  const isBias = argument === 2 || argument === 7;
  return isBias ? 3 * (-1) ** i : 0.05 * Math.sin(12.9898 * (i + 1) + 78.233 * (argument + 1));
};

/** Σ |∂D/∂x|² over the images, of the logistic loss (Mescheder et al., R1). */
const r1 =
  (activation: Activation) =>
  (x: Value, ...weights: Value[]): Value => {
    const judged = discriminator(activation, x, weights);
    const loss = sum(softplus(sub(0, judged)));
    return sum(square(gradients([loss], [x])[0]));
  };

describe('the R1 penalty', () => {
  it.each([
    [
      'softplus',
      softplus,
      { ...single, at: (i: number, k: number) => 0.3 * Math.sin(12.9898 * (i + 1) + 78.233 * (k + 1)) },
    ],
    ['leaky ReLU', leakyRelu, { ...single, at: awayFromKinks }],
  ] as const)(
    'of a discriminator with %s has the gradient of its finite differences',
    async (_, activation, options) => {
      const error = await gradientError(
        r1((v) => activation(v)),
        [image, ...discriminatorWeights],
        options,
      );
      expect(error).toBeLessThan(2e-3);
    },
  );
});

/** (|∂⟨image, noise⟩/∂styles| − a)² of a generator (StyleGAN2 §3.2). */
const pathLength = (styles: Value, start: Value, w0: Value, w1: Value, rgb: Value): Value => {
  const low = tanh(modulatedConvolution(start, w0, styles));
  const high = tanh(modulatedConvolution(low, w1, styles, { up: 2 }));
  const filtered = resample2d(high, firFilter(8, FIR_TAPS.map((t) => t / 8))); // prettier-ignore
  const pixels = modulatedPointwise(filtered, rgb, styles);
  const noise = Array.from({ length: 2 * 2 * 64 }, (_, i) => Math.sin(12.9898 * (i + 1)));
  const projected = sum(mul(pixels, constant(hostTensor(noise, [2, 2, 8, 8]))));
  const [slope] = gradients([projected], [styles]);
  const lengths = sqrt(add(mean(square(slope), [1]), 1e-6));
  return sum(square(sub(lengths, 0.3)));
};

describe('the path-length penalty', () => {
  it('of a generator with modulated convolutions has the gradient of its finite differences', async () => {
    const shapes: Shape[] = [[2, 3], [2, 3, 4, 4], [3, 3, 3, 3], [3, 3, 3, 3], [2, 3, 1, 1]]; // prettier-ignore
    expect(await gradientError(pathLength, shapes, single)).toBeLessThan(2e-3);
  });
});

describe('Hessian-vector products', () => {
  const products: [string, (...args: Value[]) => Value, Shape[]][] = [
    [
      'convolution of stride 1 and 2',
      (x, w, v) => conv2d(tanh(conv2d(x, w, { padding: 1 })), v, { stride: 2, padding: 1 }),
      [image, [3, 2, 3, 3], [2, 3, 3, 3]],
    ],
    ['doubling convolution', (x, w) => tanh(upConvolution(x, w)), [image, [3, 2, 3, 3]]],
    ['group normalisation', (x, s, b) => tanh(groupNorm(x, 2, s, b)), [[2, 4, 3, 3], [4], [4]]],
    [
      'attention',
      (q, k, v) => matmul(tanh(matmul(q, transposeLast(k))), v),
      [
        [2, 3, 4],
        [2, 5, 4],
        [2, 5, 3],
      ],
    ],
    ['minibatch statistics', (x) => tanh(minibatchStddev(x, 2)), [image]],
    ['average pooling', (x, y) => tanh(averagePool2d(concat([x, y], 1), 2)), [image, image]],
  ];
  it.each(products)('of %s agree with finite differences of the gradient', async (_, f, shapes) => {
    const error = await gradientError((...args) => square(f(...args)), shapes, { ...single, order: 2 });
    expect(error).toBeLessThan(2e-3);
  });
});
