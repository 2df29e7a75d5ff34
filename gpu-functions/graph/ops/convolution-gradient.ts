import { simpleRule } from '../rules.ts';
import { sizeOf, type Shape } from '../tensor.ts';
import type { Value } from '../value.ts';
import { convolve, convolveTransposed, windowOf, type Window } from './convolution.ts';
import { matmul } from './linear.ts';
import { pad } from './pad.ts';
import { sum } from './reduce.ts';
import { concat, flip, reshape, slice, sliceAxes, transpose } from './shape.ts';

/** The spatial axes of images of this rank. */
const spatial = (rank: number): number[] => Array.from({ length: rank - 2 }, (_, i) => i + 2);

/** Exchange the roles of inputs and outputs of kernels and turn them round: [O, I/g, …k] → [I, O/g, …k]. */
function turned(w: Value, groups: number): Value {
  const [out, per, ...kernel] = w.shape;
  const split = reshape(w, [groups, out / groups, per, ...kernel]);
  const swapped = transpose(split, [0, 2, 1, ...kernel.map((_, i) => i + 3)]);
  return flip(reshape(swapped, [groups * per, out / groups, ...kernel]), spatial(w.shape.length));
}

/**
 * The window under which, at stride 1, the images are a convolution of the outputs with the turned kernels. They overhang by what the
 * padding left. Undefined at other strides, and where the padding exceeds the kernel.
 */
function turnedWindow(kernel: Shape, { stride, pads, dilation, groups }: Window): Window | undefined {
  const n = stride.length;
  const overhang = pads.map((p, i) => dilation[i % n] * (kernel[2 + (i % n)] - 1) - p);
  const plain = stride.every((s) => s === 1) && overhang.every((p) => p >= 0);
  return plain ? { stride, pads: overhang, dilation, groups } : undefined;
}

/** Cotangent of a convolution's images. */
function imageCotangent(g: Value, w: Value, image: Shape, window: Window): Value {
  const { stride, pads, dilation, groups } = window;
  // A plain convolution with the kernels turned round is up to twice as fast as ConvTranspose on the CPU.
  const back = turnedWindow(w.shape, window);
  if (back) return convolve(g, turned(w, groups), back);
  const missing = stride.map((s, i) => {
    const reach = dilation[i] * (w.shape[2 + i] - 1) + 1;
    return image[2 + i] - ((g.shape[2 + i] - 1) * s - pads[i] - pads[i + stride.length] + reach);
  });
  return convolveTransposed(g, w, window, missing);
}

/** Pixels that `o` windows of `k` taps cover. */
function reachOf(o: number, stride: number, k: number, dilation: number): number {
  return (o - 1) * stride + (k - 1) * dilation + 1;
}

/** The taps of a kernel, last axis fastest. */
function tapsOf(kernel: Shape): number[][] {
  return kernel.reduce<number[][]>(
    (taps, k) => taps.flatMap((t) => Array.from({ length: k }, (_, i) => [...t, i])),
    [[]],
  );
}

/** Kernels of more taps get their cotangent from one convolution: so many products would be a graph too large to open quickly. */
const MOST_TAPS = 128;

/** Cotangent of the kernels as a convolution of the images with the cotangents of the outputs, batch and channels exchanged. */
function exchangedCotangent(x: Value, g: Value, kernel: Shape, window: Window): Value {
  const [n, , ...size] = x.shape;
  const [outputs, channels, ...taps] = kernel;
  const { stride, pads, dilation, groups } = window;
  const places = size.map((_, i) => i + 3);
  const split = reshape(x, [n, groups, channels, ...size]);
  const images = reshape(transpose(split, [2, 1, 0, ...places]), [channels, groups * n, ...size]);
  const kernels = transpose(g, [1, 0, ...spatial(g.shape.length)]);
  const sums = convolve(images, kernels, { stride: dilation, pads, dilation: stride, groups });
  const kept = sliceAxes(sums, spatial(sums.shape.length), taps.map(() => 0), taps); // prettier-ignore
  return reshape(transpose(kept, [1, 0, ...spatial(kept.shape.length)]), [outputs, channels, ...taps]);
}

