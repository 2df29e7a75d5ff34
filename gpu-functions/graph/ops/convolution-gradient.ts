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
 * Cotangent of the kernels [O, I/groups, …k] of a convolution of images x to outputs with cotangent g: batched matrix products
 * of the images with the cotangents at each tap, several times as fast as a convolution with exchanged axes.
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
  // Slices of the flattened images may run over their end by taps of the axes between the first and the last.
  if (taps.slice(1, -1).some((k) => k > 1)) after[0]++;
  const padded = pad(x, [0, 0, ...pads.slice(0, size.length)], [0, 0, ...after]);
  const wide = padded.shape.slice(2);
  const places = wide.map((_, i) => i + 3);
  const pixels = transpose(reshape(padded, [n, groups, channels, ...wide]), [0, 1, ...places, 2]);
  const parts = stride.every((s) => s === 1)
    ? denseTaps(pixels, g, kernel, dilation)
    : stridedTaps(pixels, g, kernel, window);
  return reshape(concat(parts, 2), kernel);
}

/** Products of images laid out [N, groups, …size, I/groups] with cotangents for each tap in turn: [O, I/groups, 1] each. */
function stridedTaps(pixels: Value, g: Value, kernel: Shape, { stride, dilation }: Window): Value[] {
  const [n, groups, ...rest] = pixels.shape;
  const [outputs, channels, ...taps] = kernel;
  const extent = g.shape.slice(2);
  const length = sizeOf(extent);
  const rows = reshape(g, [n, groups, outputs / groups, length]);
  const axes = rest.slice(0, -1).map((_, i) => i + 2);
  return tapsOf(taps).map((tap) => {
    const first = tap.map((t, i) => t * dilation[i]);
    const ends = first.map((f, i) => f + (extent[i] - 1) * stride[i] + 1);
    const seen = reshape(sliceAxes(pixels, axes, first, ends, stride), [n, groups, length, channels]);
    return reshape(sum(matmul(rows, seen), [0]), [outputs, channels, 1]);
  });
}

/**
 * The same at stride 1, all taps of the last axis in one product: images flattened, so that a tap of the other axes is a contiguous
 * slice of them, times the cotangents once for each tap of the last axis, shifted by it. [O, I/groups, taps of the last axis] each.
 */
function denseTaps(pixels: Value, g: Value, kernel: Shape, dilation: readonly number[]): Value[] {
  const [n, groups, ...rest] = pixels.shape;
  const [outputs, channels, ...taps] = kernel;
  const wide = rest.slice(0, -1);
  const last = taps.length - 1;
  const across = taps[last];
  const flat = reshape(pixels, [n, groups, sizeOf(wide), channels]);
  const none = wide.map(() => 0);
  // Rows as long as the images' in every axis but the first.
  const room = wide.map((d, i) => (i === 0 && last > 0 ? 0 : d - g.shape[i + 2]));
  const shifted = Array.from({ length: across }, (_, tap) => {
    const before = none.with(last, tap * dilation[last]);
    const moved = pad(g, [0, 0, ...before], [0, 0, ...room.map((r, i) => r - before[i])]);
    return reshape(moved, [n, groups, outputs / groups, sizeOf(moved.shape.slice(2))]);
  });
  const rows = concat(shifted, 2);
  const length = rows.shape[3];
  return tapsOf(taps.slice(0, -1)).map((tap) => {
    const start = tap.reduce((total, t, i) => total + t * dilation[i] * sizeOf(wide.slice(i + 1)), 0);
    const products = sum(matmul(rows, slice(flat, 2, start, start + length)), [0]);
    const byTap = reshape(products, [groups, across, outputs / groups, channels]);
    return reshape(transpose(byTap, [0, 2, 3, 1]), [outputs, channels, across]);
  });
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
