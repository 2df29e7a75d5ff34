import type { DensityGrid } from './density-grid.ts';

/** Where a grid lies in the world. */
export type Box = Pick<DensityGrid, 'size' | 'origin' | 'spacing'>;

/** Side of a cell in voxels. */
const SIDE = 2;

/** Cells along the side of a block. */
const BLOCK = 2;

/** Optical depth of a step of one voxel below which it shows nothing. */
const THIN = 1e-3;

/** The farthest that clearances tell, in cells. */
const FARTHEST = 48;

/** Where a ray through voxels may meet something. */
export interface VoxelCells {
  /** Cells along each axis, x fastest. */
  readonly size: readonly [number, number, number];
  /** Side of a cell in voxels. */
  readonly side: number;
  /** Of each cell: 0 where something shows, else how many cells away (the largest of the distances along the axes) it may begin. */
  readonly clearance: Uint8Array;
  /** The box of all cells that show. */
  readonly bounds: Box;
  /** World positions `[blocks, 3]` of the middles of the blocks of cells in which something shows, and their side in world units. */
  readonly blocks: Float32Array;
  readonly blockSide: number;
}

/** Finds the empty space of a density. */
export function cellsOf(grid: DensityGrid): VoxelCells {
  const size = grid.size.map((n) => Math.ceil((n - 1) / SIDE)) as [number, number, number];
  const filled = filledCells(grid, size);
  return {
    size,
    side: SIDE,
    clearance: clearances(filled, size),
    bounds: boundsOf(filled, size, grid),
    blocks: blocksOf(filled, size, grid),
    blockSide: BLOCK * SIDE * grid.spacing,
  };
}

/** Marks the cells with a corner that shows. */
function filledCells({ size, spacing, values }: DensityGrid, [cx, cy, cz]: VoxelCells['size']): Uint8Array {
  const [nx, ny, nz] = size;
  const filled = new Uint8Array(cx * cy * cz);
  const thin = THIN / spacing;
  let at = 0;
  for (let k = 0; k < nz; k++) {
    const [back, front] = [cellBefore(k), cellAfter(k, cz)];
    for (let j = 0; j < ny; j++) {
      const [bottom, top] = [cellBefore(j), cellAfter(j, cy)];
      for (let i = 0; i < nx; i++, at++) {
        if (values[at] <= thin) continue;
        const left = cellBefore(i);
        const right = cellAfter(i, cx);
        for (let z = back; z <= front; z++) {
          for (let y = bottom; y <= top; y++) {
            const row = (z * cy + y) * cx;
            filled[row + left] = 1;
            filled[row + right] = 1;
          }
        }
      }
    }
  }
  return filled;
}

/** The cells that lie before and after a point, along one axis. */
const cellBefore = (point: number): number => Math.floor(Math.max(0, point - 1) / SIDE);
const cellAfter = (point: number, cells: number): number => Math.min(cells - 1, Math.floor(point / SIDE));

/** The smallest box of cells around the filled ones. */
function boundsOf(filled: Uint8Array, cells: VoxelCells['size'], { size, origin, spacing }: Box): Box {
  const low = [...cells];
  const high = [0, 0, 0];
  const [cx, cy] = cells;
  for (let i = filled.indexOf(1); i >= 0; i = filled.indexOf(1, i + 1)) {
    const cell = [i % cx, Math.floor(i / cx) % cy, Math.floor(i / (cx * cy))];
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

/** Middles of the blocks that hold a filled cell, `[blocks, 3]`. */
function blocksOf(filled: Uint8Array, [cx, cy]: VoxelCells['size'], { origin, spacing }: Box): Float32Array {
  const found = new Set<number>();
  const [bx, by] = [Math.ceil(cx / BLOCK), Math.ceil(cy / BLOCK)];
  for (let i = filled.indexOf(1); i >= 0; i = filled.indexOf(1, i + 1)) {
    const [x, y, z] = [i % cx, Math.floor(i / cx) % cy, Math.floor(i / (cx * cy))];
    found.add((Math.floor(z / BLOCK) * by + Math.floor(y / BLOCK)) * bx + Math.floor(x / BLOCK));
  }
  const middles = new Float32Array(3 * found.size);
  const side = BLOCK * SIDE * spacing;
  let at = 0;
  for (const block of found) {
    const place = [block % bx, Math.floor(block / bx) % by, Math.floor(block / (bx * by))];
    for (let axis = 0; axis < 3; axis++) middles[at++] = origin[axis] + side * (place[axis] + 0.5);
  }
  return middles;
}

/** Chebyshev distance of every cell to the nearest filled one: two passes with weights of 1 are exact (Borgefors 1986). */
function clearances(filled: Uint8Array, [cx, cy, cz]: VoxelCells['size']): Uint8Array {
  // A margin of one cell all around saves asking where the grid ends.
  const [row, plane] = [cx + 2, (cx + 2) * (cy + 2)];
  const distances = new Uint8Array(plane * (cz + 2)).fill(FARTHEST);
  const before: number[] = [];
  for (let z = -1; z <= 0; z++) {
    for (let y = -1; y <= (z < 0 ? 1 : 0); y++) {
      for (let x = -1; x <= (z < 0 || y < 0 ? 1 : -1); x++) before.push(z * plane + y * row + x);
    }
  }
  const offsets = Int32Array.from(before);
  const spread = (at: number, sign: number): void => {
    let least = distances[at];
    for (let n = 0; n < offsets.length; n++) {
      const there = distances[at + sign * offsets[n]] + 1;
      if (there < least) least = there;
    }
    distances[at] = least;
  };
  const start = (k: number, j: number) => (k + 1) * plane + (j + 1) * row + 1;
  for (let k = 0; k < cz; k++) {
    for (let j = 0; j < cy; j++) {
      const from = start(k, j);
      for (let i = 0; i < cx; i++) {
        if (filled[(k * cy + j) * cx + i] === 1) distances[from + i] = 0;
        else spread(from + i, 1);
      }
    }
  }
  const clearance = new Uint8Array(filled.length);
  for (let k = cz - 1; k >= 0; k--) {
    for (let j = cy - 1; j >= 0; j--) {
      const from = start(k, j);
      for (let i = cx - 1; i >= 0; i--) {
        spread(from + i, -1);
        clearance[(k * cy + j) * cx + i] = distances[from + i];
      }
    }
  }
  return clearance;
}
