import type { DensityGrid } from '../../views/density-grid.ts';

/** Binomial smoothing [1, 2, 1]/4 along each axis: the surface of a learned density is rough at the scale of a voxel. */
export function smoothDensity(grid: DensityGrid): DensityGrid {
  const [nx, ny, nz] = grid.size;
  const along = smoothBlocks(grid.values, 1, nx);
  const across = smoothBlocks(along, nx, ny);
  return { ...grid, values: smoothBlocks(across, nx * ny, nz) };
}

/** Smooths along an axis of `n` points that are `stride` apart. Passes over memory in its order, whatever the axis. */
function smoothBlocks(from: Float32Array, stride: number, n: number): Float32Array {
  const to = from.slice();
  const block = n * stride;
  for (let start = 0; start < from.length; start += block) {
    for (let i = start + stride; i < start + block - stride; i++) {
      to[i] = (from[i - stride] + 2 * from[i] + from[i + stride]) / 4;
    }
  }
  return to;
}
