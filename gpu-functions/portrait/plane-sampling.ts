import {
  abs,
  add,
  cast,
  concat,
  constant,
  differentiated,
  floor,
  gather,
  hostTensor,
  iota,
  matmul,
  maximum,
  minimum,
  mul,
  reshape,
  slice,
  stopGradient,
  sub,
  transpose,
  type Value,
} from '../graph/index.ts';

/**
 * Trilinear samples of three planes with slices. What is computed for every point is laid out with the points innermost, [.., N·M]:
 * broadcasting over a few neighbours is then as fast as plain arithmetic.
 */

/** Which world axis addresses columns, rows and slices of plane 0, 1, 2. */
const COLUMNS = [0, 0, 1] as const;
const ROWS = [1, 2, 2] as const;
const SLICES = [2, 1, 0] as const;

/** World coordinates as columns, rows and slices of the planes: points [N, M, 3] → three [N, M, 3 planes], in [−1, 1] inside the box. */
export function projectToPlanes(
  points: Value,
  boxWarp: number,
): { columns: Value; rows: Value; slices: Value } {
  const unit = mul(points, 2 / boxWarp);
  const pick = (axes: readonly number[]): Value => entries(unit, 2, axes);
  return { columns: pick(COLUMNS), rows: pick(ROWS), slices: pick(SLICES) };
}

/** Entries of an axis in another order, some of them twice; unlike a gather, its gradient needs no scatter. */
function entries(x: Value, axis: number, which: readonly number[]): Value {
  return concat(
    which.map((i) => slice(x, axis, i, i + 1)),
    axis,
  );
}

/** What lies from the first to before the end. */
export type Range = readonly [first: number, end: number];

/** Planes of texels on a regular grid. */
export interface PlaneGrid {
  /** Texels along a side. */
  readonly side: number;
  /** Texels for each unit of the coordinate, which runs over [−1, 1] in the box. */
  readonly scale: number;
  /** Texel coordinate of the box's centre. */
  readonly centre: number;
  /** Which texels there are along x, y and z; at least two of each. Beyond them everything is zero. */
  readonly kept: readonly [x: Range, y: Range, z: Range];
}

/** A grid with all of its texels. */
export function wholeGrid(side: number, scale: number, centre: number): PlaneGrid {
  return { side, scale, centre, kept: [[0, side], [0, side], [0, side]] }; // prettier-ignore
}

/** The grid of a pyramid level: `side` texels fill the box, each at the middle of its share (align_corners = false). */
export function texelCentres(side: number): PlaneGrid {
  return wholeGrid(side, side / 2, side / 2 - 0.5);
}

/** Texels of a cache line: ranges that begin and end at multiples of it are moved faster. */
export const CACHE_LINE = 16;

/** A grid of no more texels than points inside of the crop touch, which removes the density beyond (`croppedAway`). */
export function cropped(grid: PlaneGrid, { cropFraction }: { cropFraction: number }): PlaneGrid {
  const { side, scale, centre } = grid;
  const limit = (1 - 2 * cropFraction) * scale;
  const first = Math.max(0, Math.floor((centre - limit) / CACHE_LINE) * CACHE_LINE);
  const end = Math.min(side, Math.ceil((Math.floor(centre + limit) + 2) / CACHE_LINE) * CACHE_LINE);
  return { ...grid, kept: [[first, end], grid.kept[1], [first, end]] };
}

/** The three planes. */
export const PLANES = [0, 1, 2] as const;

/** The columns and lines that a grid keeps of a plane. */
export function planeExtent(
  { kept }: PlaneGrid,
  plane: (typeof PLANES)[number],
): { columns: Range; lines: Range } {
  return { columns: kept[COLUMNS[plane]], lines: kept[ROWS[plane]] };
}

const length = ([first, end]: Range): number => end - first;

/** Numbers of the three axes or planes, which broadcast over [3, P]. */
function perAxis(values: readonly number[], dtype: 'float32' | 'int32'): Value {
  return constant(hostTensor([...values], [3, 1], dtype));
}

/** max(0, 1 − |x|): the linear interpolation kernel. */
function hat(x: Value): Value {
  return maximum(sub(1, abs(x)), 0);
}

/**
 * First of the two neighbours, kept inside, and the weights of both: axes [3, P] → first [3, P], weights [3, 2, P]. Weights come from
 * the distance to the texels that are read, so a point beyond the border fades to 0 without masks.
 */
function neighbours(axes: Value, { scale, centre, kept }: PlaneGrid): { first: Value; weights: Value } {
  const [, count] = axes.shape;
  const x = add(mul(axes, scale), perAxis(kept.map(([from]) => centre - from), 'float32')); // prettier-ignore
  const last = perAxis(kept.map((range) => length(range) - 2), 'float32'); // prettier-ignore
  const first = stopGradient(minimum(maximum(floor(x), 0), last));
  const offset = sub(x, first);
  const weights = [hat(offset), hat(sub(offset, 1))].map((w) => reshape(w, [3, 1, count]));
  return { first, weights: concat(weights, 1) };
}

