import type { Rays } from './camera-rays.ts';
import { clampInt, type DensityGrid } from './density-grid.ts';

/** Density times step below which a cell counts as empty. */
const EMPTY = 0.005;

/** Transmittance below which nothing further back is seen. */
const OPAQUE = 1e-3;

/** Share of the samples spent on the whole support instead of where the weight is. */
const SUPPORT_SHARE = 0.1;

export interface DepthPlan {
  /** The rays that may meet something, by their index. */
  readonly hits: Int32Array;
  /** `[hits, samples]`, ascending along each ray; distances from the origin in world units. */
  readonly depths: Float32Array;
}

/**
 * Where to sample each ray: the inverse-transform sampling of volume rendering's second pass (NeRF §5.2), with the
 * weights of the first pass taken from a baked density grid instead of the networks. Rays through empty space are
 * left out. `jitter` draws numbers in [0, 1) for stratified sampling; without it the quantiles are evenly spaced,
 * the first and the last on the two ends of the support.
 */
export function planDepths(
  grid: DensityGrid,
  dilated: DensityGrid,
  rays: Rays,
  samples: number,
  jitter?: () => number,
): DepthPlan {
  const { spacing, values } = grid;
  const step = spacing * 0.75;
  const [nx, ny, nz] = grid.size;
  const [left, bottom, back] = grid.origin;
  const around = dilated.values;
  const most = Math.ceil((Math.hypot(nx, ny, nz) * spacing) / step) + 2;
  const mass = new Float64Array(most);
  const weights = new Float64Array(most);
  const support = new Uint8Array(most);
  const hits = new Int32Array(rays.count);
  const depths = new Float32Array(rays.count * samples);
  let found = 0;
  // Written without small arrays and closures: this is every cell of every ray of a step.
  for (let ray = 0; ray < rays.count; ray++) {
    const span = clipToGrid(grid, rays, ray);
    if (!span) continue;
    const near = span[0];
    const cells = Math.min(most, Math.ceil((span[1] - near) / step));
    const dx = rays.directions[3 * ray] / spacing;
    const dy = rays.directions[3 * ray + 1] / spacing;
    const dz = rays.directions[3 * ray + 2] / spacing;
    const sx = (rays.origins[3 * ray] - left) / spacing;
    const sy = (rays.origins[3 * ray + 1] - bottom) / spacing;
    const sz = (rays.origins[3 * ray + 2] - back) / spacing;
    let transmittance = 1;
    let last = -1;
    for (let i = 0; i < cells && transmittance >= OPAQUE; i++) {
      weights[i] = 0;
      support[i] = 0;
      const t = near + (i + 0.5) * step;
      const x = sx + t * dx;
      const y = sy + t * dy;
      const z = sz + t * dz;
      const nearest =
        (clampInt(z + 0.5, nz - 1) * ny + clampInt(y + 0.5, ny - 1)) * nx + clampInt(x + 0.5, nx - 1);
      if (around[nearest] * step < EMPTY) continue;
      const alpha = 1 - Math.exp(-trilinear(values, nx, ny, nz, x, y, z) * step);
      weights[i] = transmittance * alpha;
      support[i] = 1;
      transmittance *= 1 - alpha;
      last = i;
    }
    if (last < 0) continue;
    const total = fillMass(mass, weights, support, last + 1);
    invert(mass, last + 1, total, near, step, samples, jitter, depths, found * samples);
    hits[found++] = ray;
  }
  return { hits: hits.slice(0, found), depths: depths.slice(0, found * samples) };
}

/**
 * Depths `[rays, samples]` for optimising: each ray gets planned samples and `spread` stratified ones over the whole
 * box, so that density can also appear where there was none. Rays that meet nothing have stratified samples only.
 */
export function trainingDepths(
  grid: DensityGrid,
  dilated: DensityGrid,
  rays: Rays,
  samples: number,
  spread: number,
  uniform: () => number,
): Float32Array {
  const { hits, depths: planned } = planDepths(grid, dilated, rays, samples - spread, uniform);
  const depths = new Float32Array(rays.count * samples);
  const apart = new Float32Array(samples);
  let next = 0;
  for (let ray = 0; ray < rays.count; ray++) {
    const isHit = hits[next] === ray;
    const own = isHit ? spread : samples;
    const [near, far] = clipToGrid(grid, rays, ray) ?? [1, 2];
    for (let j = 0; j < own; j++) apart[j] = near + ((far - near) * (j + uniform())) / own;
    merge(planned, next * (samples - spread), samples - own, apart, own, depths, ray * samples);
    if (isHit) next++;
  }
  return depths;
}

