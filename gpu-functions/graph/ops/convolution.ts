import { simpleRule } from '../rules.ts';
import { GraphError, type Shape } from '../tensor.ts';
import { makeValue, type Attributes, type Node, type Value } from '../value.ts';
import { matmul } from './linear.ts';
import { sum } from './reduce.ts';
import { concat, flip, pad, reshape, slice, sliceAxes, transpose } from './shape.ts';

/** Zeros around an image: one number for all sides, or [top, left, bottom, right]. */
export type Padding = number | readonly [number, number, number, number];
type Pair = number | readonly [number, number];

export interface ConvolutionOptions {
  readonly bias?: Value;
  readonly stride?: Pair;
  readonly padding?: Padding;
  readonly dilation?: Pair;
  readonly groups?: number;
}

export interface TransposedOptions {
  readonly bias?: Value;
  readonly stride?: Pair;
  readonly padding?: Padding;
  readonly outputPadding?: Pair;
  readonly dilation?: Pair;
  readonly groups?: number;
}

interface Window {
  readonly stride: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
  readonly dilation: readonly [number, number];
  readonly groups: number;
}

const pair = (p: Pair): readonly [number, number] => (typeof p === 'number' ? [p, p] : p);
const sides = (p: Padding): Window['pads'] => (typeof p === 'number' ? [p, p, p, p] : p);

function windowOf(node: Node): Window {
  const { strides, pads, dilations, group } = node.attributes;
  return {
    stride: strides as unknown as Window['stride'],
    pads: pads as unknown as Window['pads'],
    dilation: dilations as unknown as Window['dilation'],
    groups: group as number,
  };
}

function attributesOf(w: Shape, { stride, pads, dilation, groups }: Window): Attributes {
  return {
    strides: [...stride],
    pads: [...pads],
    dilations: [...dilation],
    group: groups,
    kernel_shape: [w[2], w[3]],
  };
}

/**
 * Correlation of images [N, I, H, W] with kernels [O, I/groups, kh, kw] → [N, O, H', W'],
 * H' = ⌊(H + top + bottom − dilation·(kh − 1) − 1) / stride⌋ + 1. Bias [O].
 */
