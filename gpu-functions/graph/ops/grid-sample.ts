import { gradients } from '../gradient.ts';
import { GraphError, hostTensor, sizeOf, type Shape, listOf } from '../tensor.ts';
import { constant, makeValue, type Value } from '../value.ts';
import { differentiated } from './differentiated.ts';
import {
  abs,
  add,
  and,
  cast,
  clamp,
  floor,
  greaterOrEqual,
  lessOrEqual,
  mul,
  round,
  sub,
  where,
} from './elementwise.ts';
import { gather } from './indexing.ts';
import { matmul } from './linear.ts';
import { reshape, slice, transpose } from './shape.ts';

export interface GridSampling {
  readonly mode?: 'linear' | 'nearest' | 'cubic';
  /** What is seen outside: zeros, the nearest edge, or the image mirrored at its edges. */
  readonly padding?: 'zeros' | 'border' | 'reflection';
  /** Whether ±1 are the centres of the outermost pixels, not their outer edges. */
  readonly alignCorners?: boolean;
}

/**
 * Sample images [N, C, …D] at the places of a grid [N, …P, d] → [N, C, …P], d being 2 or 3. Coordinates are in ±1, the last spatial axis first
 * (x, y, z). Gradients flow to the images and to the grid.
 */
export function gridSample(x: Value, grid: Value, options: GridSampling = {}): Value {
  const { mode = 'linear', padding = 'zeros', alignCorners = false } = options;
  const spatial = x.shape.slice(2);
  const d = spatial.length;
  const fits = grid.shape.length === d + 2 && grid.shape[0] === x.shape[0] && grid.shape.at(-1) === d;
  if (d < 1 || !fits) {
    throw new GraphError(`gridSample: a grid [${grid.shape.join(', ')}] on images [${x.shape.join(', ')}]`);
  }
  // Of values of its own, lest the gradient of the images also hold what flows to them through a grid that was computed from them.
  const [images, places] = [itself(x), itself(grid)];
  const composed = sampled(images, places, { mode, padding, alignCorners });
  if (d !== 2 || x.dtype !== 'float32') return composed;
  const attributes = {
    mode: { linear: 'bilinear', nearest: 'nearest', cubic: 'bicubic' }[mode],
    padding_mode: padding,
    align_corners: alignCorners ? 1 : 0,
  };
  const value = makeValue('GridSample', [x, grid], attributes, composed.shape, x.dtype);
  return differentiated(value, [x, grid], (g) => [
    () => gradients([composed], [images], [g])[0],
    () => gradients([composed], [places], [g])[0],
  ]);
}

/** The same numbers as a value of another node, through which gradients pass. */
function itself(x: Value): Value {
  return differentiated(x, [x], (g) => [() => g]);
}

/** One tap along one axis: the places [N, M] as whole numbers, their weights, and where they lie inside the axis. */
interface Tap {
  readonly place: Value;
  readonly weight: Value | null;
  readonly inside: Value | null;
}

function sampled(x: Value, grid: Value, how: Required<GridSampling>): Value {
  const [n, channels, ...spatial] = x.shape;
  const d = spatial.length;
  const points = grid.shape.slice(1, -1);
  const m = sizeOf(points);
  const flat = reshape(grid, [n, m, d]);
  const taps = spatial.map((size, axis) =>
    tapsOf(reshape(slice(flat, 2, d - 1 - axis, d - axis), [n, m]), size, how),
  );
  // Images as rows of channels, all samples of the batch below each other.
  const rows = reshape(transpose(reshape(x, [n, channels, -1]), [0, 2, 1]), [n * sizeOf(spatial), channels]);
  const firsts = listOf(n, (i) => i * sizeOf(spatial));
  const origin = constant(hostTensor(firsts, [n, 1], 'int64'));

  let total: Value | undefined;
  for (const corner of product(taps)) {
    const index = corner.reduce(
      (at, { place }, axis) => add(at, mul(cast(place, 'int64'), sizeOf(spatial.slice(axis + 1)))),
      origin,
    );
    let seen = gather(rows, reshape(index, [n * m]));
    const weight = weightOf(corner, x);
    if (weight) seen = mul(seen, reshape(weight, [n * m, 1]));
    total = total ? add(total, seen) : seen;
  }
  return reshape(transpose(reshape(total!, [n, m, channels]), [0, 2, 1]), [n, channels, ...points]);
}

function product(taps: readonly (readonly Tap[])[]): Tap[][] {
  return taps.reduce<Tap[][]>((all, axis) => all.flatMap((c) => axis.map((t) => [...c, t])), [[]]);
}