/** Weights of all slices along each axis: [3, P] → [3, depth, P]. */
function sliceWeights(axes: Value, depth: number): Value {
  const [, count] = axes.shape;
  const x = add(mul(axes, depth / 2), depth / 2 - 0.5);
  return hat(sub(reshape(x, [3, 1, count]), reshape(iota(depth), [depth, 1])));
}

/**
 * Where the points [N, M, 3] fall in three planes.
 * @returns rows: int32 [N·M·12], the four neighbours in each of the planes; weights [N·M, 12·depth]
 */
function sampleSites(
  points: Value,
  grid: PlaneGrid,
  depth: number,
  boxWarp: number,
): { rows: Value; weights: Value } {
  const [n, m] = points.shape;
  const count = n * m;
  const axes = transpose(mul(reshape(points, [count, 3]), 2 / boxWarp), [1, 0]);
  const { first, weights } = neighbours(axes, grid);

  // Row numbers are integers of 32 bits: float32 would round those of large batches.
  const texel = cast(first, 'int32');
  const extents = PLANES.map((p) => planeExtent(grid, p));
  const widths = extents.map(({ columns }) => length(columns));
  const sizes = extents.map(({ columns, lines }) => length(columns) * length(lines));
  const corner = add(mul(entries(texel, 0, ROWS), perAxis(widths, 'int32')), entries(texel, 0, COLUMNS));
  const all = sizes[0] + sizes[1] + sizes[2];
  const starts = [0, sizes[0], sizes[0] + sizes[1]];
  const plane = starts.flatMap((start) => Array.from({ length: n }, (_, i) => i * all + start));
  const inPlanes = add(reshape(corner, [3, n, m]), constant(hostTensor(plane, [3, n, 1], 'int32')));
  const offsets = widths.flatMap((width) => [0, 1, width, width + 1]);
  const four = constant(hostTensor(offsets, [3, 4, 1], 'int32'));
  const rows = add(reshape(inPlanes, [3, 1, count]), four);

  const across = reshape(entries(weights, 0, COLUMNS), [3, 1, 2, count]);
  const down = reshape(entries(weights, 0, ROWS), [3, 2, 1, count]);
  const area = reshape(mul(down, across), [3, 4, 1, count]);
  const along = reshape(entries(sliceWeights(axes, depth), 0, SLICES), [3, 1, depth, count]);
  return {
    rows: reshape(transpose(reshape(rows, [12, count]), [1, 0]), [count * 12]),
    weights: transpose(reshape(mul(area, along), [12 * depth, count]), [1, 0]),
  };
}

/** Entries of axis 2 in another order. Its gradient is the inverse order, not a scatter. */
function reorder(x: Value, order: readonly number[]): Value {
  const taken = gather(x, constant(hostTensor([...order], [order.length], 'int64')), 2);
  const inverse = order.map((_, i) => order.indexOf(i));
  return differentiated(taken, [x], (g) => [() => reorder(g, inverse)]);
}

/** Texels as rows: [N, 3, C·D, S, S] → [N·3·S·S, D·C], a row holding all slices of a texel. */
export function texelRows(planes: Value, depth: number): Value {
  const [n, , channels, size] = planes.shape;
  const features = channels / depth;
  const bySlice = Array.from(
    { length: channels },
    (_, i) => (i % features) * depth + Math.floor(i / features),
  );
  // Whole channels are moved, then one axis: the single permutation this amounts to is several times slower.
  const ordered = reshape(reorder(planes, bySlice), [3 * n, channels, size * size]);
  return reshape(transpose(ordered, [0, 2, 1]), [3 * n * size * size, channels]);
}

/** Samples of three planes at points [N, M, 3]: texel rows [N·3·S·S, D·C] → [N, M, 3 planes, C]. */
export function sampleRows(
  rows: Value,
  grid: PlaneGrid,
  points: Value,
  depth: number,
  boxWarp: number,
): Value {
  const [n, m] = points.shape;
  const features = rows.shape[1] / depth;
  const sites = sampleSites(points, grid, depth, boxWarp);
  const texels = reshape(gather(rows, sites.rows), [n * m * 3, 4 * depth, features]);
  return reshape(matmul(reshape(sites.weights, [n * m * 3, 1, 4 * depth]), texels), [n, m, 3, features]);
}

/** The sum of those samples over the three planes, a single product a point: [N, M, C]. */
export function sumRows(rows: Value, grid: PlaneGrid, points: Value, depth: number, boxWarp: number): Value {
  const [n, m] = points.shape;
  const features = rows.shape[1] / depth;
  const sites = sampleSites(points, grid, depth, boxWarp);
  const texels = reshape(gather(rows, sites.rows), [n * m, 12 * depth, features]);
  return reshape(matmul(reshape(sites.weights, [n * m, 1, 12 * depth]), texels), [n, m, features]);
}
