import { simpleRule } from '../rules.ts';
import { GraphError, type Shape } from '../tensor.ts';
import { makeValue, type Attributes, type Node, type Value } from '../value.ts';
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

/** Cotangent of conv2d's images. */
function imageCotangent(g: Value, w: Value, image: Shape, window: Window): Value {
  const { stride, pads, dilation, groups } = window;
  const reach = [0, 1].map((i) => dilation[i] * (w.shape[2 + i] - 1));
  const turned = [0, 1, 2, 3].map((i) => reach[i % 2] - pads[i]);
  // At stride 1 a plain convolution with the kernels turned round is up to twice as fast as ConvTranspose on the CPU.
  if (stride.every((s) => s === 1) && groups === 1 && turned.every((p) => p >= 0)) {
    const kernels = flip(transpose(w, [1, 0, 2, 3]), [2, 3]);
    // The turned kernel overhangs by what the padding left: what falls off at one side is missing at the same one.
    const exact = turned as unknown as Window['pads'];
    return convolve(g, kernels, { stride, pads: exact, dilation, groups: 1 });
  }
  const missing = [0, 1].map((i) => {
    const covered = (g.shape[2 + i] - 1) * stride[i] - pads[i] - pads[i + 2] + reach[i] + 1;
    return image[2 + i] - covered;
  });
  return convolveTransposed(g, w, window, [missing[0], missing[1]]);
}

/** Pixels that `o` windows of `k` taps cover. */
function reachOf(o: number, stride: number, k: number, dilation: number): number {
  return (o - 1) * stride + (k - 1) * dilation + 1;
}

/** Cotangent of the kernels [O, I/groups, kh, kw] of a convolution of images x to outputs with cotangent g. */
function kernelCotangent(x: Value, g: Value, kernel: Shape, window: Window): Value {
  if (window.groups > 1) return groupedKernelCotangent(x, g, kernel, window);
  const [n, , height, width] = x.shape;
  const [, out, oh, ow] = g.shape;
  const [, channels, kh, kw] = kernel;
  const { stride, pads, dilation } = window;
  const [top, left] = pads;
  const below = Math.max(0, reachOf(oh, stride[0], kh, dilation[0]) - height - top);
  const right = Math.max(0, reachOf(ow, stride[1], kw, dilation[1]) - width - left);
  const dense = stride[0] === 1 && stride[1] === 1;
  // One row more when dense, so that the last slice of the flattened rows may run over its end.
  const padded = pad(x, [0, 0, top, left], [0, 0, below + (dense && kw > 1 ? 1 : 0), right]);
  const [hp, wp] = [padded.shape[2], padded.shape[3]];
  const pixels = transpose(padded, [0, 2, 3, 1]);

  // One product a kernel tap. Images are laid out pixel-major; dense ones are flattened, so that every tap is a contiguous slice
  // (cotangents padded to the same row width), strided ones sliced.
  const taps: Value[] = [];
  const length = dense ? oh * wp : oh * ow;
  const rows = reshape(dense ? pad(g, [0, 0, 0, 0], [0, 0, 0, wp - ow]) : g, [n, out, length]);
  const flat = reshape(pixels, [n, hp * wp, channels]);
  for (let i = 0; i < kh; i++) {
    for (let j = 0; j < kw; j++) {
      const [y, z] = [i * dilation[0], j * dilation[1]];
      const seen = dense
        ? slice(flat, 1, y * wp + z, y * wp + z + length)
        : reshape(
            sliceAxes(
              pixels,
              [1, 2],
              [y, z],
              [y + (oh - 1) * stride[0] + 1, z + (ow - 1) * stride[1] + 1],
              stride,
            ),
            [n, length, channels],
          );
      taps.push(reshape(sum(batchedProduct(rows, seen), [0]), [out, channels, 1]));
    }
  }
  return reshape(concat(taps, 2), kernel);
}

function batchedProduct(a: Value, b: Value): Value {
  return makeValue('MatMul', [a, b], {}, [a.shape[0], a.shape[1], b.shape[2]], a.dtype);
}

/** As a convolution: channels as batch, batch as channels, stride and dilation exchanged. Slower than the products, but for groups. */
function groupedKernelCotangent(x: Value, g: Value, kernel: Shape, window: Window): Value {
  const [n, channels, height, width] = x.shape;
  const [out, per, kh, kw] = kernel;
  const { groups, stride, pads, dilation } = window;
  const byGroup = transpose(reshape(x, [n, groups, per, height * width]), [2, 1, 0, 3]);
  const images = reshape(byGroup, [per, (channels / per) * n, height, width]);
  const kernels = transpose(g, [1, 0, 2, 3]);
  const swapped = { stride: dilation, dilation: stride, pads, groups };
  const whole = transpose(convolve(images, kernels, swapped), [1, 0, 2, 3]);
  if (whole.shape[0] !== out) throw new GraphError('conv2d: the groups do not divide the channels');
  return sliceAxes(whole, [2, 3], [0, 0], [kh, kw]);
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