/** The weight of a corner: the product of its taps', zero where one of them is outside. */
function weightOf(corner: readonly Tap[], like: Value): Value | undefined {
  let weight: Value | undefined;
  for (const tap of corner) {
    if (tap.weight) weight = weight ? mul(weight, tap.weight) : tap.weight;
  }
  for (const { inside } of corner) {
    if (inside) weight = weight ? where(inside, weight, 0) : cast(inside, like.dtype);
  }
  return weight;
}

/** Where coordinates in ±1 lie along an axis, counted in pixels. */
function pixelsOf(coordinate: Value, size: number, alignCorners: boolean): Value {
  return alignCorners ? mul(add(coordinate, 1), (size - 1) / 2) : sub(mul(add(coordinate, 1), size / 2), 0.5);
}

/** Fold places back between the mirrors at low and high. */
function mirrored(at: Value, low: number, high: number): Value {
  const span = high - low;
  if (span === 0) return mul(at, 0);
  const from = abs(sub(at, low));
  const turns = floor(mul(from, 1 / span));
  const rest = sub(from, mul(turns, span));
  const half = mul(turns, 0.5);
  const odd = greaterOrEqual(sub(half, floor(half)), 0.25);
  return add(where(odd, sub(span, rest), rest), low);
}

function confined(at: Value, size: number, { padding, alignCorners }: Required<GridSampling>): Value {
  if (padding === 'zeros') return at;
  const [low, high] = alignCorners ? [0, size - 1] : [-0.5, size - 0.5];
  const folded = padding === 'reflection' ? mirrored(at, low, high) : at;
  return clamp(folded, 0, size - 1);
}

/** The taps of one axis: one for nearest, two for linear, four for cubic. */
function tapsOf(coordinate: Value, size: number, how: Required<GridSampling>): Tap[] {
  const raw = pixelsOf(coordinate, size, how.alignCorners);
  // Cubic weights are those of the unconfined place: every tap is confined by itself.
  const at = how.mode === 'cubic' ? raw : confined(raw, size, how);
  if (how.mode === 'nearest') return [tap(round(at), null, size, how)];
  const low = floor(at);
  const t = sub(at, low);
  if (how.mode === 'linear') return [tap(low, sub(1, t), size, how), tap(add(low, 1), t, size, how)];
  return cubicWeights(t).map((weight, k) => {
    const place = add(low, k - 1);
    return tap(how.padding === 'zeros' ? place : round(confined(place, size, how)), weight, size, how);
  });
}

function tap(place: Value, weight: Value | null, size: number, { padding }: Required<GridSampling>): Tap {
  const inside = and(greaterOrEqual(place, 0), lessOrEqual(place, size - 1));
  return { place: clamp(place, 0, size - 1), weight, inside: padding === 'zeros' ? inside : null };
}

/** Keys' kernel with a = −¾ at the four pixels around a place t of the way from the second to the third. */
function cubicWeights(t: Value): Value[] {
  const a = -0.75;
  const inner = (u: Value): Value => add(mul(mul(sub(mul(u, a + 2), a + 3), u), u), 1);
  const outer = (u: Value): Value => sub(mul(add(mul(sub(mul(u, a), 5 * a), u), 8 * a), u), 4 * a);
  const u = sub(1, t);
  return [outer(add(t, 1)), inner(t), inner(u), outer(add(u, 1))];
}

/** The grid of affine maps theta [N, d, d + 1] over [N, C, …D]: [N, …D, d], for {@link gridSample}. */
export function affineGrid(theta: Value, size: Shape, { alignCorners = false } = {}): Value {
  const [n, , ...spatial] = size;
  const d = spatial.length;
  const dtype = theta.dtype;
  const placeOf = (i: number, length: number): number => {
    if (!alignCorners) return (2 * i + 1) / length - 1;
    return length === 1 ? 0 : (2 * i) / (length - 1) - 1;
  };
  const rows = sizeOf(spatial);
  const strides = spatial.map((_, i) => sizeOf(spatial.slice(i + 1)));
  const homogeneous = listOf(rows, (r) => [
    ...spatial.map((length, axis) => placeOf(Math.floor(r / strides[axis]) % length, length)).toReversed(),
    1,
  ]).flat();
  const base = constant(hostTensor(homogeneous, [rows, d + 1]));
  const points = matmul(cast(base, dtype), transpose(theta, [0, 2, 1]));
  return reshape(points, [n, ...spatial, d]);
}
