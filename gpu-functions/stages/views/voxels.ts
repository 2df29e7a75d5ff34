import type { Models } from '../models.ts';
import { smoothStep } from '../ramp.ts';
import { erode, type DensityGrid } from './density-grid.ts';
import { evenColours } from './even-colours.ts';
import { BetweenSides } from './hidden-side.ts';
import { dropPieces } from './pieces.ts';
import type { PosedPicture } from './posed-picture.ts';
import type { ProjectedPicture } from './projected-picture.ts';
import { askField, POINTS_PER_RUN } from './field.ts';
import type { Scene } from './scene.ts';
import type { VoxelCells } from './voxel-cells.ts';

/** How many times finer than the scene's density grid the voxels are, along each axis. */
const REFINEMENT = 3;

/** Densities times grid spacing between which a surface lies: less is seen through, more is opaque at once. */
const [CLEAR, SOLID] = [0.004, 2.5];

/** Density that joins what it surrounds to one piece, and the share of the largest piece below which one is a floater. */
const [HAZE, FLOATER] = [0.5, 0.05];

/** Density of the field from which on it has a surface at a point, and where it certainly has one. */
const THERE = [20, 100] as const;

/** Runs of a session between two looks at whether it is to go on. */
const RUNS_AT_ONCE = 16;

/** Cells of the scene's own grid along each axis. */
type Cells = readonly [number, number, number];

/** A scene decoded onto a fine grid. */
export interface BakedVoxels {
  readonly density: DensityGrid;
  /** sRGB of every decoded point, `[points, 3]`. */
  readonly colours: Uint8ClampedArray;
  /** 1 for points that were decoded: near a surface, neither empty nor hidden inside. */
  readonly decoded: Uint8Array;
}

/** Voxels that pictures can be made of, any number of them and without the networks. */
export interface Voxels extends BakedVoxels {
  readonly cells: VoxelCells;
  /** Pictures that are finer than the voxels where they show them; those before count first. */
  readonly projected?: readonly ProjectedPicture[];
}

/**
 * Decodes the field on a grid three times as fine as the scene's, near surfaces only: empty space and the solid inside
 * keep the interpolated density and no colour. Colours are evened along surfaces.
 *
 * @param pictures what will be laid over it. Where one tells of both sides of what it shows, they are where surfaces lie; colours
 *   are the field's where it has a surface too, else those of the sides.
 */
export async function bakeVoxels(
  models: Models,
  scene: Scene,
  pictures: readonly PosedPicture[],
  signal: AbortSignal,
): Promise<BakedVoxels> {
  const { grid } = scene;
  const size = grid.size.map((n) => (n - 1) * REFINEMENT + 1) as [number, number, number];
  const spacing = grid.spacing / REFINEMENT;
  const density = { size, origin: grid.origin, spacing, values: interpolate(grid, size) };
  const front = pictures.find(({ hidden }) => hidden);
  const sides = front?.hidden && new BetweenSides(density, front, front.hidden);
  const told = sides?.fill(density.values);
  const colours = new Uint8ClampedArray(3 * density.values.length);
  const cells = grid.size.map((n) => n - 1) as unknown as Cells;
  const decoded = pointsOfCells(surfaceCells(density, cells), cells, size);
  if (told) unmarkEmpty(decoded, told, density.values);
  const wanted = indicesOf(decoded);
  const own = new Float64Array(3);
  await decodePoints(models, scene, density, wanted, signal, (index, found, colour) => {
    let trust = 1;
    if (sides && told?.[index] === 1) {
      trust = smoothStep(found, ...THERE);
      if (trust < 1 && !sides.colour(index, own)) trust = 1;
    } else density.values[index] = found;
    for (let c = 0; c < 3; c++) colours[3 * index + c] = 255 * (own[c] + trust * (colour[c] - own[c]));
  });
  dropFloaters(density);
  evenColours(size, density.values, colours, wanted);
  return { density, colours, decoded };
}

/** Asks the field for density and sRGB 0…1 of a grid's points. */
async function decodePoints(
  models: Models,
  scene: Scene,
  grid: DensityGrid,
  points: Int32Array,
  signal: AbortSignal,
  found: (index: number, density: number, colour: Float64Array) => void,
): Promise<void> {
  const one = new Float64Array(3);
  const together = RUNS_AT_ONCE * POINTS_PER_RUN;
  for (let start = 0; start < points.length; start += together) {
    signal.throwIfAborted();
    const batches: Int32Array[] = [];
    for (let from = start; from < Math.min(points.length, start + together); from += POINTS_PER_RUN) {
      batches.push(points.subarray(from, from + POINTS_PER_RUN));
    }
    const results = await askField(
      models,
      scene.planes,
      batches.map((indices) => positions(grid, indices)),
    );
    results.forEach(({ density, colour }, b) => {
      for (let i = 0; i < batches[b].length; i++) {
        for (let c = 0; c < 3; c++) one[c] = colour[3 * i + c];
        found(batches[b][i], density[i], one);
      }
    });
  }
}

/** World positions of a grid's points, and the origin where there are fewer than a run takes. */
function positions({ size, origin, spacing }: DensityGrid, indices: Int32Array): Float32Array {
  const points = new Float32Array(3 * POINTS_PER_RUN);
  const [nx, ny] = size;
  for (let i = 0; i < indices.length; i++) {
    const row = Math.floor(indices[i] / nx);
    const slice = Math.floor(row / ny);
    points[3 * i] = origin[0] + spacing * (indices[i] - row * nx);
    points[3 * i + 1] = origin[1] + spacing * (row - slice * ny);
    points[3 * i + 2] = origin[2] + spacing * slice;
  }
  return points;
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
  return Uint8Array.from(most, (value, i) => (value > clear && around[i] <= solid ? 1 : 0));
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
function unmarkEmpty(marks: Uint8Array, told: Uint8Array, densities: Float32Array): void {
  for (let i = 0; i < marks.length; i++) if (told[i] === 1 && densities[i] === 0) marks[i] = 0;
}

/** Indices of the marked points, ascending. */
function indicesOf(marks: Uint8Array): Int32Array {
  let count = 0;
  for (let i = 0; i < marks.length; i++) count += marks[i];
  const indices = new Int32Array(count);
  for (let i = 0, next = 0; next < count; i++) if (marks[i] === 1) indices[next++] = i;
  return indices;
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
