import { hostTensor } from '../../graph/index.ts';
import type { Models } from '../models.ts';
import { dilate, erode, type DensityGrid } from './density-grid.ts';
import { fieldGraph } from './scene-graphs.ts';
import { configOf, type Scene } from './scene.ts';

/** How many times finer than the scene's density grid the voxels are, along each axis. */
const REFINEMENT = 3;

/** Densities times grid spacing between which a surface lies: less is seen through, more is opaque at once. */
const [CLEAR, SOLID] = [0.004, 2.5];

const POINTS_PER_RUN = 32_768;

/** A scene decoded onto a fine grid, so that any number of pictures can be made of it without the networks. */
export interface Voxels {
  readonly density: DensityGrid;
  /** Colour of every point, 0…255, `[points, 3]`; nothing where the scene is empty or hidden inside. */
  readonly colours: Uint8ClampedArray;
  /** Cells of the coarse grid, x fastest: 0 where there is something, else how many cells away it may begin. */
  readonly cells: { readonly size: readonly [number, number, number]; readonly clearance: Uint8Array };
}

/**
 * Decodes the field on a grid three times as fine as the scene's, near surfaces only: empty space and the solid inside
 * keep the interpolated density and no colour.
 */
export async function bakeVoxels(models: Models, scene: Scene, signal: AbortSignal): Promise<Voxels> {
  const { grid } = scene;
  const size = grid.size.map((n) => (n - 1) * REFINEMENT + 1) as [number, number, number];
  const spacing = grid.spacing / REFINEMENT;
  const density = { size, origin: grid.origin, spacing, values: interpolate(grid, size) };
  const colours = new Uint8ClampedArray(3 * density.values.length);
  const { filled, surface } = classify(grid);
  const coarse = grid.size.map((n) => n - 1) as [number, number, number];
  const cells = { size: coarse, clearance: clearances(filled, coarse) };

  const wanted = pointsOfCells(surface, cells.size, size);
  const lanes = await models.lanes(`field ${scene.planes.shape[3]}`, async () =>
    fieldGraph(await models.parameters('generator'), configOf(models, scene.planes), POINTS_PER_RUN),
  );
  for (let start = 0; start < wanted.length; start += 4 * POINTS_PER_RUN) {
    signal.throwIfAborted();
    const batches: Int32Array[] = [];
    for (
      let from = start;
      from < Math.min(wanted.length, start + 4 * POINTS_PER_RUN);
      from += POINTS_PER_RUN
    ) {
      batches.push(wanted.subarray(from, from + POINTS_PER_RUN));
    }
    const results = await lanes.run(
      batches.map((indices) => ({
        planes: scene.planes,
        points: positions(density, indices, POINTS_PER_RUN),
      })),
    );
    results.forEach(({ density: found, colour }, b) => {
      batches[b].forEach((index, i) => {
        density.values[index] = found.data[i] as number;
        for (let c = 0; c < 3; c++) colours[3 * index + c] = 255 * (colour.data[3 * i + c] as number);
      });
    });
  }
  return { density, colours, cells };
}

function positions({ size, origin, spacing }: DensityGrid, indices: Int32Array, count: number) {
  const points = new Float32Array(3 * count);
  indices.forEach((index, i) => {
    points[3 * i] = origin[0] + spacing * (index % size[0]);
    points[3 * i + 1] = origin[1] + spacing * (Math.floor(index / size[0]) % size[1]);
    points[3 * i + 2] = origin[2] + spacing * Math.floor(index / (size[0] * size[1]));
  });
  return hostTensor(points, [1, count, 3]);
}

/** Which cells hold anything, and which of them are not opaque throughout. A cell looks at its corners' neighbours too. */
function classify(grid: DensityGrid): { filled: Uint8Array; surface: Uint8Array } {
  const [nx, ny, nz] = grid.size;
  const most = dilate(grid).values;
  const least = erode(grid).values;
  const filled = new Uint8Array((nx - 1) * (ny - 1) * (nz - 1));
  const surface = new Uint8Array(filled.length);
  const corners = [0, 1, nx, nx + 1, nx * ny, nx * ny + 1, nx * ny + nx, nx * ny + nx + 1];
  let cell = 0;
  for (let k = 0; k < nz - 1; k++) {
    for (let j = 0; j < ny - 1; j++) {
      for (let i = 0; i < nx - 1; i++, cell++) {
        const base = (k * ny + j) * nx + i;
        const holds = corners.some((offset) => most[base + offset] * grid.spacing > CLEAR);
        const opaque = corners.every((offset) => least[base + offset] * grid.spacing > SOLID);
        filled[cell] = holds ? 1 : 0;
        surface[cell] = holds && !opaque ? 1 : 0;
      }
    }
  }
  return { filled, surface };
}

/** The farthest that rays jump at once, in cells. */
const FARTHEST = 12;

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

/** Indices of the fine points that touch a marked cell, ascending. */
function pointsOfCells(marked: Uint8Array, cells: readonly number[], size: readonly number[]): Int32Array {
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
  const indices: number[] = [];
  touched.forEach((mark, index) => mark && indices.push(index));
  return Int32Array.from(indices);
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
