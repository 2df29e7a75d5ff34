import {
  add,
  clamp,
  conv2d,
  leakyRelu,
  matmul,
  mean,
  mul,
  reshape,
  rsqrt,
  sizeOf,
  slice,
  square,
  stopGradient,
  sum,
  transposeLast,
  type Value,
} from '../graph/index.ts';
import type { Parameters } from '../nn/index.ts';
import { upConvolution } from './conv-resample.ts';

/** StyleGAN2 layers: equalised learning rates, modulation, demodulation, [1,3,3,1] resampling. */

/** Gain of the leaky ReLU that keeps the variance of its input. */
export const LRELU_GAIN = Math.SQRT2;

/** Leaky ReLU of slope 0.2 as a product with its own slope, whose gradient is one product more. */
export function leaky(x: Value): Value {
  return mul(x, stopGradient(clamp(mul(x, 1e30), 0.2, 1)));
}

export interface DenseOptions {
  learningRate?: number;
  bias?: number;
  activation?: 'linear' | 'leakyRelu';
}

/** Weight [O, I] of an equalised layer, to be used times `gain` = lr/√I, and its bias [O], times lr already (Karras et al. 2018). */
export function denseParameters(
  p: Parameters,
  inputs: number,
  outputs: number,
  { learningRate = 1, bias: start = 0 }: DenseOptions = {},
): { weight: Value; bias: Value; gain: number } {
  const weight = p.get('weight', [outputs, inputs], { kind: 'normal', std: 1 / learningRate });
  const bias = p.get('bias', [outputs], { kind: 'constant', value: start });
  return {
    weight,
    bias: learningRate === 1 ? bias : mul(bias, learningRate),
    gain: learningRate / Math.sqrt(inputs),
  };
}

/** Equalised fully connected layer: x [..., I] → [..., O]. */
export function dense(p: Parameters, x: Value, outputs: number, options: DenseOptions = {}): Value {
  const { weight, bias, gain } = denseParameters(p, x.shape[x.shape.length - 1], outputs, options);
  // The gain goes to the smaller operand.
  const y =
    sizeOf(x.shape) > sizeOf(weight.shape)
      ? matmul(x, transposeLast(mul(weight, gain)))
      : matmul(mul(x, gain), transposeLast(weight));
  return biasActivation(y, bias, { activation: options.activation ?? 'linear' });
}

export interface ActivationOptions {
  activation: 'linear' | 'leakyRelu';
  /** Bound of the result's magnitude. */
  bound?: number;
}

/** Bias (broadcasting), activation, its gain (√2 for the leaky ReLU, else 1), bound: StyleGAN2's bias_act. */
export function biasActivation(x: Value, bias: Value, { activation, bound }: ActivationOptions): Value {
  const biased = add(x, bias);
  const y = activation === 'leakyRelu' ? mul(leakyRelu(biased), LRELU_GAIN) : biased;
  return bound === undefined ? y : clamp(y, -bound, bound);
}

/** x · rsqrt(mean(x²) + 1e-8) over the last axis. */
export function normaliseSecondMoment(x: Value): Value {
  return mul(x, rsqrt(add(mean(square(x), [x.shape.length - 1], true), 1e-8)));
}

/** Row `row` of W+ [N, rows, wDim] as [N, wDim]. */
export function rowOfW(ws: Value, row: number): Value {
  return reshape(slice(ws, 1, row, row + 1), [ws.shape[0], ws.shape[2]]);
}

/** Style of a layer: an affine map of w that starts at one. */
export function affine(p: Parameters, w: Value, outputs: number): Value {
  return dense(p.at('affine'), w, outputs, { bias: 1 });
}

/** rsqrt(Σ_{i,k}(W·s)² + 1e-8) for styles s [..., I] and W [O, I, k, k]: [..., O]. */
export function demodulation(styles: Value, weight: Value): Value {
  const energy = sum(square(weight), [2, 3]);
  return rsqrt(add(matmul(square(styles), transposeLast(energy)), 1e-8));
}