/**
 * Cotangent of the kernels [O, I/groups, …k] of a convolution of images x to outputs with cotangent g: one batched matrix product a
 * kernel tap, two to three times as fast as a convolution with exchanged axes.
 */
function kernelCotangent(x: Value, g: Value, kernel: Shape, window: Window): Value {
  if (sizeOf(kernel.slice(2)) > MOST_TAPS) return exchangedCotangent(x, g, kernel, window);
  const [n, inputs, ...size] = x.shape;
  const [, outputs, ...extent] = g.shape;
  const [, channels, ...taps] = kernel;
  const { stride, pads, dilation, groups } = window;
  // Every tap copies a slice of the images; where the outputs have fewer channels, theirs are cheaper to slice.
  const back = outputs < inputs ? turnedWindow(kernel, window) : undefined;
  if (back) return turned(kernelCotangent(g, x, [inputs, outputs / groups, ...taps], back), groups);

  const after = size.map((d, i) =>
    Math.max(0, reachOf(extent[i], stride[i], taps[i], dilation[i]) - d - pads[i]),
  );
  const dense = stride.every((s) => s === 1);
  // One more of the first axis when dense, so that the last slice of the flattened rows may run over its end.
  if (dense && taps.slice(1).some((k) => k > 1)) after[0]++;
  const padded = pad(x, [0, 0, ...pads.slice(0, size.length)], [0, 0, ...after]);
  const wide = padded.shape.slice(2);
  const places = wide.map((_, i) => i + 3);
  const pixels = transpose(reshape(padded, [n, groups, channels, ...wide]), [0, 1, ...places, 2]);

  // Images are laid out pixel-major. Dense ones are flattened, so that every tap is a contiguous slice (the cotangents are padded to the
  // same rows); strided ones are sliced in every axis.
  const none = g.shape.map(() => 0);
  const spread = dense ? pad(g, none, [0, 0, 0, ...wide.slice(1).map((d, i) => d - extent[i + 1])]) : g;
  const length = sizeOf(spread.shape.slice(2));
  const rows = reshape(spread, [n, groups, outputs / groups, length]);
  const flat = reshape(pixels, [n, groups, sizeOf(wide), channels]);
  const strides = wide.map((_, i) => sizeOf(wide.slice(i + 1)));
  const axes = wide.map((_, i) => i + 2);
  const parts = tapsOf(taps).map((tap) => {
    const first = tap.map((t, i) => t * dilation[i]);
    const start = first.reduce((total, f, i) => total + f * strides[i], 0);
    const ends = first.map((f, i) => f + (extent[i] - 1) * stride[i] + 1);
    const seen = dense
      ? slice(flat, 2, start, start + length)
      : reshape(sliceAxes(pixels, axes, first, ends, stride), [n, groups, length, channels]);
    return reshape(sum(matmul(rows, seen), [0]), [outputs, channels, 1]);
  });
  return reshape(concat(parts, 2), kernel);
}

simpleRule('Conv', (g, [x, w], _, node) => {
  const window = windowOf(node);
  return [
    () => imageCotangent(g, w, x.shape, window),
    () => kernelCotangent(x, g, w.shape, window),
    () => sum(g, [0, ...spatial(g.shape.length)]),
  ];
});
simpleRule('ConvTranspose', (g, [x, w], _, node) => {
  const window = windowOf(node);
  const axes = spatial(g.shape.length);
  return [
    // The windows of g may see one more place than x has where the output padding reaches a whole stride.
    () =>
      sliceAxes(
        convolve(g, w, window),
        axes,
        axes.map(() => 0),
        x.shape.slice(2),
      ),
    () => kernelCotangent(g, x, w.shape, window),
    () => sum(g, [0, ...axes]),
  ];
});
