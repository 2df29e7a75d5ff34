import { add, concat, matmul, mul, reshape, type Value } from '../graph/index.ts';
import type { Pyramid } from './backbone.ts';
import type { PlaneGrid } from './plane-sampling.ts';
import { linearAt, linearZeroPadded, matrixValue, transposedValue, type ResampleMatrix } from './resample.ts';

/** Σ over levels of level ⊗ matrix, times `gain`: levels [N, 3, C, s, s] resampled along both axes → [N, 3, C, S, S]. */
function sumResampled(levels: Pyramid, matrixOf: (side: number) => ResampleMatrix, gain: number): Value {
  const [n, , channels] = levels[0].shape;
  const matrices = levels.map((level) => matrixOf(level.shape[3]));
  const size = matrices[0].rows;
  // Columns first; then one product sums the levels while it interpolates their rows.
  const stretched = levels.map((level, i) => {
    const side = level.shape[3];
    return matmul(reshape(level, [3 * n * channels, side, side]), transposedValue(matrices[i]));
  });
  const vertical = concat(
    matrices.map((m) => matrixValue(m, gain)),
    1,
  );
  return reshape(matmul(vertical, concat(stretched, 1)), [n, 3, channels, size, size]);
}

/**
 * The pyramid averaged into one set of planes of the finest size, to be sampled in place of all levels: each level is linearly
 * interpolated at the finest texel centres, zeros outside. Differs from the exact sum only where a finest cell holds a kink of a
 * coarser level: along an axis by at most a quarter of the change of slope there, per finest texel.
 *
 * @returns [N, 3, C·D, S, S] with S the finest side
 */
export function collapsePyramid(levels: Pyramid): Value {
  const share = 1 / levels.length;
  const [finest, coarse] = [levels[levels.length - 1], collapsedCoarse(levels, share)];
  return coarse ? add(coarse, mul(finest, share)) : finest;
}

/** The collapsed pyramid times the number of levels, which saves weighing the finest one. */
export function collapsedSum(levels: Pyramid): Value {
  const [finest, coarse] = [levels[levels.length - 1], collapsedCoarse(levels, 1)];
  return coarse ? add(coarse, finest) : finest;
}

/** All levels but the finest at its texel centres, times `gain`; undefined where there are none. */
function collapsedCoarse(levels: Pyramid, gain: number): Value | undefined {
  if (levels.length === 1) return undefined;
  const size = levels[levels.length - 1].shape[3];
  return sumResampled(levels.slice(0, -1), (side) => linearZeroPadded(side, size), gain);
}

/** Planes and where their texels lie. */
export interface GriddedPlanes {
  /** [N, 3, C·D, S, S] */
  readonly planes: Value;
  readonly grid: PlaneGrid;
}

/**
 * The sum of levels whose sides double, without error: all their kinks lie on the lines between the texels of a level of twice the
 * finest side, so that planes with nodes on those lines hold the sum exactly. They reach as far beyond the box as the coarsest level fades.
 */
export function sumOnCorners(levels: Pyramid): GriddedPlanes {
  const [coarsest, finest] = [levels[0].shape[3], levels[levels.length - 1].shape[3]];
  // At the last node beyond the border all levels are zero already, as is everything outside of the planes.
  const beyond = finest / coarsest - 1;
  const side = 2 * finest + 1 + 2 * beyond;
  const nodes = Array.from({ length: side }, (_, j) => (j - beyond) / (2 * finest));
  const planes = sumResampled(levels, (from) => linearAt(from, nodes), 1);
  return { planes, grid: { side, scale: finest, centre: finest + beyond } };
}

/** Whether each level has twice the side of the one before. */
export function doubles(levels: Pyramid): boolean {
  return levels.every((level, i) => i === 0 || level.shape[3] === 2 * levels[i - 1].shape[3]);
}