export interface StyledOptions {
  channels: number;
  up?: 1 | 2;
  noise: 'const' | 'none';
  clamp?: number;
}

/** The layer's constant noise, scaled: [1, 1, S, S]. */
export function noiseMap(p: Parameters, size: number): Value {
  const noise = p.get('noise_const', [size, size], { kind: 'normal', std: 1 });
  return mul(reshape(noise, [1, 1, size, size]), p.get('noise_strength', []));
}

export interface ModulationOptions {
  up?: 1 | 2;
  /** Multiplies the result. */
  gain?: number;
}

/**
 * Modulated and demodulated 3×3 convolution by scaling the activations: the weight stays shared by the batch, which is exactly the same function as
 * weights for every sample and has the cheaper gradient where channels are many.
 *
 * @param x [N, I, H, W] @param weight [O, I, 3, 3] @param styles [N, I] @returns [N, O, up·H, up·W]
 */
export function modulatedConvolution(
  x: Value,
  weight: Value,
  styles: Value,
  options: ModulationOptions = {},
): Value {
  const { up = 1, gain = 1 } = options;
  const [n, inputs] = styles.shape;
  const modulated = mul(x, reshape(styles, [n, inputs, 1, 1]));
  const y = up === 2 ? upConvolution(modulated, weight) : conv2d(modulated, weight, { padding: 1 });
  return mul(y, reshape(mul(demodulation(styles, weight), gain), [n, weight.shape[0], 1, 1]));
}

/** Modulated 3×3 convolution, noise, bias, leaky ReLU (StyleGAN2 SynthesisLayer): x [N, I, H, W], w [N, wDim] → [N, channels, up·H, up·W]. */
export function styledConvolution(p: Parameters, x: Value, w: Value, options: StyledOptions): Value {
  const { channels, up = 1, noise } = options;
  const [, inputs, height] = x.shape;
  const weight = p.get('weight', [channels, inputs, 3, 3], { kind: 'normal', std: 1 });
  // √2·lrelu(y) = lrelu(√2·y): the gain is folded into the small factors.
  const y = modulatedConvolution(x, weight, affine(p, w, inputs), { up, gain: LRELU_GAIN });
  const bias = reshape(p.get('bias', [channels]), [1, channels, 1, 1]);
  const offset = noise === 'const' ? add(bias, noiseMap(p, up * height)) : bias;
  const z = leaky(add(y, mul(offset, LRELU_GAIN)));
  return options.clamp === undefined ? z : clamp(z, -options.clamp, options.clamp);
}

/** Modulated 1×1 convolution without demodulation: x [N, I, H, W], weight [O, I, 1, 1], styles [N, I] → [N, O, H, W]. */
export function modulatedPointwise(x: Value, weight: Value, styles: Value): Value {
  const [n, inputs, height, width] = x.shape;
  const outputs = weight.shape[0];
  // Per-sample weights: a product of [O, I] and [I, H·W] needs no pass over the activations for the styles.
  const modulated = mul(reshape(weight, [1, outputs, inputs]), reshape(styles, [n, 1, inputs]));
  return reshape(matmul(modulated, reshape(x, [n, inputs, height * width])), [n, outputs, height, width]);
}

/** Styled 1×1 convolution to colours or features, not demodulated (StyleGAN2 ToRGBLayer). @returns [N, channels, H, W] */
export function toRgb(p: Parameters, x: Value, w: Value, channels: number, bound?: number): Value {
  const inputs = x.shape[1];
  const weight = p.get('weight', [channels, inputs, 1, 1], { kind: 'normal', std: 1 });
  const styles = mul(affine(p, w, inputs), 1 / Math.sqrt(inputs));
  const bias = reshape(p.get('bias', [channels]), [1, channels, 1, 1]);
  return biasActivation(modulatedPointwise(x, weight, styles), bias, { activation: 'linear', bound });
}
