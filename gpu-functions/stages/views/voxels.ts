import type { HostTensor } from '../../graph/index.ts';
import type { Models } from '../models.ts';
import { onceIdle } from '../once-idle.ts';
import type { Trigrid } from '../trigrid-file.ts';
import { allPoints, erode, markedPoints, type DensityGrid } from './density-grid.ts';
import { askField } from './field.ts';
import { Inferred } from './inferred.ts';
import { dropPieces } from './pieces.ts';
import type { PosedPicture } from './posed-picture.ts';
import type { ProjectedPicture } from './projected-picture.ts';
import { collapse, gridOver, type Scene } from './scene.ts';
import type { VoxelCells } from './voxel-cells.ts';

/** How many times finer than the scene's density grid the voxels are, along each axis. */
const REFINEMENT = 3;

/** Densities times grid spacing between which a surface lies: less is seen through, more is opaque at once. */
const [CLEAR, SOLID] = [0.004, 2.5];

/** Density that joins what it surrounds to one piece, and the share of the largest piece below which one is a floater. */
const [HAZE, FLOATER] = [0.5, 0.05];

/** Cells of the scene's own grid along each axis. */
type Cells = readonly [number, number, number];

/** A scene decoded onto a fine grid. */
export interface BakedVoxels {
  readonly density: DensityGrid;
  /** sRGB of every decoded point, `[points, 3]`, in memory that threads share. */
  readonly colours: Uint8ClampedArray;
  /** 1 for points that were decoded: near a surface, neither empty nor hidden inside. */
  readonly decoded: Uint8Array;
  /** 1 for points that pictures tell of, whatever a field does; without it, none. */
  readonly told?: Uint8Array;
}

/** Voxels that pictures can be made of, any number of them and without the networks. */
export interface Voxels extends BakedVoxels {
  readonly cells: VoxelCells;
  /** Pictures that are finer than the voxels where they show them; those before count first. */
  readonly projected?: readonly ProjectedPicture[];
}

/**
 * Decodes the field on a grid three times as fine as the scene's, near surfaces only: empty space and the solid inside
 * keep the interpolated density and no colour.
 *
 * @param pictures what will be laid over it. Where one tells of both sides of what it shows, they are where surfaces lie; colours
 *   are the field's where it has a surface too, else those of the sides.
 */
export async function bakeVoxels(
  models: Models,
  { planes, grid }: Pick<Scene, 'planes' | 'grid'>,
  pictures: readonly PosedPicture[],
  signal: AbortSignal,
): Promise<BakedVoxels> {
  return decodeNearSurfaces(models, planes, grid, inferredFrom(grid, pictures), signal);
}

/**
 * The same of a tri-grid of which no scene has been opened: the field is asked for densities only where no picture tells them, and what
 * pictures tell is looked up while the networks work.
 *
 * @param points height of the scene's grid
 */
export async function bakeTrigrid(
  models: Models,
  trigrid: Trigrid,
  points: number,
  pictures: readonly PosedPicture[],
  signal: AbortSignal,
): Promise<BakedVoxels> {
  const grid = gridOver(models, points);
  const [planes, inferred] = await Promise.all([
    collapse(models, trigrid),
    onceIdle(() => inferredFrom(grid, pictures)),
  ]);
  const wanted = inferred ? pointsNotTold(grid, inferred) : allPoints(grid);
  await askField(models, planes, grid, wanted, (index, found) => (grid.values[index] = found), signal);
  return decodeNearSurfaces(models, planes, grid, inferred, signal);
}

const inferredFrom = (grid: DensityGrid, pictures: readonly PosedPicture[]): Inferred | undefined =>
  Inferred.from({ ...grid, ...fineGrid(grid) }, pictures);

/** Points and spacing of the fine grid over a scene's. */
function fineGrid(grid: DensityGrid): Pick<DensityGrid, 'size' | 'spacing'> {
  const [nx, ny, nz] = grid.size.map((n) => (n - 1) * REFINEMENT + 1);
  return { size: [nx, ny, nz], spacing: grid.spacing / REFINEMENT };
}

/** Points of a scene's grid whose densities count somewhere: those around which not all is told. */
function pointsNotTold(grid: DensityGrid, { shares }: Inferred): Int32Array {
  const [fx, fy] = fineGrid(grid).size;
  const [nx, ny] = grid.size;
  const own = grid.values.map((_, index) => {
    const row = Math.floor(index / nx);
    const slice = Math.floor(row / ny);
    return shares[REFINEMENT * ((slice * fy + row - slice * ny) * fx + index - row * nx)];
  });
  // What is wholly told lies in one camera's pyramid, or in that of both others: a cell with all its corners, and those around, in it lies in it.
  const around = erode({ ...grid, values: own }).values;
  return markedPoints(new Uint8Array(around.map((share) => (share < 1 ? 1 : 0))));
}

