import type { BaseMesh, Mip } from '../assets/index.ts';

/** A crease of the face: a polyline on the unmorphed base mesh seen from the front, dm, x from the midline. */
interface Crease {
  /** Standard deviation of its darkness across, dm. */
  readonly width: number;
  /** How much of it is there before others are: 1 is there first. */
  readonly depth: number;
  readonly line: readonly (readonly [x: number, y: number])[];
}

// prettier-ignore
const CREASES: readonly Crease[] = [
  // From the nose's wings to the corners of the mouth, and on below them.
  { width: 0.034, depth: 1, line: [[0.19, 6.99], [0.28, 6.88], [0.36, 6.74], [0.4, 6.58]] },
  { width: 0.03, depth: 0.7, line: [[0.33, 6.52], [0.36, 6.42], [0.35, 6.3]] },
  // Bags under the eyes.
  { width: 0.034, depth: 0.85, line: [[0.15, 7.19], [0.22, 7.12], [0.33, 7.09], [0.46, 7.14]] },
  { width: 0.028, depth: 0.45, line: [[0.2, 7.05], [0.31, 6.99], [0.44, 7.02]] },
  // Crow's feet.
  { width: 0.021, depth: 0.75, line: [[0.53, 7.32], [0.67, 7.42]] },
  { width: 0.021, depth: 0.85, line: [[0.54, 7.28], [0.69, 7.28]] },
  { width: 0.021, depth: 0.75, line: [[0.53, 7.23], [0.66, 7.14]] },
  // Brow and forehead.
  { width: 0.024, depth: 0.75, line: [[0.06, 7.4], [0.075, 7.56]] },
  { width: 0.026, depth: 0.9, line: [[0, 7.66], [0.2, 7.675], [0.42, 7.63]] },
  { width: 0.026, depth: 0.9, line: [[0, 7.765], [0.22, 7.785], [0.46, 7.74]] },
  { width: 0.024, depth: 0.7, line: [[0, 7.87], [0.2, 7.885], [0.4, 7.85]] },
  // Hollow cheeks.
  { width: 0.1, depth: 0.3, line: [[0.54, 6.92], [0.56, 6.62]] },
];

/** Creases are seen on what faces forward, and not on scalp, ears and inside the mouth. */
const FOREMOST = 0.5;
/** What a crease of full depth leaves of red, green and blue light. */
const LEAVES = [0.52, 0.4, 0.34] as const;

/** What is asked of the base mesh: where its texels lie. */
type Skin = Pick<BaseMesh, 'vertices' | 'topology' | 'bodyGroup'>;

/** Where on the base mesh each texel of the skin lies: x from the midline, y and z, dm; NaN where it is no part of the head. */
function facePositions(base: Skin, size: number): Float32Array {
  const { source, triangles, uv, group } = base.topology;
  const at = new Float32Array(3 * size * size).fill(NaN);
  const p = base.vertices;
  for (let t = 0; t < group.length; t++) {
    if (group[t] !== base.bodyGroup) continue;
    const corners = [triangles[3 * t], triangles[3 * t + 1], triangles[3 * t + 2]];
    if (corners.some((c) => p[3 * source[c] + 1] < 5.5)) continue;
    const u = corners.map((c) => uv[2 * c] * size - 0.5);
    const v = corners.map((c) => (1 - uv[2 * c + 1]) * size - 0.5);
    const area = (u[1] - u[0]) * (v[2] - v[0]) - (u[2] - u[0]) * (v[1] - v[0]);
    if (area === 0) continue;
    for (let y = Math.floor(Math.min(...v)); y <= Math.ceil(Math.max(...v)); y++) {
      for (let x = Math.floor(Math.min(...u)); x <= Math.ceil(Math.max(...u)); x++) {
        if (x < 0 || y < 0 || x >= size || y >= size) continue;
        const b = ((x - u[0]) * (v[2] - v[0]) - (u[2] - u[0]) * (y - v[0])) / area;
        const c = ((u[1] - u[0]) * (y - v[0]) - (x - u[0]) * (v[1] - v[0])) / area;
        if (b < -0.01 || c < -0.01 || b + c > 1.01) continue;
        for (let k = 0; k < 3; k++) {
          at[3 * (y * size + x) + k] =
            p[3 * source[corners[0]] + k] * (1 - b - c) +
            p[3 * source[corners[1]] + k] * b +
            p[3 * source[corners[2]] + k] * c;
        }
        at[3 * (y * size + x)] = Math.abs(at[3 * (y * size + x)]);
      }
    }
  }
  return at;
}

function distanceTo(line: Crease['line'], x: number, y: number): number {
  let nearest = Infinity;
  for (let i = 1; i < line.length; i++) {
    const [x0, y0] = line[i - 1];
    const [dx, dy] = [line[i][0] - x0, line[i][1] - y0];
    const t = Math.max(0, Math.min(1, ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy)));
    nearest = Math.min(nearest, Math.hypot(x - x0 - t * dx, y - y0 - t * dy));
  }
  return nearest;
}

/** How much later in life faint creases come than deep ones. */
const SUCCESSION = 0.2;

/** How deep the creases are at a point of the face, 0…1, where all of them are `age` deep. */
function creaseAt(age: number, x: number, y: number): number {
  let left = 1;
  for (const { width, depth, line } of CREASES) {
    const d = distanceTo(line, x, y) / width;
    if (d < 4)
      left *=
        1 - Math.max(0, age * (1 + SUCCESSION) - SUCCESSION * (2 - depth)) * depth * Math.exp((-d * d) / 2);
  }
  return 1 - left;
}

/**
 * Creases the skin of a face.
 * @param age 0…1: none, to those of very old people
 * @param image the skin's texture, changed in place
 */
export function crease(base: Skin, age: number, { width, height, pixels }: Mip): void {
  const at = facePositions(base, width);
  for (let i = 0; i < width * height; i++) {
    const [x, y, z] = at.subarray(3 * i, 3 * i + 3);
    if (!(z > FOREMOST)) continue;
    const dark = creaseAt(age, x, y) * Math.min(1, (z - FOREMOST) / 0.2);
    if (dark < 0.01) continue;
    for (let k = 0; k < 3; k++) pixels[4 * i + k] *= 1 - dark * (1 - LEAVES[k]);
  }
}
