import type { DensityGrid } from '../../views/density-grid.ts';

/** Binomial smoothing [1, 2, 1]/4 along each axis: the surface of a learned density is rough at the scale of a voxel. */
export function smoothDensity(grid: DensityGrid): DensityGrid {
  const [nx, ny, nz] = grid.size;
  let from: Float32Array = grid.values;
  let to: Float32Array = new Float32Array(from.length);
  for (const [stride, n, lines] of [
    [1, nx, ny * nz],
    [nx, ny, nx * nz],
    [nx * ny, nz, nx * ny],
  ]) {
    for (let line = 0; line < lines; line++) {
      const start =
        stride === 1 ? line * nx : stride === nx ? Math.floor(line / nx) * nx * ny + (line % nx) : line;
      const end = start + (n - 1) * stride;
      to[start] = from[start];
      to[end] = from[end];
      for (let i = start + stride; i < end; i += stride) {
        to[i] = (from[i - stride] + 2 * from[i] + from[i + stride]) / 4;
      }
    }
    [from, to] = [to, from === grid.values ? new Float32Array(from.length) : from];
  }
  return { ...grid, values: from };
}
