/** Voxels between those whose colours are mixed, pass by pass. */
const STRIDES = [4, 2, 1, 4, 2, 1];

/** Distance of two colours, in steps of 1/255, at which half as much of one goes into the other. */
const APART = 20;

/** Density from which on a voxel's colour counts in full, and the share that it counts even where there is nothing. */
const [SEEN, LEAST] = [30, 0.02];

/**
 * Takes from colours the stripes along the axes that planes of features leave where no picture tells a field what to show: each becomes the mean
 * of itself and of those around it that are near to it in colour, so that hair still ends where clothes begin (anisotropic diffusion, Perona
 * and Malik 1990; at falling distances as in the edge-avoiding à-trous filter, Dammertz et al. 2010).
 *
 * @param size points of the grid along each axis
 * @param density of every point
 * @param colours sRGB of every point, `[points, 3]`, which is written to
 * @param surface the points whose colours count, ascending; others neither give nor take
 */
export function evenColours(
  [nx, ny, nz]: readonly [number, number, number],
  density: Float32Array,
  colours: Uint8ClampedArray,
  surface: Int32Array,
): void {
  const n = surface.length;
  const place = new Int32Array(density.length).fill(-1);
  // Colour and how much it counts, side by side.
  let now = new Float32Array(4 * n);
  let next = new Float32Array(4 * n);
  for (let p = 0; p < n; p++) {
    const own = surface[p];
    place[own] = p;
    for (let c = 0; c < 3; c++) now[4 * p + c] = colours[3 * own + c];
    now[4 * p + 3] = next[4 * p + 3] = Math.min(1, density[own] / SEEN) + LEAST;
  }
  // Written without small arrays: there are hundreds of thousands of points.
  for (const stride of STRIDES) {
    for (let p = 0; p < n; p++) {
      const own = surface[p];
      const row = Math.floor(own / nx);
      const slice = Math.floor(row / ny);
      const [i, j] = [own - row * nx, row - slice * ny];
      const at = 4 * p;
      const [r, g, b] = [now[at], now[at + 1], now[at + 2]];
      let dr = 0;
      let dg = 0;
      let db = 0;
      let total = now[at + 3];
      for (let side = 0; side < 6; side++) {
        const step = side & 1 ? stride : -stride;
        let other: number;
        if (side < 2) {
          if (i + step < 0 || i + step >= nx) continue;
          other = own + step;
        } else if (side < 4) {
          if (j + step < 0 || j + step >= ny) continue;
          other = own + step * nx;
        } else {
          if (slice + step < 0 || slice + step >= nz) continue;
          other = own + step * nx * ny;
        }
        const q = place[other];
        if (q < 0) continue;
        const from = 4 * q;
        const x = now[from] - r;
        const y = now[from + 1] - g;
        const z = now[from + 2] - b;
        const share = now[from + 3] / (1 + (x * x + y * y + z * z) / (APART * APART));
        dr += share * x;
        dg += share * y;
        db += share * z;
        total += share;
      }
      next[at] = r + dr / total;
      next[at + 1] = g + dg / total;
      next[at + 2] = b + db / total;
    }
    [now, next] = [next, now];
  }
  for (let p = 0; p < n; p++) for (let c = 0; c < 3; c++) colours[3 * surface[p] + c] = now[4 * p + c];
}
