import type { Rays } from './camera-rays.ts';
import type { DensityGrid } from './density-grid.ts';

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
  const step = grid.spacing * 0.75;
  const [nx, ny, nz] = grid.size;
  const most = Math.ceil((Math.hypot(nx, ny, nz) * grid.spacing) / step) + 2;
  const mass = new Float64Array(most);
  const weights = new Float64Array(most);
  const support = new Uint8Array(most);
  const hits: number[] = [];
  const depths: number[] = [];
  for (let ray = 0; ray < rays.count; ray++) {
    const span = clipToGrid(grid, rays, ray);
    if (!span) continue;
    const cells = Math.min(most, Math.ceil((span[1] - span[0]) / step));
    let transmittance = 1;
    let last = -1;
    for (let i = 0; i < cells; i++) {
      weights[i] = 0;
      support[i] = 0;
      if (transmittance < OPAQUE) continue;
      const t = span[0] + (i + 0.5) * step;
      const x = (rays.origins[3 * ray] + t * rays.directions[3 * ray] - grid.origin[0]) / grid.spacing;
      const y =
        (rays.origins[3 * ray + 1] + t * rays.directions[3 * ray + 1] - grid.origin[1]) / grid.spacing;
      const z =
        (rays.origins[3 * ray + 2] + t * rays.directions[3 * ray + 2] - grid.origin[2]) / grid.spacing;
      if (nearest(dilated, x, y, z) * step < EMPTY) continue;
      const alpha = 1 - Math.exp(-trilinear(grid, x, y, z) * step);
      weights[i] = transmittance * alpha;
      support[i] = 1;
      transmittance *= 1 - alpha;
      last = i;
    }
    if (last < 0) continue;
    hits.push(ray);
    const total = fillMass(mass, weights, support, last + 1);
    invert(mass, last + 1, total, span[0], step, samples, jitter, depths);
  }
  return { hits: Int32Array.from(hits), depths: Float32Array.from(depths) };
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
  const stratified = (ray: number, row: Float32Array) => {
    const [near, far] = clipToGrid(grid, rays, ray) ?? [1, 2];
    for (let j = 0; j < row.length; j++) row[j] = near + ((far - near) * (j + uniform())) / row.length;
  };
  let next = 0;
  for (let ray = 0; ray < rays.count; ray++) {
    const row = depths.subarray(ray * samples, (ray + 1) * samples);
    if (hits[next] !== ray) {
      stratified(ray, row);
      continue;
    }
    stratified(ray, row.subarray(samples - spread));
    row.set(planned.subarray(next * (samples - spread), (next + 1) * (samples - spread)));
    row.sort();
    next++;
  }
  return depths;
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
  out: number[],
): void {
  let cell = 0;
  let before = 0;
  for (let j = 0; j < samples; j++) {
    const quantile = jitter ? (j + jitter()) / samples : j / (samples - 1);
    const wanted = quantile * total;
    while (cell < cells - 1 && (mass[cell] === 0 || before + mass[cell] < wanted)) before += mass[cell++];
    const within = mass[cell] > 0 ? Math.min(1, Math.max(0, (wanted - before) / mass[cell])) : 0;
    out.push(near + (cell + within) * step);
  }
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
    if (Math.abs(direction) < 1e-9) {
      if (origin < low || origin > high) return undefined;
      continue;
    }
    const a = (low - origin) / direction;
    const b = (high - origin) / direction;
    near = Math.max(near, Math.min(a, b));
    far = Math.min(far, Math.max(a, b));
  }
  return far > near ? [near, far] : undefined;
}

function nearest({ size: [nx, ny, nz], values }: DensityGrid, x: number, y: number, z: number): number {
  const i = Math.min(nx - 1, Math.max(0, Math.round(x)));
  const j = Math.min(ny - 1, Math.max(0, Math.round(y)));
  const k = Math.min(nz - 1, Math.max(0, Math.round(z)));
  return values[(k * ny + j) * nx + i];
}

function trilinear({ size: [nx, ny, nz], values }: DensityGrid, x: number, y: number, z: number): number {
  const i = Math.min(nx - 2, Math.max(0, Math.floor(x)));
  const j = Math.min(ny - 2, Math.max(0, Math.floor(y)));
  const k = Math.min(nz - 2, Math.max(0, Math.floor(z)));
  const [fx, fy, fz] = [x - i, y - j, z - k];
  const base = (k * ny + j) * nx + i;
  const plane = nx * ny;
  const mix = (from: number) => values[from] * (1 - fx) + values[from + 1] * fx;
  const front = mix(base) * (1 - fy) + mix(base + nx) * fy;
  const back = mix(base + plane) * (1 - fy) + mix(base + plane + nx) * fy;
  return front * (1 - fz) + back * fz;
}
