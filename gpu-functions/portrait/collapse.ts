import { add, mul, reshape, type Value } from '../graph/index.ts';
import type { Pyramid } from './backbone.ts';
import { wholeGrid, type PlaneGrid } from './plane-sampling.ts';
import {
  linearAt,
  linearZeroPadded,
  resampleColumns,
  resampleRows,
  type ResampleMatrix,
} from './resample.ts';

/** Σ over levels of level ⊗ matrix: levels [N, 3, C, s, s] resampled along both axes → [N, 3, C, S, S]. */
function sumResampled(levels: Pyramid, matrixOf: (side: number) => ResampleMatrix): Value {
  const [n, , channels] = levels[0].shape;
  const matrices = levels.map((level) => matrixOf(level.shape[3]));
  const size = matrices[0].rows;
  const stretched = levels.map((level, i) => {
    const side = level.shape[3];
    return resampleColumns(reshape(level, [3 * n * channels, side, side]), matrices[i]);
  });
  return reshape(resampleRows(stretched, matrices), [n, 3, channels, size, size]);
}

/**
 * The pyramid averaged into one set of planes of the finest size, to be sampled in place of all levels: each level is linearly
 * interpolated at the finest texel centres, zeros outside. Differs from the exact sum only where a finest cell holds a kink of a
 * coarser level: along an axis by at most a quarter of the change of slope there, per finest texel.
 *
 * @returns [N, 3, C·D, S, S] with S the finest side
 */
export function collapsePyramid(levels: Pyramid): Value {
  return levels.length === 1 ? levels[0] : mul(collapsedSum(levels), 1 / levels.length);
}

/** The collapsed pyramid times the number of levels. */
export function collapsedSum(levels: Pyramid): Value {
  const finest = levels[levels.length - 1];
  if (levels.length === 1) return finest;
  const size = finest.shape[3];
  return add(
    sumResampled(levels.slice(0, -1), (side) => linearZeroPadded(side, size)),
    finest,
  );
}

/**
 * The grid that holds the sum of levels whose sides double without error: all their kinks lie on the lines between the texels of a level
 * of twice the finest side, so that planes with nodes on those lines hold it exactly. They reach as far beyond the box as the coarsest
 * level fades.
 */
export function cornerGrid(levels: Pyramid): PlaneGrid {
  const [coarsest, finest] = [levels[0].shape[3], levels[levels.length - 1].shape[3]];
  // At the last node beyond the border all levels are zero already, as is everything outside of the planes.
  const beyond = finest / coarsest - 1;
  return wholeGrid(2 * finest + 1 + 2 * beyond, finest, finest + beyond);
}

/** The sum of levels at the nodes of a grid, [N, 3, C·D, side, side]. */
export function sumOnNodes(levels: Pyramid, { side, scale, centre }: PlaneGrid): Value {
  const nodes = Array.from({ length: side }, (_, j) => ((j - centre) / scale + 1) / 2);
  return sumResampled(levels, (from) => linearAt(from, nodes));
}

/** Whether each level has twice the side of the one before. */
export function doubles(levels: Pyramid): boolean {
  return levels.every((level, i) => i === 0 || level.shape[3] === 2 * levels[i - 1].shape[3]);
}
