import {
  add,
  clamp,
  constant,
  conv2d,
  depthToSpace,
  hostTensor,
  leakyRelu,
  matmul,
  mean,
  mul,
  reshape,
  rsqrt,
  slice,
  square,
  stopGradient,
  sum,
  transpose,
  transposeLast,
  type Value,
} from '../graph/index.ts';
import type { Parameters } from '../nn/index.ts';

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

/** Equalised fully connected layer: x [..., I] → [..., O], W stored [O, I] and used as W·lr/√I (Karras et al. 2018). */
export function dense(p: Parameters, x: Value, outputs: number, options: DenseOptions = {}): Value {
  const { learningRate = 1, bias: start = 0, activation = 'linear' } = options;
  const inputs = x.shape[x.shape.length - 1];
  const weight = p.get('weight', [outputs, inputs], { kind: 'normal', std: 1 / learningRate });
  const bias = p.get('bias', [outputs], { kind: 'constant', value: start });
  // The gain goes to the smaller operand.
  const y = matmul(mul(x, learningRate / Math.sqrt(inputs)), transposeLast(weight));
  const z = add(y, learningRate === 1 ? bias : mul(bias, learningRate));
  return activation === 'leakyRelu' ? mul(leakyRelu(z), LRELU_GAIN) : z;
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

const FIR_TAPS = [1, 3, 3, 1].map((tap) => tap / 4);

/** Taps of the 3-tap transposed convolution of stride 2 followed by the FIR, for kernel tap a, output phase p, input offset d−1. */
function phaseTap(a: number, phase: number, d: number): number {
  const f = 2 * (d - 1) - phase + 1 + a;
  return FIR_TAPS[f] ?? 0;
}

/** [9, 36]: the linear map from a 3×3 kernel to its four sub-pixel 3×3 kernels. */
function subPixelMap(): Float32Array {
  const map = new Float32Array(9 * 36);
  for (let k = 0; k < 9; k++) {
    for (let column = 0; column < 36; column++) {
      const [phase, tap] = [Math.floor(column / 9), column % 9];
      const vertical = phaseTap(Math.floor(k / 3), phase >> 1, Math.floor(tap / 3));
      map[k * 36 + column] = vertical * phaseTap(k % 3, phase & 1, tap % 3);
    }
  }
  return map;
}

/**
 * Kernel of the up-2 convolution at the low resolution: transposed convolution of stride 2, then the [1,3,3,1] FIR, written as one
 * 3×3 convolution to four times the channels, to be followed by depthToSpace(2). [O, I, 3, 3] → [4·O, I, 3, 3].
 */
export function subPixelKernel(weight: Value): Value {
  const [outputs, inputs] = weight.shape;
  const phases = matmul(reshape(weight, [outputs * inputs, 9]), constant(hostTensor(subPixelMap(), [9, 36])));
  return reshape(transpose(reshape(phases, [outputs, inputs, 4, 9]), [0, 2, 1, 3]), [
    4 * outputs,
    inputs,
    3,
    3,
  ]);
}

/** 3×3 convolution that doubles the sides: x [N, I, H, W], weight [O, I, 3, 3] → [N, O, 2H, 2W]. */
export function upConvolution(x: Value, weight: Value): Value {
  return depthToSpace(conv2d(x, subPixelKernel(weight), { padding: 1 }), 2);
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

/**
 * Modulated 3×3 convolution, noise, bias, leaky ReLU (StyleGAN2 SynthesisLayer), by scaling the activations: the weight stays
 * shared by the batch, which is exactly the same function and has the cheaper gradient.
 *
 * @param x [N, I, H, W] @param w [N, wDim] @returns [N, channels, up·H, up·W]
 */
export function styledConvolution(p: Parameters, x: Value, w: Value, options: StyledOptions): Value {
  const { channels, up = 1, noise } = options;
  const [n, inputs, height] = x.shape;
  const weight = p.get('weight', [channels, inputs, 3, 3], { kind: 'normal', std: 1 });
  const styles = affine(p, w, inputs);
  // √2·lrelu(y) = lrelu(√2·y): the gain is folded into the small factors.
  const scale = mul(demodulation(styles, weight), LRELU_GAIN);
  const modulated = mul(x, reshape(styles, [n, inputs, 1, 1]));
  const y = up === 2 ? upConvolution(modulated, weight) : conv2d(modulated, weight, { padding: 1 });
  const bias = reshape(p.get('bias', [channels]), [1, channels, 1, 1]);
  const offset = noise === 'const' ? add(bias, noiseMap(p, up * height)) : bias;
  const z = leaky(add(mul(y, reshape(scale, [n, channels, 1, 1])), mul(offset, LRELU_GAIN)));
  return options.clamp === undefined ? z : clamp(z, -options.clamp, options.clamp);
}

/** Styled 1×1 convolution to colours or features, not demodulated (StyleGAN2 ToRGBLayer). @returns [N, channels, H, W] */
export function toRgb(p: Parameters, x: Value, w: Value, channels: number, bound?: number): Value {
  const [n, inputs, height, width] = x.shape;
  const weight = reshape(p.get('weight', [channels, inputs, 1, 1], { kind: 'normal', std: 1 }), [
    1,
    channels,
    inputs,
  ]);
  const styles = mul(affine(p, w, inputs), 1 / Math.sqrt(inputs));
  // Per-sample weights: a product of [C, I] and [I, H·W] needs no pass over the activations for the styles.
  const modulated = mul(weight, reshape(styles, [n, 1, inputs]));
  const y = add(
    matmul(modulated, reshape(x, [n, inputs, height * width])),
    reshape(p.get('bias', [channels]), [channels, 1]),
  );
  const image = reshape(y, [n, channels, height, width]);
  return bound === undefined ? image : clamp(image, -bound, bound);
}
