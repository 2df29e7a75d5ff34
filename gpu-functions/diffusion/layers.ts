import {
  conv2d,
  groupNorm as normaliseGroups,
  layerNorm as normaliseRows,
  matmul,
  add,
  reshape,
  transposeLast,
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

/** Dense layer on the last axis, [..., I] → [..., O], with PyTorch's `weight` [O, I] and `bias` [O]. */
export function linear(p: Parameters, x: Value, features: number, options: LayerOptions = {}): Value {
  const inputs = x.shape[x.shape.length - 1];
  const weight = p.get('weight', [features, inputs], options.zero ? ZEROS : fanIn(inputs));
  // One flat product, so that the weight's gradient is a single GEMM and not one a batch entry.
  let y = matmul(reshape(x, [-1, inputs]), transposeLast(weight));
  if (options.bias !== false) y = add(y, p.get('bias', [features], ZEROS));
  return reshape(y, [...x.shape.slice(0, -1), features]);
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

/** Layer normalisation over the last axis with learned `weight` and `bias`. */
export function layerNorm(p: Parameters, x: Value, eps = 1e-5): Value {
  const shape = [x.shape[x.shape.length - 1]];
  return normaliseRows(x, p.get('weight', shape, { kind: 'ones' }), p.get('bias', shape, ZEROS), eps);
}
