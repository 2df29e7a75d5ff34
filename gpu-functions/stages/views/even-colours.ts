import { markedPoints } from './density-grid.ts';
import type { BakedVoxels } from './voxels.ts';

/** Voxels between those whose colours are mixed, pass by pass: of those that a field tells, then of all. */
const [STRIPES, GRAIN] = [
  [4, 2, 1, 4],
  [2, 1],
];

/** Distance of two colours, in steps of 1/255, at which half as much of one goes into the other. */
const APART = 20;

/** Density from which on a voxel's colour counts in full, and the share that it counts even where there is nothing. */
const [SEEN, LEAST] = [30, 0.02];

/**
 * Takes from colours the stripes along the axes that planes of features leave where no picture tells a field what to show: each becomes the mean
 * of itself and of those around it that are near to it in colour, so that hair still ends where clothes begin (anisotropic diffusion, Perona
 * and Malik 1990; at falling distances as in the edge-avoiding à-trous filter, Dammertz et al. 2010).
 *
 * What pictures tell has no stripes, and details that would go with them: of these only the grain is taken.
 *
 * @param voxels whose colours are written to; points that were not decoded neither give nor take
 */
export function evenColours({ density, colours, decoded, told }: BakedVoxels): void {
  const [nx, ny, nz] = density.size;
  const { values } = density;
  const surface = markedPoints(decoded);
  const n = surface.length;
  const place = new Int32Array(values.length).fill(-1);
  // Colour and how much it counts, side by side; and how far the colours around draw it, with how much they count in all.
  const own = new Float32Array(4 * n);
  const drawn = new Float32Array(4 * n);
  const [isTold, none] = [new Uint8Array(n), new Uint8Array(n)];
  for (let p = 0; p < n; p++) {
    const index = surface[p];
    place[index] = p;
    if (told) isTold[p] = told[index];
    for (let c = 0; c < 3; c++) own[4 * p + c] = colours[3 * index + c];
    own[4 * p + 3] = Math.min(1, values[index] / SEEN) + LEAST;
  }
  // Written without small arrays: there are hundreds of thousands of points.
  const even = (stride: number, still: Uint8Array): void => {
    for (let p = 0; p < n; p++) {
      const at = 4 * p;
      drawn[at] = drawn[at + 1] = drawn[at + 2] = 0;
      drawn[at + 3] = own[at + 3];
    }
    for (let p = 0; p < n; p++) {
      const index = surface[p];
      const row = Math.floor(index / nx);
      const slice = Math.floor(row / ny);
      // Of two that are mixed, the one before draws the other too.
      if (index - row * nx + stride < nx) mix(own, drawn, still, p, place[index + stride]);
      if (row - slice * ny + stride < ny) mix(own, drawn, still, p, place[index + stride * nx]);
      if (slice + stride < nz) mix(own, drawn, still, p, place[index + stride * nx * ny]);
    }
    for (let at = 0; at < 4 * n; at += 4) {
      if (still[at / 4]) continue;
      const total = drawn[at + 3];
      own[at] += drawn[at] / total;
      own[at + 1] += drawn[at + 1] / total;
      own[at + 2] += drawn[at + 2] / total;
    }
  };
  for (const stride of STRIPES) even(stride, isTold);
  for (const stride of GRAIN) even(stride, none);
  for (let p = 0; p < n; p++) for (let c = 0; c < 3; c++) colours[3 * surface[p] + c] = own[4 * p + c];
}

/** Lets two points draw each other's colour, the more the nearer they are in colour; there may be no second, and two that stay still are let be. */
function mix(own: Float32Array, drawn: Float32Array, still: Uint8Array, p: number, q: number): void {
  if (q < 0 || (still[p] && still[q])) return;
  const one = 4 * p;
  const other = 4 * q;
  const r = own[other] - own[one];
  const g = own[other + 1] - own[one + 1];
  const b = own[other + 2] - own[one + 2];
  const alike = 1 / (1 + (r * r + g * g + b * b) / (APART * APART));
  const there = alike * own[other + 3];
  const here = alike * own[one + 3];
  drawn[one] += there * r;
  drawn[one + 1] += there * g;
  drawn[one + 2] += there * b;
  drawn[one + 3] += there;
  drawn[other] -= here * r;
  drawn[other + 1] -= here * g;
  drawn[other + 2] -= here * b;
  drawn[other + 3] += here;
}
