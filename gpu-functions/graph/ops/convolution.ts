import { GraphError, type Shape } from '../tensor.ts';
import { makeValue, type Attributes, type Node, type Value } from '../value.ts';

/** Of each spatial axis, or one number for all. */
export type PerAxis = number | readonly number[];

/** Zeros around an image: one number for all sides, or those before each spatial axis and then those after ([top, left, bottom, right]). */
export type Padding = number | readonly number[];

export interface ConvolutionOptions {
  readonly bias?: Value;
  readonly stride?: PerAxis;
  readonly padding?: Padding;
  readonly dilation?: PerAxis;
  readonly groups?: number;
}

export interface TransposedOptions extends ConvolutionOptions {
  readonly outputPadding?: PerAxis;
}

/** How kernels move over images; one entry a spatial axis, `pads` two. */
export interface Window {
  readonly stride: readonly number[];
  readonly pads: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;
}

const perAxis = (p: PerAxis, n: number): readonly number[] =>
  typeof p === 'number' ? Array<number>(n).fill(p) : p;

function windowFrom(x: Value, options: ConvolutionOptions, op: string): Window {
  const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  const n = Math.max(0, x.shape.length - 2);
  const window = {
    stride: perAxis(stride, n),
    pads: perAxis(padding, 2 * n),
    dilation: perAxis(dilation, n),
    groups,
  };
  if (window.stride.length !== n || window.pads.length !== 2 * n || window.dilation.length !== n) {
    throw new GraphError(
      `${op}: images [${x.shape.join(', ')}] need ${n} strides and dilations and ${2 * n} pads, not [${window.stride.join(', ')}], [${window.dilation.join(', ')}], [${window.pads.join(', ')}]`,
    );
  }
  return window;
}

export function windowOf(node: Node): Window {
  const { strides, pads, dilations, group } = node.attributes;
  return {
    stride: strides as readonly number[],
    pads: pads as readonly number[],
    dilation: dilations as readonly number[],
    groups: group as number,
  };
}

function attributesOf(w: Shape, { stride, pads, dilation, groups }: Window): Attributes {
  return {
    strides: [...stride],
    pads: [...pads],
    dilations: [...dilation],
    group: groups,
    kernel_shape: w.slice(2),
  };
}

function requireFit(fits: boolean, op: string, x: Value, w: Value, groups: number): void {
  const spatial = x.shape.length > 2 && w.shape.length === x.shape.length && groups > 0;
  if (!fits || !spatial) {
    throw new GraphError(
      `${op}: images [${x.shape.join(', ')}], kernels [${w.shape.join(', ')}], groups ${groups}`,
    );
  }
}

function requireBias(op: string, bias: Value | undefined, channels: number): void {
  if (bias && (bias.shape.length !== 1 || bias.shape[0] !== channels)) {
    throw new GraphError(`${op}: a bias of [${bias.shape.join(', ')}] for ${channels} channels`);
  }
}

/**
 * Correlation of images [N, I, …D] with kernels [O, I/groups, …k] → [N, O, …D'], of one, two or three spatial axes,
 * D' = ⌊(D + before + after − dilation·(k − 1) − 1) / stride⌋ + 1. Bias [O].
 */
export function conv(x: Value, w: Value, options: ConvolutionOptions = {}): Value {
  return convolve(x, w, windowFrom(x, options, 'conv'), options.bias);
}

/** {@link conv} of images [N, I, H, W] with kernels [O, I/groups, kh, kw] → [N, O, H', W']. */
export function conv2d(x: Value, w: Value, options: ConvolutionOptions = {}): Value {
  requireFit(x.shape.length === 4, 'conv2d', x, w, options.groups ?? 1);
  return convolve(x, w, windowFrom(x, options, 'conv2d'), options.bias, 'conv2d');
}

export function convolve(x: Value, w: Value, window: Window, bias?: Value, op = 'conv'): Value {
  const { stride, pads, dilation, groups } = window;
  const fits = x.shape[1] === w.shape[1] * groups && w.shape[0] % groups === 0;
  requireFit(fits, op, x, w, groups);
  requireBias(op, bias, w.shape[0]);
  const extent = stride.map((s, i) => {
    const room = x.shape[2 + i] + pads[i] + pads[i + stride.length] - dilation[i] * (w.shape[2 + i] - 1) - 1;
    return Math.floor(room / s) + 1;
  });
  const shape = [x.shape[0], w.shape[0], ...extent];
  return makeValue('Conv', bias ? [x, w, bias] : [x, w], attributesOf(w.shape, window), shape, x.dtype);
}

/**
 * Transposed convolution (the adjoint of conv's input): images [N, I, …D], kernels [I, O/groups, …k] → [N, O, …D'],
 * D' = (D − 1)·stride − before − after + dilation·(k − 1) + outputPadding + 1. Bias [O].
 */
export function convTranspose(x: Value, w: Value, options: TransposedOptions = {}): Value {
  const window = windowFrom(x, options, 'convTranspose');
  const extra = perAxis(options.outputPadding ?? 0, window.stride.length);
  return convolveTransposed(x, w, window, extra, options.bias);
}

/** {@link convTranspose} of images [N, I, H, W] with kernels [I, O/groups, kh, kw] → [N, O, H', W']. */
export function convTranspose2d(x: Value, w: Value, options: TransposedOptions = {}): Value {
  requireFit(x.shape.length === 4, 'convTranspose2d', x, w, options.groups ?? 1);
  const extra = perAxis(options.outputPadding ?? 0, 2);
  return convolveTransposed(
    x,
    w,
    windowFrom(x, options, 'convTranspose2d'),
    extra,
    options.bias,
    'convTranspose2d',
  );
}

export function convolveTransposed(
  x: Value,
  w: Value,
  window: Window,
  extra: readonly number[],
  bias?: Value,
  op = 'convTranspose',
): Value {
  const { stride, pads, dilation, groups } = window;
  requireFit(x.shape[1] === w.shape[0] && x.shape[1] % groups === 0, op, x, w, groups);
  requireBias(op, bias, w.shape[1] * groups);
  const extent = stride.map((s, i) => {
    const reach = dilation[i] * (w.shape[2 + i] - 1) + 1;
    return (x.shape[2 + i] - 1) * s - pads[i] - pads[i + stride.length] + reach + extra[i];
  });
  const shape = [x.shape[0], w.shape[1] * groups, ...extent];
  const attributes = { ...attributesOf(w.shape, window), output_padding: [...extra] };
  return makeValue('ConvTranspose', bias ? [x, w, bias] : [x, w], attributes, shape, x.dtype);
}