async function decodeNearSurfaces(
  models: Models,
  planes: HostTensor,
  grid: DensityGrid,
  inferred: Inferred | undefined,
  signal: AbortSignal,
): Promise<BakedVoxels> {
  const { size, spacing } = fineGrid(grid);
  const density = { size, origin: grid.origin, spacing, values: interpolate(grid, size) };
  if (inferred) mixIn(density.values, inferred);
  const colours = new Uint8ClampedArray(new SharedArrayBuffer(3 * density.values.length));
  const cells = grid.size.map((n) => n - 1) as unknown as Cells;
  const decoded = pointsOfCells(surfaceCells(density, cells), cells, size);
  if (inferred) unmarkEmpty(decoded, inferred.shares, density.values);
  const own = new Float64Array(3);
  const write = (index: number, colour: Float64Array): void => {
    for (let c = 0; c < 3; c++) colours[3 * index + c] = 255 * colour[c];
  };
  const wanted = markedPoints(decoded).filter((index) => {
    if (!inferred?.isKnown(density, index, own)) return true;
    write(index, own);
    return false;
  });
  const found = (index: number, there: number, colour: Float64Array): void => {
    if (inferred && inferred.shares[index] > 0) inferred.mixInto(density, index, there, colour);
    else density.values[index] = there;
    write(index, colour);
  };
  await askField(models, planes, density, wanted, found, signal);
  dropFloaters(density);
  return { density, colours, decoded, ...(inferred && { told: markTold(inferred) }) };
}

/** Marks the points of which pictures tell all. */
function markTold({ shares }: Inferred): Uint8Array {
  // Written as a loop: there are millions of points, and typed arrays are made slowly from what is iterated.
  const marks = new Uint8Array(shares.length);
  for (let i = 0; i < marks.length; i++) if (shares[i] >= 1) marks[i] = 1;
  return marks;
}

/** Changes densities into those told, as much as those are sure. */
function mixIn(values: Float32Array, { values: told, shares }: Inferred): void {
  for (let i = 0; i < values.length; i++) values[i] += shares[i] * (told[i] - values[i]);
}

/** Empties what hangs in the air: pieces that are small beside the largest. */
function dropFloaters({ size, values }: DensityGrid): void {
  const kept = new Uint8Array(values.length);
  for (let i = 0; i < kept.length; i++) kept[i] = values[i] > HAZE ? 1 : 0;
  dropPieces(size, kept, FLOATER);
  for (let i = 0; i < kept.length; i++) if (kept[i] === 0 && values[i] > HAZE) values[i] = 0;
}

/** Marks the coarse cells that hold something but are not opaque throughout, those around them included. */
function surfaceCells({ size: [nx, ny], spacing, values, origin }: DensityGrid, cells: Cells): Uint8Array {
  const [cx, cy, cz] = cells;
  const most = new Float32Array(cx * cy * cz);
  const least = new Float32Array(most.length);
  let cell = 0;
  for (let k = 0; k < cz; k++) {
    for (let j = 0; j < cy; j++) {
      for (let i = 0; i < cx; i++, cell++) {
        let low = Infinity;
        let high = 0;
        for (let z = REFINEMENT * k; z <= REFINEMENT * (k + 1); z++) {
          for (let y = REFINEMENT * j; y <= REFINEMENT * (j + 1); y++) {
            const from = (z * ny + y) * nx + REFINEMENT * i;
            for (let at = from; at <= from + REFINEMENT; at++) {
              const value = values[at];
              if (value < low) low = value;
              if (value > high) high = value;
            }
          }
        }
        most[cell] = high;
        least[cell] = low;
      }
    }
  }
  const around = erode({ size: cells, origin, spacing, values: least }).values;
  const [clear, solid] = [CLEAR, SOLID].map((optical) => optical / (REFINEMENT * spacing));
  return new Uint8Array(most.map((value, i) => (value > clear && around[i] <= solid ? 1 : 0)));
}

/** Marks the fine points that touch a marked cell. */
function pointsOfCells(marked: Uint8Array, cells: readonly number[], size: readonly number[]): Uint8Array {
  const touched = new Uint8Array(size[0] * size[1] * size[2]);
  for (let cell = 0; cell < marked.length; cell++) {
    if (!marked[cell]) continue;
    const i = (cell % cells[0]) * REFINEMENT;
    const j = (Math.floor(cell / cells[0]) % cells[1]) * REFINEMENT;
    const k = Math.floor(cell / (cells[0] * cells[1])) * REFINEMENT;
    for (let z = k; z <= k + REFINEMENT; z++) {
      for (let y = j; y <= j + REFINEMENT; y++) {
        const row = (z * size[1] + y) * size[0] + i;
        touched.fill(1, row, row + REFINEMENT + 1);
      }
    }
  }
  return touched;
}

/** Takes from the marks those points of which both sides tell that nothing is there. */
function unmarkEmpty(marks: Uint8Array, shares: Float32Array, densities: Float32Array): void {
  for (let i = 0; i < marks.length; i++) if (shares[i] > 0 && densities[i] === 0) marks[i] = 0;
}

/** The grid's values linearly interpolated at `size` points. */
function interpolate(grid: DensityGrid, size: readonly number[]): Float32Array {
  let values = grid.values;
  const shape: number[] = [...grid.size];
  for (let axis = 0; axis < 3; axis++) {
    const inner = shape.slice(0, axis).reduce((a, b) => a * b, 1);
    const outer = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
    const next = new Float32Array(inner * size[axis] * outer);
    for (let o = 0; o < outer; o++) {
      for (let p = 0; p < size[axis]; p++) {
        const at = Math.min(Math.floor(p / REFINEMENT), shape[axis] - 2);
        const share = p / REFINEMENT - at;
        const from = (o * shape[axis] + at) * inner;
        const to = (o * size[axis] + p) * inner;
        for (let i = 0; i < inner; i++) {
          next[to + i] = values[from + i] * (1 - share) + values[from + inner + i] * share;
        }
      }
    }
    values = next;
    shape[axis] = size[axis];
  }
  return values;
}
