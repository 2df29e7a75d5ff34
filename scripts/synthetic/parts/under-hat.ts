import type { Vec3 } from '../vector.ts';

/** A latitude-longitude map of directions from the middle of the skull. */
const COLUMNS = 96;
const ROWS = 48;
/** Near the pole the rows share their smallest radius: cells are slivers there. */
const POLAR_ROWS = 4;
/** Hair stays this far (dm) inside the hat. */
const GAP = 0.05;
/** Points tested along a triangle's side. */
const DENSITY = 4;

function cellOf(x: number, y: number, z: number): number {
  const column = Math.floor((Math.atan2(x, z) / (2 * Math.PI) + 0.5) * COLUMNS) % COLUMNS;
  const row = Math.min(ROWS - 1, Math.floor((Math.asin(y / Math.hypot(x, y, z)) / Math.PI + 0.5) * ROWS));
  return row * COLUMNS + column;
}

/** Smallest distance of a hat from `centre` in each direction, Infinity where there is no hat. */
function innerRadius(positions: Float32Array, triangles: Uint32Array, centre: Vec3): Float32Array {
  const radius = new Float32Array(COLUMNS * ROWS).fill(Infinity);
  for (let t = 0; t < triangles.length; t += 3) {
    for (let i = 0; i <= DENSITY; i++) {
      for (let j = 0; j <= DENSITY - i; j++) {
        const weights = [i / DENSITY, j / DENSITY, 1 - (i + j) / DENSITY];
        const [x, y, z] = [0, 1, 2].map(
          (axis) =>
            weights.reduce((sum, weight, k) => sum + weight * positions[3 * triangles[t + k] + axis], 0) -
            centre[axis],
        );
        const cell = cellOf(x, y, z);
        radius[cell] = Math.min(radius[cell], Math.hypot(x, y, z));
      }
    }
  }
  for (let row = ROWS - POLAR_ROWS; row < ROWS; row++) {
    const ring = radius.subarray(row * COLUMNS, (row + 1) * COLUMNS);
    const smallest = ring.reduce((a, b) => Math.min(a, b), Infinity);
    for (let i = 0; i < COLUMNS; i++) ring[i] = Math.min(ring[i], smallest + 0.03);
  }
  return radius;
}

/** The smallest value among a cell and its four neighbours. */
function erode(radius: Float32Array): Float32Array {
  return radius.map((value, cell) => {
    const row = Math.floor(cell / COLUMNS);
    const column = cell % COLUMNS;
    return Math.min(
      value,
      radius[row * COLUMNS + ((column + 1) % COLUMNS)],
      radius[row * COLUMNS + ((column + COLUMNS - 1) % COLUMNS)],
      row > 0 ? radius[cell - COLUMNS] : Infinity,
      row < ROWS - 1 ? radius[cell + COLUMNS] : Infinity,
    );
  });
}

/** Pulls hair (in place) towards the skull wherever it would stick out through the hat. */
export function tuckUnderHat(
  hair: Float32Array,
  hat: Float32Array,
  hatTriangles: Uint32Array,
  head: Vec3,
): void {
  const centre: Vec3 = [head[0], head[1] + 0.35, head[2]];
  const limit = erode(innerRadius(hat, hatTriangles, centre));
  for (let v = 0; v < hair.length; v += 3) {
    const x = hair[v] - centre[0];
    const y = hair[v + 1] - centre[1];
    const z = hair[v + 2] - centre[2];
    const k = (limit[cellOf(x, y, z)] - GAP) / Math.hypot(x, y, z);
    if (k >= 1) continue;
    hair[v] = centre[0] + x * k;
    hair[v + 1] = centre[1] + y * k;
    hair[v + 2] = centre[2] + z * k;
  }
}
