import {
  abs,
  add,
  cast,
  clamp,
  concat,
  constant,
  floor,
  gather,
  hostTensor,
  iota,
  matmul,
  maximum,
  mul,
  reshape,
  stopGradient,
  sub,
  transpose,
  unsqueeze,
  type Value,
} from '../graph/index.ts';
import type { Parameters } from '../nn/index.ts';
import type { Pyramid } from './backbone.ts';
import type { GeneratorConfig } from './config.ts';
import { decode, type FieldSample } from './decoder.ts';
import { linearZeroPadded, matrixValue, transposedValue } from './resample.ts';

/**
 * The pyramid tri-grid: on three planes, texels of `features` values for each of `depth` slices along the plane's normal (channel =
 * feature·depth + slice). A point's features are sampled trilinearly in every plane of every level and averaged. Outside, texels are 0.
 */

/** A quantity of space: points [N, M, 3] → raw density and features. */
export type Field = (points: Value) => FieldSample;

/** Which world axis addresses columns, rows and slices of plane 0, 1, 2. */
const AXES = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 2, 0],
] as const;

/** World coordinates as columns, rows and slices of the planes: points [N, M, 3] → three [N, M, 3 planes], in [−1, 1] inside the box. */
export function projectToPlanes(
  points: Value,
  boxWarp: number,
): { columns: Value; rows: Value; slices: Value } {
  const unit = mul(points, 2 / boxWarp);
  const pick = (component: number): Value =>
    gather(
      unit,
      constant(
        hostTensor(
          AXES.map((a) => a[component]),
          [3],
          'int64',
        ),
      ),
      2,
    );
  return { columns: pick(0), rows: pick(1), slices: pick(2) };
}

/** Texel coordinate of a coordinate in [−1, 1] (align_corners = false). */
function texel(g: Value, size: number): Value {
  return add(mul(g, size / 2), size / 2 - 0.5);
}

/** max(0, 1 − |x|): the linear interpolation kernel. */
function hat(x: Value): Value {
  return maximum(sub(1, abs(x)), 0);
}

/**
 * First of the two neighbours, kept inside, and both weights [..., 2]. Weights come from the distance to the texels that are read, so a
 * point beyond the border fades to 0 without masks.
 */
function neighbours(g: Value, size: number): { first: Value; weights: Value } {
  const x = texel(g, size);
  const first = stopGradient(clamp(floor(x), 0, size - 2));
  const offset = sub(x, first);
  const axis = offset.shape.length;
  return {
    first,
    weights: concat([unsqueeze(hat(offset), [axis]), unsqueeze(hat(sub(offset, 1)), [axis])], axis),
  };
}

/** Weights of all slices: [..., depth]. */
function sliceWeights(g: Value, depth: number): Value {
  const x = texel(g, depth);
  return hat(sub(unsqueeze(x, [x.shape.length]), iota(depth)));
}

/** Texels as rows: [N, 3, C·D, S, S] → [N·3·S·S, D·C], a row holding all slices of a texel. */
function texelRows(planes: Value, depth: number): Value {
  const [n, , channels, size] = planes.shape;
  const features = channels / depth;
  // Two moves of a whole axis; the one permutation they make up is several times slower.
  const bySlice = transpose(reshape(planes, [3 * n, features, depth, size * size]), [0, 2, 1, 3]);
  const byTexel = transpose(reshape(bySlice, [3 * n, channels, size * size]), [0, 2, 1]);
  return reshape(byTexel, [3 * n * size * size, depth * features]);
}

/**
 * Where the points [N, M, 3] fall in planes of side S.
 * @returns rows: int64 [N·M·12] of the four neighbours in each of three planes; weights [N·M, 3, 4·depth]
 */
