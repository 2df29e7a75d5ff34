import type { DensityGrid } from '../../views/density-grid.ts';
import { dropPieces, fillCavities } from '../../views/pieces.ts';

/** A density grid with an empty border, whose points denser than `level` form one solid without holes inside. */
export interface Solid {
  readonly grid: DensityGrid;
  readonly level: number;
  /** 1 for each point of the solid. */
  readonly inside: Uint8Array;
}

/** Density of a point that was put in or taken out, as a share of the level. */
const [FILLED, EMPTIED] = [1.5, 0.5];

/**
 * The largest 6-connected piece of what is denser than a level, its cavities filled, and well-composed (Latecki 1995):
 * no two of its points touch at an edge or a corner alone, so that the surface around it is a closed 2-manifold.
 */
export function solidOf(density: DensityGrid, level: number): Solid {
  const grid = withEmptyBorder(density, level);
  const inside = new Uint8Array(grid.values.length);
  for (let i = 0; i < inside.length; i++) inside[i] = grid.values[i] > level ? 1 : 0;
  wellCompose(grid, inside);
  dropPieces(grid.size, inside, Infinity);
  fillCavities(grid.size, inside);
  for (let i = 0; i < inside.length; i++) {
    const dense = grid.values[i] > level;
    if (dense !== (inside[i] === 1)) grid.values[i] = (dense ? EMPTIED : FILLED) * level;
  }
  return { grid, level, inside };
}

const clamp = (i: number, n: number) => Math.min(n - 1, Math.max(0, i));

/** Outside the grid, densities are mirrored about the level: what the border cuts is closed flat, half a step outside. */
function withEmptyBorder({ size, origin, spacing, values }: DensityGrid, level: number): DensityGrid {
  const [nx, ny, nz] = size;
  const wide = [nx + 2, ny + 2, nz + 2] as const;
  const padded = new Float32Array(wide[0] * wide[1] * wide[2]);
  for (let k = -1; k <= nz; k++) {
    for (let j = -1; j <= ny; j++) {
      const from = (clamp(k, nz) * ny + clamp(j, ny)) * nx;
      const to = ((k + 1) * wide[1] + j + 1) * wide[0] + 1;
      const inner = k >= 0 && k < nz && j >= 0 && j < ny;
      if (inner) padded.set(values.subarray(from, from + nx), to);
      else for (let i = 0; i < nx; i++) padded[to + i] = mirrored(values[from + i], level);
      padded[to - 1] = mirrored(values[from], level);
      padded[to + nx] = mirrored(values[from + nx - 1], level);
    }
  }
  const start = origin.map((x) => x - spacing) as [number, number, number];
  return { size: wide, origin: start, spacing, values: padded };
}

const mirrored = (value: number, level: number) => Math.min(value, 2 * level - value, 0.999 * level);

/** Offsets of a cell's corners; corner bits are x, y, z. */
export function cornerOffsets([nx, ny]: DensityGrid['size']): number[] {
  return [0, 1, 2, 3, 4, 5, 6, 7].map((c) => (c & 1) + ((c >> 1) & 1) * nx + (c >> 2) * nx * ny);
}

/** The first point of every cell that has corners inside and outside, ascending; all points inside keep off the border. */
export function mixedCells([nx, ny, nz]: DensityGrid['size'], inside: Uint8Array): Int32Array {
  const plane = nx * ny;
  const { first, last } = extentOfRows(inside, nx);
  let found = new Int32Array(1 << 16);
  let count = 0;
  for (let k = 0; k < nz - 1; k++) {
    for (let j = 0; j < ny - 1; j++) {
      const row = k * ny + j;
      const from = Math.min(first[row], first[row + 1], first[row + ny], first[row + ny + 1]);
      const to = Math.max(last[row], last[row + 1], last[row + ny], last[row + ny + 1]);
      let ahead = 0;
      for (let base = row * nx + from - 1; base <= row * nx + to; base++) {
        const here = ahead;
        const next = base + 1;
        ahead = inside[next] + inside[next + nx] + inside[next + plane] + inside[next + plane + nx];
        if (here + ahead === 0 || here + ahead === 8) continue;
        if (count === found.length) {
          const larger = new Int32Array(2 * count);
          larger.set(found);
          found = larger;
        }
        found[count++] = base;
      }
    }
  }
  return found.subarray(0, count);
}

/** Of every row of `nx` points the first and the last marked one; `nx` and −1 where there is none. */
function extentOfRows(marks: Uint8Array, nx: number): { first: Int32Array; last: Int32Array } {
  const rows = marks.length / nx;
  const first = new Int32Array(rows).fill(nx);
  const last = new Int32Array(rows).fill(-1);
  for (let i = marks.indexOf(1); i >= 0;) {
    const row = Math.floor(i / nx);
    const end = (row + 1) * nx;
    first[row] = i - row * nx;
    last[row] = marks.lastIndexOf(1, end - 1) - row * nx;
    i = marks.indexOf(1, end);
  }
  return { first, last };
}

/** The corners of each of a cell's faces in a ring. */
const FACES = [
  [0, 1, 3, 2],
  [4, 5, 7, 6],
  [0, 1, 5, 4],
  [2, 3, 7, 6],
  [0, 2, 6, 4],
  [1, 3, 7, 5],
] as const;

/** For every pattern of inside corners, the outside corners of which one must be filled: [] where it is well-composed. */
const TO_FILL: readonly (readonly number[])[] = Array.from({ length: 256 }, (_, pattern) => {
  const has = (corner: number) => (pattern >> corner) & 1;
  const face = FACES.find(([a, b, c, d]) => has(a) === has(c) && has(b) === has(d) && has(a) !== has(b));
  if (face) return face.filter((corner) => !has(corner));
  const corners = [0, 1, 2, 3, 4, 5, 6, 7];
  const alone = (wanted: number) =>
    corners.filter((c) => has(c) === wanted).length === 2 &&
    corners.some((c) => has(c) === wanted && has(7 - c) === wanted);
  return alone(0) || alone(1) ? corners.filter((corner) => !has(corner)) : [];
});

/** Fills, of the points that would make it well-composed, the densest, until it is. It only grows, so this ends. */
function wellCompose({ size, values }: DensityGrid, inside: Uint8Array): void {
  const offsets = cornerOffsets(size);
  for (let changed = true; changed;) {
    changed = false;
    for (const base of mixedCells(size, inside)) {
      let pattern = 0;
      for (let c = 0; c < 8; c++) pattern |= inside[base + offsets[c]] << c;
      const choices = TO_FILL[pattern];
      if (choices.length === 0) continue;
      const densest = choices.reduce((a, b) =>
        values[base + offsets[b]] > values[base + offsets[a]] ? b : a,
      );
      inside[base + offsets[densest]] = 1;
      changed = true;
    }
  }
}
