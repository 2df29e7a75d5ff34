import { add, mul, sizeOf, type Value } from '../graph/index.ts';
import type { Parameters } from '../nn/index.ts';
import type { Pyramid } from './backbone.ts';
import { doubles, sumOnCorners } from './collapse.ts';
import type { GeneratorConfig } from './config.ts';
import { decode, type FieldSample } from './decoder.ts';
import { sampleRows, sumRows, texelCentres, texelRows } from './plane-sampling.ts';

/**
 * The pyramid tri-grid: on three planes, texels of `features` values for each of `depth` slices along the plane's normal (channel =
 * feature·depth + slice). A point's features are sampled trilinearly in every plane of every level and averaged. Outside, texels are 0.
 */

/** A quantity of space: points [N, M, 3] → raw density and features. */
export type Field = (points: Value) => FieldSample;

/** Exact trilinear samples of one level: planes [N, 3, C·D, S, S], points [N, M, 3] → [N, M, 3 planes, C]. */
export function samplePlanes(planes: Value, points: Value, depth: number, boxWarp: number): Value {
  return sampleRows(texelRows(planes, depth), texelCentres(planes.shape[3]), points, depth, boxWarp);
}

/** Up to this share of the finest level's texels, points are too few to be worth a sum of levels; about what both take on a CPU. */
const FEW = 1 / 120;

/**
 * f(X) = (1/3)(1/L) Σ_planes Σ_levels trilinear(level, plane, X), to be asked for points [N, M, 3] → [N, M, C]. For many points the levels
 * below the finest are summed first, on a grid that holds their sum exactly: two samples a point instead of one a level.
 */
function trigridSampler(levels: Pyramid, depth: number, boxWarp: number): (points: Value) => Value {
  const finest = levels[levels.length - 1];
  const single = levels.map((planes) => ({ planes, grid: texelCentres(planes.shape[3]) }));
  const summed =
    levels.length > 2 && doubles(levels)
      ? [sumOnCorners(levels.slice(0, -1)), single[single.length - 1]]
      : single;
  const share = 1 / (3 * levels.length);
  return (points) => {
    const saved = (levels.length - 2) * points.shape[0] * points.shape[1];
    const tables = saved < FEW * sizeOf(finest.shape) ? single : summed;
    const total = tables
      .map(({ planes, grid }) => sumRows(texelRows(planes, depth), grid, points, depth, boxWarp))
      .reduce((a, b) => add(a, b));
    return mul(total, share);
  };
}

/** The features of a tri-grid at points: [N, M, 3] → [N, M, C]. */
export function sampleTrigrid(levels: Pyramid, points: Value, depth: number, boxWarp: number): Value {
  return trigridSampler(levels, depth, boxWarp)(points);
}

/**
 * The field of N tri-grids, each with its own points.
 *
 * @param p parameters that hold `decoder.net.…` @param levels a pyramid, or one collapsed set of planes as its only level
 * @returns points [N, M, 3] → sigma [N, M, 1], features [N, M, F]
 */
export function trigridField(p: Parameters, config: GeneratorConfig, levels: Pyramid): Field {
  const sample = trigridSampler(levels, config.depth, config.rendering.boxWarp);
  return (points) => decode(p.at('decoder'), config, sample(points));
}