/** Writes two ascending runs as one: `count` numbers of `a` from `from` on, and the first `more` of `b`, to `into` from `at` on. */
function merge(
  a: Float32Array,
  from: number,
  count: number,
  b: Float32Array,
  more: number,
  into: Float32Array,
  at: number,
): void {
  let i = 0;
  let j = 0;
  for (let k = at; k < at + count + more; k++) {
    into[k] = j === more || (i < count && a[from + i] <= b[j]) ? a[from + i++] : b[j++];
  }
}

/** Probability mass of each cell, not normalised; a cell also gets its neighbours' weight. Returns the sum. */
function fillMass(mass: Float64Array, weights: Float64Array, support: Uint8Array, cells: number): number {
  let supported = 0;
  let sum = 0;
  for (let i = 0; i < cells; i++) {
    supported += support[i];
    mass[i] = Math.max(weights[i], i > 0 ? weights[i - 1] : 0, i + 1 < cells ? weights[i + 1] : 0);
    sum += mass[i];
  }
  const floor = (SUPPORT_SHARE * Math.max(sum, 1e-3)) / supported;
  let total = 0;
  for (let i = 0; i < cells; i++) {
    if (support[i]) mass[i] += floor;
    total += mass[i];
  }
  return total;
}

function invert(
  mass: Float64Array,
  cells: number,
  total: number,
  near: number,
  step: number,
  samples: number,
  jitter: (() => number) | undefined,
  out: Float32Array,
  at: number,
): void {
  let cell = 0;
  let before = 0;
  for (let j = 0; j < samples; j++) {
    const quantile = jitter ? (j + jitter()) / samples : j / (samples - 1);
    const wanted = quantile * total;
    while (cell < cells - 1 && (mass[cell] === 0 || before + mass[cell] < wanted)) before += mass[cell++];
    const within = mass[cell] > 0 ? Math.min(1, Math.max(0, (wanted - before) / mass[cell])) : 0;
    out[at + j] = near + (cell + within) * step;
  }
}

/** Slope below which a ray is along an axis' planes. */
const LEVEL = 1e-9;

/** Distances at which a ray enters and leaves the space between two planes across an axis; a ray along them is taken to tend a little upwards. */
export function entry(low: number, high: number, start: number, slope: number): number {
  return Math.abs(slope) < LEVEL ? (low - start) / LEVEL : ((slope > 0 ? low : high) - start) / slope;
}
export function exit(low: number, high: number, start: number, slope: number): number {
  return Math.abs(slope) < LEVEL ? (high - start) / LEVEL : ((slope > 0 ? high : low) - start) / slope;
}

/** The part of a ray inside the grid's box, as distances. */
export function clipToGrid(
  grid: Pick<DensityGrid, 'size' | 'origin' | 'spacing'>,
  rays: Rays,
  ray: number,
): [near: number, far: number] | undefined {
  let near = 0;
  let far = Infinity;
  for (let axis = 0; axis < 3; axis++) {
    const low = grid.origin[axis];
    const high = low + grid.spacing * (grid.size[axis] - 1);
    const origin = rays.origins[3 * ray + axis];
    const direction = rays.directions[3 * ray + axis];
    near = Math.max(near, entry(low, high, origin, direction));
    far = Math.min(far, exit(low, high, origin, direction));
  }
  return far > near ? [near, far] : undefined;
}

/** The value between the points of a grid, `[nz, ny, nx]`; outside of them that of the linear continuation. */
function trilinear(
  values: Float32Array,
  nx: number,
  ny: number,
  nz: number,
  x: number,
  y: number,
  z: number,
): number {
  const i = clampInt(x, nx - 2);
  const j = clampInt(y, ny - 2);
  const k = clampInt(z, nz - 2);
  const fx = x - i;
  const fy = y - j;
  const fz = z - k;
  const a = (k * ny + j) * nx + i;
  const b = a + nx;
  const c = a + nx * ny;
  const d = c + nx;
  const front =
    (values[a] * (1 - fx) + values[a + 1] * fx) * (1 - fy) + (values[b] * (1 - fx) + values[b + 1] * fx) * fy;
  const back =
    (values[c] * (1 - fx) + values[c + 1] * fx) * (1 - fy) + (values[d] * (1 - fx) + values[d + 1] * fx) * fy;
  return front * (1 - fz) + back * fz;
}