function sampleSites(
  points: Value,
  size: number,
  depth: number,
  boxWarp: number,
): { rows: Value; weights: Value } {
  const [n, m] = points.shape;
  const g = projectToPlanes(points, boxWarp);
  const [x, y] = [neighbours(g.columns, size), neighbours(g.rows, size)];
  const plane = Array.from({ length: 3 * n }, (_, i) => i * size * size);
  // Row numbers of the released sizes fit float32's 24 bits no longer; they are added up as integers.
  const corner = add(mul(cast(y.first, 'int64'), size), cast(x.first, 'int64'));
  const first = add(corner, constant(hostTensor(plane, [n, 1, 3], 'int64')));
  const four = constant(hostTensor([0, 1, size, size + 1], [4], 'int64'));
  const rows = reshape(add(unsqueeze(first, [3]), four), [n * m * 12]);
  const area = mul(reshape(y.weights, [n, m, 3, 2, 1, 1]), reshape(x.weights, [n, m, 3, 1, 2, 1]));
  const weights = mul(area, reshape(sliceWeights(g.slices, depth), [n, m, 3, 1, 1, depth]));
  return { rows, weights: reshape(weights, [n * m, 3, 4 * depth]) };
}

/** Exact trilinear samples of one level: planes [N, 3, C·D, S, S], points [N, M, 3] → [N, M, 3 planes, C]. */
export function samplePlanes(planes: Value, points: Value, depth: number, boxWarp: number): Value {
  const [n, , channels, size] = planes.shape;
  const features = channels / depth;
  const m = points.shape[1];
  const { rows, weights } = sampleSites(points, size, depth, boxWarp);
  const texels = reshape(gather(texelRows(planes, depth), rows), [n * m * 3, 4 * depth, features]);
  return reshape(matmul(reshape(weights, [n * m * 3, 1, 4 * depth]), texels), [n, m, 3, features]);
}

/** Sum over the three planes of the samples of one level: [N, M, C]; a single product a point. */
function sumPlanes(planes: Value, points: Value, depth: number, boxWarp: number): Value {
  const [n, , channels, size] = planes.shape;
  const features = channels / depth;
  const m = points.shape[1];
  const { rows, weights } = sampleSites(points, size, depth, boxWarp);
  const texels = reshape(gather(texelRows(planes, depth), rows), [n * m, 12 * depth, features]);
  return reshape(matmul(reshape(weights, [n * m, 1, 12 * depth]), texels), [n, m, features]);
}

/** f(X) = (1/3)(1/L) Σ_planes Σ_levels trilinear(level, plane, X): points [N, M, 3] → [N, M, C]. */
export function sampleTrigrid(levels: Pyramid, points: Value, depth: number, boxWarp: number): Value {
  const total = levels.map((level) => sumPlanes(level, points, depth, boxWarp)).reduce((a, b) => add(a, b));
  return mul(total, 1 / (3 * levels.length));
}

/**
 * The pyramid averaged into one set of planes of the finest size, to be sampled in place of all levels: each level is linearly
 * interpolated at the finest texel centres, zeros outside. Differs from the exact sum only where a finest cell holds a kink of a
 * coarser level: along an axis by at most a quarter of the change of slope there, per finest texel.
 *
 * @returns [N, 3, C·D, S, S] with S the finest side
 */
export function collapsePyramid(levels: Pyramid): Value {
  const finest = levels[levels.length - 1];
  const [n, , channels, size] = finest.shape;
  const share = 1 / levels.length;
  const coarse = levels.slice(0, -1);
  if (coarse.length === 0) return finest;
  // Columns first; then one product sums the levels while it interpolates their rows.
  const stretched = coarse.map((level) => {
    const side = level.shape[3];
    return matmul(
      reshape(level, [3 * n * channels, side, side]),
      transposedValue(linearZeroPadded(side, size)),
    );
  });
  const vertical = concat(coarse.map((level) => matrixValue(linearZeroPadded(level.shape[3], size), share)), 1); // prettier-ignore
  const sum = reshape(matmul(vertical, concat(stretched, 1)), [n, 3, channels, size, size]);
  return add(sum, mul(finest, share));
}

/**
 * The field of N tri-grids, each with its own points.
 *
 * @param p parameters that hold `decoder.net.…` @param levels a pyramid, or one collapsed set of planes as its only level
 * @returns points [N, M, 3] → sigma [N, M, 1], features [N, M, F]
 */
export function trigridField(p: Parameters, config: GeneratorConfig, levels: Pyramid): Field {
  const { depth, rendering } = config;
  return (points) => decode(p.at('decoder'), config, sampleTrigrid(levels, points, depth, rendering.boxWarp));
}
