import { add, mul, sizeOf, type Value } from '../graph/index.ts';
import type { Parameters } from '../nn/index.ts';
import type { Pyramid } from './backbone.ts';
import { cornerGrid, doubles, sumOnNodes } from './collapse.ts';
import type { GeneratorConfig, RenderingConfig } from './config.ts';
import { decode, type FieldSample } from './decoder.ts';
import { summedRows } from './line-tables.ts';
import { cropped, sampleRows, sumRows, texelCentres, texelRows, type PlaneGrid } from './plane-sampling.ts';

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

/** Texels of planes as rows, and where they lie. */
export interface Table {
  readonly rows: Value;
  readonly grid: PlaneGrid;
}

/** What is sampled for a pyramid: f(X) = share · Σ_planes Σ_tables trilinear(table, plane, X). */
export interface Tables {
  readonly tables: readonly Table[];
  readonly share: number;
}

/** A table a level: f(X) = (1/3)(1/L) Σ_planes Σ_levels trilinear(level, plane, X). */
function levelTables(levels: Pyramid, depth: number): Tables {
  const tables = levels.map((planes) => ({
    rows: texelRows(planes, depth),
    grid: texelCentres(planes.shape[3]),
  }));
  return { tables, share: 1 / (3 * levels.length) };
}

/** The finest level, and all others summed on a grid that holds their sum without error. */
function summedTables(levels: Pyramid, depth: number): Tables {
  const { tables, share } = levelTables(levels, depth);
  if (levels.length < 3 || !doubles(levels)) return { tables, share };
  const coarser = levels.slice(0, -1);
  const grid = cornerGrid(coarser);
  return {
    tables: [{ rows: texelRows(sumOnNodes(coarser, grid), depth), grid }, tables[tables.length - 1]],
    share,
  };
}

/**
 * A large pyramid as few tables for many points, of no more texels than points inside of the crop touch: beyond it, where renders see
 * nothing, samples are not the pyramid's.
 *
 * @param mode 'exact': the finest level, and all others summed on a grid that holds their sum without error. 'fast': one, the collapsed
 * pyramid, with its error
 */
export function pyramidTables(
  levels: Pyramid,
  depth: number,
  mode: 'exact' | 'fast',
  rendering: RenderingConfig,
): Tables {
  const tableOf = (some: Pyramid, whole: PlaneGrid): Table => {
    const grid = cropped(whole, rendering);
    return { rows: summedRows(some, grid, depth), grid };
  };
  const share = 1 / (3 * levels.length);
  const finest = texelCentres(levels[levels.length - 1].shape[3]);
  if (mode === 'fast') return { tables: [tableOf(levels, finest)], share };
  const coarser = levels.slice(0, -1);
  const coarse =
    coarser.length > 1 && doubles(levels)
      ? [tableOf(coarser, cornerGrid(coarser))]
      : coarser.map((level) => tableOf([level], texelCentres(level.shape[3])));
  return { tables: [...coarse, tableOf(levels.slice(-1), finest)], share };
}

/** Features of tables at points: [N, M, 3] → [N, M, C]. */
function sampleTables({ tables, share }: Tables, points: Value, depth: number, boxWarp: number): Value {
  const samples = tables.map(({ rows, grid }) => sumRows(rows, grid, points, depth, boxWarp));
  return mul(
    samples.reduce((a, b) => add(a, b)),
    share,
  );
}

/** Up to this share of the finest level's texels, points are too few to be worth a sum of levels; about what both take on a CPU. */
const FEW = 1 / 120;

/** What samples a pyramid exactly, in the way that suits the number of points: [N, M, 3] → [N, M, C]. */
function trigridSampler(levels: Pyramid, depth: number, boxWarp: number): (points: Value) => Value {
  const finest = levels[levels.length - 1];
  // Both are made once, so that the gradients of all calls meet in their rows; the one that nobody samples costs nothing.
  const [single, summed] = [levelTables(levels, depth), summedTables(levels, depth)];
  return (points) => {
    const saved = (levels.length - 2) * points.shape[0] * points.shape[1];
    return sampleTables(saved < FEW * sizeOf(finest.shape) ? single : summed, points, depth, boxWarp);
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

/** The field of tables that were made before, in another graph perhaps: many runs, or several at once, can share them. */
export function tableField(p: Parameters, config: GeneratorConfig, tables: Tables): Field {
  const { depth, rendering } = config;
  return (points) => decode(p.at('decoder'), config, sampleTables(tables, points, depth, rendering.boxWarp));
}
