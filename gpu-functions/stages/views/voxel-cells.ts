import type { DensityGrid } from './density-grid.ts';

/** Where a grid lies in the world. */
export type Box = Pick<DensityGrid, 'size' | 'origin' | 'spacing'>;

/** Fine cells along the side of a coarse one. */
const SIDE = 4;

/** Optical depth of a step of one voxel below which it shows nothing. */
const THIN = 1e-3;

/** The farthest that rays jump at once, in coarse cells. */
const FARTHEST = 12;

/** Where a ray through voxels may meet something. */
export interface VoxelCells {
  /** For each cell between eight points, at the index of its first: 1 where one of them shows. */
  readonly lit: Uint8Array;
  /** Coarse cells along each axis, x fastest. */
  readonly size: readonly [number, number, number];
  /** Cells along the side of a coarse one. */
  readonly side: number;
  /** The box of all cells that show. */
  readonly bounds: Box;
  /** Of each coarse cell: 0 where there is something, else how many cells away it may begin. */
  readonly clearance: Uint8Array;
}

/** Finds the empty space of a density. */
export function cellsOf(grid: DensityGrid): VoxelCells {
  const { spacing, values } = grid;
  const [nx, ny, nz] = grid.size;
  const lit = new Uint8Array(values.length);
  const size = [nx, ny, nz].map((n) => Math.ceil((n - 1) / SIDE)) as [number, number, number];
  const filled = new Uint8Array(size[0] * size[1] * size[2]);
  const thin = THIN / spacing;
  for (let k = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      const row = (k * ny + j) * nx;
      for (let i = 0; i < nx; i++) {
        if (values[row + i] <= thin) continue;
        // The point lights the up to eight cells around it.
        for (let z = Math.max(0, k - 1); z <= Math.min(nz - 2, k); z++) {
          for (let y = Math.max(0, j - 1); y <= Math.min(ny - 2, j); y++) {
            const at = (z * ny + y) * nx;
            if (i > 0) lit[at + i - 1] = 1;
            if (i < nx - 1) lit[at + i] = 1;
          }
        }
      }
    }
  }
  for (let i = lit.indexOf(1); i >= 0; i = lit.indexOf(1, i + 1)) {
    const z = Math.floor(i / (nx * ny) / SIDE);
    const y = Math.floor((Math.floor(i / nx) % ny) / SIDE);
    filled[(z * size[1] + y) * size[0] + Math.floor((i % nx) / SIDE)] = 1;
  }
  return { lit, size, side: SIDE, bounds: boundsOf(filled, size, grid), clearance: clearances(filled, size) };
}

/** The smallest box of coarse cells around the filled ones. */
function boundsOf(filled: Uint8Array, cells: readonly number[], { size, origin, spacing }: Box): Box {
  const low = [...cells];
  const high = [0, 0, 0];
  for (let i = filled.indexOf(1); i >= 0; i = filled.indexOf(1, i + 1)) {
    const cell = [i % cells[0], Math.floor(i / cells[0]) % cells[1], Math.floor(i / (cells[0] * cells[1]))];
    for (let axis = 0; axis < 3; axis++) {
      low[axis] = Math.min(low[axis], cell[axis]);
      high[axis] = Math.max(high[axis], cell[axis] + 1);
    }
  }
  const axes = [0, 1, 2] as const;
  const start = axes.map((axis) => Math.min(low[axis] * SIDE, size[axis] - 1));
  const end = axes.map((axis) => Math.max(start[axis], Math.min(high[axis] * SIDE, size[axis] - 1)));
  return {
    size: axes.map((axis) => end[axis] - start[axis] + 1) as [number, number, number],
    origin: axes.map((axis) => origin[axis] + spacing * start[axis]) as [number, number, number],
    spacing,
  };
}

/** Chebyshev distance of every cell to the nearest filled one. */
function clearances(filled: Uint8Array, [cx, cy, cz]: readonly [number, number, number]): Uint8Array {
  const clearance = filled.map((mark) => (mark ? 0 : FARTHEST));
  for (let pass = 1; pass < FARTHEST; pass++) {
    let reach = clearance.map((distance) => (distance < pass ? 1 : 0));
    for (const [stride, n] of [
      [1, cx],
      [cx, cy],
      [cx * cy, cz],
    ]) {
      const next = reach.slice();
      for (let i = 0; i < next.length; i++) {
        const position = Math.floor(i / stride) % n;
        if ((position > 0 && reach[i - stride]) || (position < n - 1 && reach[i + stride])) next[i] = 1;
      }
      reach = next;
    }
    reach.forEach((mark, i) => {
      if (mark && clearance[i] > pass) clearance[i] = pass;
    });
  }
  return clearance;
}