export function conv2d(x: Value, w: Value, options: ConvolutionOptions = {}): Value {
  const { bias, stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  return convolve(
    x,
    w,
    { stride: pair(stride), pads: sides(padding), dilation: pair(dilation), groups },
    bias,
  );
}

function convolve(x: Value, w: Value, window: Window, bias?: Value): Value {
  const { stride, pads, dilation, groups } = window;
  if (
    x.shape.length !== 4 ||
    w.shape.length !== 4 ||
    x.shape[1] !== w.shape[1] * groups ||
    w.shape[0] % groups
  ) {
    throw new GraphError(
      `conv2d: images [${x.shape.join(', ')}], kernels [${w.shape.join(', ')}], groups ${groups}`,
    );
  }
  if (bias && (bias.shape.length !== 1 || bias.shape[0] !== w.shape[0])) {
    throw new GraphError(`conv2d: a bias of [${bias.shape.join(', ')}] for ${w.shape[0]} channels`);
  }
  const extent = [0, 1].map((i) => {
    const room = x.shape[2 + i] + pads[i] + pads[i + 2] - dilation[i] * (w.shape[2 + i] - 1) - 1;
    return Math.floor(room / stride[i]) + 1;
  });
  const shape = [x.shape[0], w.shape[0], ...extent];
  return makeValue('Conv', bias ? [x, w, bias] : [x, w], attributesOf(w.shape, window), shape, x.dtype);
}

/**
 * Transposed convolution (the adjoint of conv2d's input): images [N, I, H, W], kernels [I, O/groups, kh, kw] → [N, O, H', W'],
 * H' = (H − 1)·stride − top − bottom + dilation·(kh − 1) + outputPadding + 1. Bias [O].
 */
export function convTranspose2d(x: Value, w: Value, options: TransposedOptions = {}): Value {
  const { bias, stride = 1, padding = 0, outputPadding = 0, dilation = 1, groups = 1 } = options;
  const window = { stride: pair(stride), pads: sides(padding), dilation: pair(dilation), groups };
  return convolveTransposed(x, w, window, pair(outputPadding), bias);
}

function convolveTransposed(
  x: Value,
  w: Value,
  window: Window,
  extra: readonly [number, number],
  bias?: Value,
): Value {
  const { stride, pads, dilation, groups } = window;
  if (x.shape.length !== 4 || w.shape.length !== 4 || x.shape[1] !== w.shape[0] || x.shape[1] % groups) {
    throw new GraphError(
      `convTranspose2d: images [${x.shape.join(', ')}], kernels [${w.shape.join(', ')}], groups ${groups}`,
    );
  }
  const extent = [0, 1].map(
    (i) =>
      (x.shape[2 + i] - 1) * stride[i] -
      pads[i] -
      pads[i + 2] +
      dilation[i] * (w.shape[2 + i] - 1) +
      extra[i] +
      1,
  );
  const shape = [x.shape[0], w.shape[1] * groups, ...extent];
  const attributes = { ...attributesOf(w.shape, window), output_padding: [...extra] };
  return makeValue('ConvTranspose', bias ? [x, w, bias] : [x, w], attributes, shape, x.dtype);
}

/** Exchange the roles of inputs and outputs of kernels and turn them round: [O, I/g, kh, kw] → [I, O/g, kh, kw]. */
function turned(w: Value, groups: number): Value {
  const [out, per, kh, kw] = w.shape;
  const swapped = transpose(reshape(w, [groups, out / groups, per, kh, kw]), [0, 2, 1, 3, 4]);
  return flip(reshape(swapped, [groups * per, out / groups, kh, kw]), [2, 3]);
}

/**
 * The window under which, at stride 1, the images are a convolution of the outputs with the turned kernels. They overhang by what the
 * padding left. Undefined at other strides, and where the padding exceeds the kernel.
 */
function turnedWindow(kernel: Shape, { stride, pads, dilation, groups }: Window): Window | undefined {
  const [top, left, bottom, right] = pads;
  const [down, across] = [dilation[0] * (kernel[2] - 1), dilation[1] * (kernel[3] - 1)];
  const overhang: Window['pads'] = [down - top, across - left, down - bottom, across - right];
  const plain = stride[0] === 1 && stride[1] === 1 && overhang.every((p) => p >= 0);
  return plain ? { stride, pads: overhang, dilation, groups } : undefined;
}

/** Cotangent of conv2d's images. */
function imageCotangent(g: Value, w: Value, image: Shape, window: Window): Value {
  const { stride, pads, dilation, groups } = window;
  // A plain convolution with the kernels turned round is up to twice as fast as ConvTranspose on the CPU.
  const back = turnedWindow(w.shape, window);
  if (back) return convolve(g, turned(w, groups), back);
  const missing = [0, 1].map((i) => {
    const reach = dilation[i] * (w.shape[2 + i] - 1) + 1;
    return image[2 + i] - ((g.shape[2 + i] - 1) * stride[i] - pads[i] - pads[i + 2] + reach);
  });
  return convolveTransposed(g, w, window, [missing[0], missing[1]]);
}

/** Pixels that `o` windows of `k` taps cover. */
function reachOf(o: number, stride: number, k: number, dilation: number): number {
  return (o - 1) * stride + (k - 1) * dilation + 1;
}

/**
 * Cotangent of the kernels [O, I/groups, kh, kw] of a convolution of images x to outputs with cotangent g: one batched matrix product a
 * kernel tap, two to three times as fast as a convolution with exchanged axes.
 */
function kernelCotangent(x: Value, g: Value, kernel: Shape, window: Window): Value {
  const [n, inputs, height, width] = x.shape;
  const [, outputs, oh, ow] = g.shape;
  const [, channels, kh, kw] = kernel;
  const { stride, pads, dilation, groups } = window;
  // Every tap copies a slice of the images; where the outputs have fewer channels, theirs are cheaper to slice.
  const back = outputs < inputs ? turnedWindow(kernel, window) : undefined;
  if (back) return turned(kernelCotangent(g, x, [inputs, outputs / groups, kh, kw], back), groups);

  const [top, left] = pads;
  const below = Math.max(0, reachOf(oh, stride[0], kh, dilation[0]) - height - top);
  const right = Math.max(0, reachOf(ow, stride[1], kw, dilation[1]) - width - left);
  const dense = stride[0] === 1 && stride[1] === 1;
  // One row more when dense, so that the last slice of the flattened rows may run over its end.
  const padded = pad(x, [0, 0, top, left], [0, 0, below + (dense && kw > 1 ? 1 : 0), right]);
  const [hp, wp] = [padded.shape[2], padded.shape[3]];
  const pixels = transpose(reshape(padded, [n, groups, channels, hp, wp]), [0, 1, 3, 4, 2]);

  // Images are laid out pixel-major. Dense ones are flattened, so that every tap is a contiguous slice (the cotangents are padded to the
  // same row width); strided ones are sliced in two axes.
  const length = dense ? oh * wp : oh * ow;
  const wide = dense ? pad(g, [0, 0, 0, 0], [0, 0, 0, wp - ow]) : g;
  const rows = reshape(wide, [n, groups, outputs / groups, length]);
  const flat = reshape(pixels, [n, groups, hp * wp, channels]);
  const taps: Value[] = [];
  for (let i = 0; i < kh; i++) {
    for (let j = 0; j < kw; j++) {
      const [y, z] = [i * dilation[0], j * dilation[1]];
      const ends = [y + (oh - 1) * stride[0] + 1, z + (ow - 1) * stride[1] + 1];
      const seen = dense
        ? slice(flat, 2, y * wp + z, y * wp + z + length)
        : reshape(sliceAxes(pixels, [2, 3], [y, z], ends, stride), [n, groups, length, channels]);
      taps.push(reshape(sum(matmul(rows, seen), [0]), [outputs, channels, 1]));
    }
  }
  return reshape(concat(taps, 2), kernel);
}

simpleRule('Conv', (g, [x, w], _, node) => {
  const window = windowOf(node);
  return [
    () => imageCotangent(g, w, x.shape, window),
    () => kernelCotangent(x, g, w.shape, window),
    () => sum(g, [0, 2, 3]),
  ];
});
simpleRule('ConvTranspose', (g, [x, w], _, node) => {
  const window = windowOf(node);
  return [
    // The windows of g may see one more place than x has where the output padding reaches a whole stride.
    () => sliceAxes(convolve(g, w, window), [2, 3], [0, 0], [x.shape[2], x.shape[3]]),
    () => kernelCotangent(g, x, w.shape, window),
    () => sum(g, [0, 2, 3]),
  ];
});
