import {
  add,
  constant,
  conv2d,
  convTranspose2d,
  dense,
  groupNorm as normaliseGroups,
  hostTensor,
  inFloat32,
  layerNorm as normaliseRows,
  matmul,
  mul,
  reshape,
  transpose,
} from '../graph/index.ts';
import type { Value } from '../graph/index.ts';
import type { Init, Parameters } from '../nn/index.ts';

/** Uniform(±1/√fanIn), PyTorch's default for linear layers and convolutions. */
function fanIn(n: number): Init {
  return { kind: 'uniform', bound: 1 / Math.sqrt(n) };
}

const ZEROS: Init = { kind: 'zeros' };

export interface LayerOptions {
  /** Whether the layer has a bias. Default true. */
  bias?: boolean;
  /** Start from zero, so that a residual branch starts as the identity. */
  zero?: boolean;
}

/** What makes a dense layer: `weight` [O, I] and `bias` [O]. */
export interface Dense {
  readonly weight: Value;
  readonly bias?: Value;
}

/** A dense layer's parameters, as PyTorch names them. */
export function denseOf(p: Parameters, inputs: number, features: number, options: LayerOptions = {}): Dense {
  const weight = p.get('weight', [features, inputs], options.zero ? ZEROS : fanIn(inputs));
  return options.bias === false ? { weight } : { weight, bias: p.get('bias', [features], ZEROS) };
}

/** A dense layer on the last axis, [..., I] → [..., O]. */
export function applyDense({ weight, bias }: Dense, x: Value): Value {
  // One flat product, so that the weight's gradient is a single GEMM and not one a batch entry.
  const y = dense(reshape(x, [-1, weight.shape[1]]), weight, bias);
  return reshape(y, [...x.shape.slice(0, -1), weight.shape[0]]);
}

/** Dense layer on the last axis, [..., I] → [..., O], with PyTorch's `weight` [O, I] and `bias` [O]. */
export function linear(p: Parameters, x: Value, features: number, options: LayerOptions = {}): Value {
  return applyDense(denseOf(p, x.shape[x.shape.length - 1], features, options), x);
}

export interface ConvOptions extends LayerOptions {
  kernel?: number;
  stride?: number;
  padding?: number | [number, number, number, number];
}

/** Convolution [N, I, H, W] → [N, O, H', W'] with PyTorch's `weight` [O, I, k, k] and `bias` [O]; "same" padding by default. */
export function conv(p: Parameters, x: Value, channels: number, options: ConvOptions = {}): Value {
  const { kernel = 3, stride = 1, padding = (kernel - 1) / 2 } = options;
  const inputs = x.shape[1];
  const init = options.zero ? ZEROS : fanIn(inputs * kernel * kernel);
  const weight = p.get('weight', [channels, inputs, kernel, kernel], init);
  const bias = options.bias === false ? undefined : p.get('bias', [channels], ZEROS);
  return conv2d(x, weight, { bias, stride, padding });
}

/** Whether tap t of a 3-tap kernel falls on pixel i where it makes output 2i + a − 1 of the enlarged: (a − 1 + t − 1) / 2 rounds down to 0. */
const meets = (a: number, t: number): boolean => a + t === 2 || a + t === 3;

/** [9, 16]: the linear map from a 3×3 kernel to the 4×4 one that sums its taps which fall on the same pixel before the enlargement. */
function enlargedTaps(): Float32Array {
  return Float32Array.from({ length: 9 * 16 }, (_, i) => {
    const [tap, place] = [Math.floor(i / 16), i % 16];
    return meets(place >> 2, Math.floor(tap / 3)) && meets(place & 3, tap % 3) ? 1 : 0;
  });
}

/**
 * Nearest-neighbour enlargement by 2 and the "same" 3×3 convolution of it, [N, I, H, W] → [N, O, 2H, 2W], with PyTorch's `weight`
 * [O, I, 3, 3] and `bias` [O]: as one transposed convolution, which multiplies every pixel by 16 sums of taps instead of 36 taps.
 */
export function enlargedConv(p: Parameters, x: Value, channels: number): Value {
  const inputs = x.shape[1];
  const weight = p.get('weight', [channels, inputs, 3, 3], fanIn(inputs * 9));
  const bias = p.get('bias', [channels], ZEROS);
  const map = inFloat32(constant(hostTensor(enlargedTaps(), [9, 16])));
  const sums = matmul(reshape(weight, [channels * inputs, 9]), map);
  const kernel = reshape(transpose(reshape(sums, [channels, inputs, 16]), [1, 0, 2]), [
    inputs,
    channels,
    4,
    4,
  ]);
  return convTranspose2d(x, kernel, { bias, stride: 2, padding: 1 });
}

/** Group normalisation of [N, C, H, W] with learned `weight` and `bias` [C]. */
export function groupNorm(p: Parameters, x: Value, groups: number, eps: number): Value {
  const shape = [x.shape[1]];
  return normaliseGroups(
    x,
    groups,
    p.get('weight', shape, { kind: 'ones' }),
    p.get('bias', shape, ZEROS),
    eps,
  );
}

/** Scale and bias [C] of a layer normalisation. */
function normOf(p: Parameters, channels: number): { scale: Value; bias: Value } {
  return { scale: p.get('weight', [channels], { kind: 'ones' }), bias: p.get('bias', [channels], ZEROS) };
}

/** Layer normalisation over the last axis with learned `weight` and `bias`. */
export function layerNorm(p: Parameters, x: Value, eps = 1e-5): Value {
  const { scale, bias } = normOf(p, x.shape[x.shape.length - 1]);
  return normaliseRows(x, scale, bias, eps);
}

/** A layer normalisation that dense layers follow: its rows before scale and bias, and a dense layer that has taken these in. */
export interface LayerNormed {
  /** [..., C] */
  readonly rows: Value;
  /** diag(scale) and bias go through a product like any input: W (scale · y + bias) + b = (W diag(scale)) y + (W bias + b). */
  readonly into: (layer: Dense) => Dense;
}

/** {@link layerNorm} for dense layers that take its scale and bias into their weights, which costs a run nothing where these are constants. */
export function layerNormed(p: Parameters, x: Value, eps = 1e-5): LayerNormed {
  const channels = x.shape[x.shape.length - 1];
  const { scale, bias } = normOf(p, channels);
  return {
    rows: normaliseRows(x, null, null, eps),
    into(layer) {
      const shift = reshape(matmul(layer.weight, reshape(bias, [channels, 1])), [-1]);
      return { weight: mul(layer.weight, scale), bias: layer.bias ? add(shift, layer.bias) : shift };
    },
  };
}
