import { emptyPicture } from '../picture.ts';
import { clampInt } from './density-grid.ts';
import { entry, exit } from './depth-plan.ts';
import { projections, type Depicted } from './projected-picture.ts';
import { tileSpans } from './tile-spans.ts';
import type { Voxels } from './voxels.ts';

/** Transmittance below which a ray ends; what is still behind is taken to look like what was seen. */
const OPAQUE = 0.01;

/** Length of a step in voxels: finer ones change a picture by less than its 8 bits show (57 dB). */
const STEP = 2;

/** Side of the tiles in which pixels are drawn: empty ones are left out, and neighbouring rays find their voxels cached. */
const TILE = 8;

/** How much of a colour the projected pictures give when that of the voxels is not asked for. */
const ALL = 0.999;

/**
 * A picture of baked voxels from a camera label: emission and absorption, front to back; empty cells are jumped over. Colours are
 * the projected pictures' where they show what a ray sees. With it the mean distance at which a ray sees
 * something, 0 where it sees nothing.
 */
export function voxelView(voxels: Voxels, label: ArrayLike<number>, size: number): Depicted {
  const { cells, density, projected } = voxels;
  const picture = emptyPicture(size, size);
  const distances = new Float32Array(size * size);
  const colourAt = projected && projections(projected, label);
  const laid = new Float64Array(3);
  const tiles = Math.ceil(size / TILE);
  // Tiles reach beyond a picture whose side is no multiple of theirs: spans are those of the picture they would fill.
  const { near, far } = tileSpans(cells, stretched(label, size / (tiles * TILE)), tiles);
  const [r0, r1, r2, ox, r4, r5, r6, oy, r8, r9, r10, oz] = Array.from(label);
  const [fx, skew, cx, , fy, cy] = Array.from(label).slice(16);
  const area = size * size;
  const { data } = picture;
  const ray = new RayThroughVoxels(voxels, [ox, oy, oz]);
  const { colour } = ray;
  // Written without small arrays: this is every pixel of a video.
  for (let tile = 0; tile < near.length; tile++) {
    if (near[tile] === Infinity) continue;
    const [top, left] = [Math.floor(tile / tiles) * TILE, (tile % tiles) * TILE];
    const [bottom, right] = [Math.min(size, top + TILE), Math.min(size, left + TILE)];
    for (let row = top; row < bottom; row++) {
      const down = ((row + 0.5) / size - cy) / fy;
      for (let column = left; column < right; column++) {
        const across = ((column + 0.5) / size - cx - skew * down) / fx;
        const norm = Math.sqrt(across * across + down * down + 1);
        const dx = (r0 * across + r1 * down + r2) / norm;
        const dy = (r4 * across + r5 * down + r6) / norm;
        const dz = (r8 * across + r9 * down + r10) / norm;
        const alpha = ray.march(dx, dy, dz, near[tile] / density.spacing, far[tile] / density.spacing);
        if (alpha === 0) continue;
        const distance = ray.distance * density.spacing;
        laid[0] = laid[1] = laid[2] = 0;
        const share = colourAt
          ? colourAt(ox + distance * dx, oy + distance * dy, oz + distance * dz, laid)
          : 0;
        if (share < ALL) ray.lookUpColour();
        const own = share < ALL ? (alpha * (1 - share)) / 255 : 0;
        const at = row * size + column;
        data[at] = own * colour[0] + alpha * laid[0];
        data[area + at] = own * colour[1] + alpha * laid[1];
        data[2 * area + at] = own * colour[2] + alpha * laid[2];
        data[3 * area + at] = alpha;
        distances[at] = distance;
      }
    }
  }
  return { ...picture, distances };
}

/** The label of a camera whose picture has this one in its top left, this one's side being a share of its side. */
function stretched(label: ArrayLike<number>, share: number): number[] {
  return Array.from(label, (value, i) => (i >= 16 && i < 22 ? value * share : value));
}

/** Numbers kept of each sample: its position in voxels, and its weight over its density. */
const KEPT = 4;

/** Rays from one point through voxels, one after the other; distances are in voxels. Written without small arrays: a picture takes millions of steps. */
class RayThroughVoxels {
  /** sRGB 0…255 of the ray, once asked for. */
  readonly colour = new Float64Array(3);
  /** Mean distance at which the ray sees something. */
  distance = 0;
  readonly #voxels: Voxels;
  /** Corners of the box of what shows. */
  readonly #low: Float64Array;
  readonly #high: Float64Array;
  readonly #samples: Float64Array;
  /** Where rays start. */
  readonly #sx: number;
  readonly #sy: number;
  readonly #sz: number;
  #count = 0;
  #seen = 1;

  /** @param start of all rays, in world units */
  constructor(voxels: Voxels, start: readonly [number, number, number]) {
    this.#voxels = voxels;
    const { density, cells } = voxels;
    const { bounds } = cells;
    const inVoxels = (x: number, axis: number) => (x - density.origin[axis]) / density.spacing;
    [this.#sx, this.#sy, this.#sz] = start.map(inVoxels) as [number, number, number];
    this.#low = Float64Array.from(bounds.origin, inVoxels);
    this.#high = this.#low.map((x, axis) => x + bounds.size[axis] - 1);
    this.#samples = new Float64Array(KEPT * (Math.ceil(Math.hypot(...density.size) / STEP) + 2));
  }

  /** Follows a ray between two distances, and returns its alpha. */
  march(dx: number, dy: number, dz: number, from: number, to: number): number {
    const { density, cells } = this.#voxels;
    const { values, spacing } = density;
    const nx = density.size[0];
    const ny = density.size[1];
    const nz = density.size[2];
    const cx = cells.size[0];
    const cy = cells.size[1];
    const cz = cells.size[2];
    const { clearance } = cells;
    const perVoxel = 1 / cells.side;
    const plane = nx * ny;
    const samples = this.#samples;
    const sx = this.#sx;
    const sy = this.#sy;
    const sz = this.#sz;
    const near = Math.max(from, entry(this.#low[0], this.#high[0], sx, dx), entry(this.#low[1], this.#high[1], sy, dy), entry(this.#low[2], this.#high[2], sz, dz)); // prettier-ignore
    const end = Math.min(to, exit(this.#low[0], this.#high[0], sx, dx), exit(this.#low[1], this.#high[1], sy, dy), exit(this.#low[2], this.#high[2], sz, dz)); // prettier-ignore
    // How far a ray goes while it passes a cell along the axis that it is steepest to.
    const stretch = cells.side / Math.max(Math.abs(dx), Math.abs(dy), Math.abs(dz));
    let t = near + STEP / 2;
    let transmittance = 1;
    let reach = 0;
    let at = 0;
    while (t < end && transmittance > OPAQUE) {
      const x = sx + t * dx;
      const y = sy + t * dy;
      const z = sz + t * dz;
      const ci = clampInt(x * perVoxel, cx - 1);
      const cj = clampInt(y * perVoxel, cy - 1);
      const ck = clampInt(z * perVoxel, cz - 1);
      const free = clearance[(ck * cy + cj) * cx + ci];
      if (free > 0) {
        t += free > 1 ? (free - 1) * stretch : STEP;
        continue;
      }
      const i = clampInt(x, nx - 2);
      const j = clampInt(y, ny - 2);
      const k = clampInt(z, nz - 2);
      const corner = k * plane + j * nx + i;
      const fx = x - i;
      const fy = y - j;
      const fz = z - k;
      const a = values[corner] + fx * (values[corner + 1] - values[corner]);
      const b = values[corner + nx] + fx * (values[corner + nx + 1] - values[corner + nx]);
      const c = values[corner + plane] + fx * (values[corner + plane + 1] - values[corner + plane]);
      const d = values[corner + plane + nx] + fx * (values[corner + plane + nx + 1] - values[corner + plane + nx]); // prettier-ignore
      const front = a + fy * (b - a);
      const found = front + fz * (c + fy * (d - c) - front);
      if (found > 0) {
        const through = Math.exp(-found * spacing * STEP);
        const weight = transmittance * (1 - through);
        samples[at] = x;
        samples[at + 1] = y;
        samples[at + 2] = z;
        samples[at + 3] = weight / found;
        at += KEPT;
        reach += weight * t;
        transmittance *= through;
      }
      t += STEP;
    }
    this.#count = at;
    const seen = 1 - transmittance;
    if (seen === 0) return 0;
    this.distance = reach / seen;
    this.#seen = seen;
    return transmittance > OPAQUE ? seen : 1;
  }

  /** Fills in the colour of the ray that was followed last. */
  lookUpColour(): void {
    const { density, colours } = this.#voxels;
    const { values } = density;
    const nx = density.size[0];
    const ny = density.size[1];
    const nz = density.size[2];
    const plane = nx * ny;
    const samples = this.#samples;
    let red = 0;
    let green = 0;
    let blue = 0;
    for (let at = 0; at < this.#count; at += KEPT) {
      const x = samples[at];
      const y = samples[at + 1];
      const z = samples[at + 2];
      const weight = samples[at + 3];
      const i = clampInt(x, nx - 2);
      const j = clampInt(y, ny - 2);
      const k = clampInt(z, nz - 2);
      const corner = k * plane + j * nx + i;
      const fx = x - i;
      const fy = y - j;
      const fz = z - k;
      const top = weight * (1 - fy) * (1 - fz);
      const side = weight * fy * (1 - fz);
      const back = weight * (1 - fy) * fz;
      const rear = weight * fy * fz;
      // Colours are weighed by density too: a point without any has no colour to lend.
      const d000 = (1 - fx) * top * values[corner];
      const d100 = fx * top * values[corner + 1];
      const d010 = (1 - fx) * side * values[corner + nx];
      const d110 = fx * side * values[corner + nx + 1];
      const d001 = (1 - fx) * back * values[corner + plane];
      const d101 = fx * back * values[corner + plane + 1];
      const d011 = (1 - fx) * rear * values[corner + plane + nx];
      const d111 = fx * rear * values[corner + plane + nx + 1];
      const p = 3 * corner;
      const q = p + 3 * nx;
      const r = p + 3 * plane;
      const s = r + 3 * nx;
      red += d000 * colours[p] + d100 * colours[p + 3] + d010 * colours[q] + d110 * colours[q + 3] + d001 * colours[r] + d101 * colours[r + 3] + d011 * colours[s] + d111 * colours[s + 3]; // prettier-ignore
      green += d000 * colours[p + 1] + d100 * colours[p + 4] + d010 * colours[q + 1] + d110 * colours[q + 4] + d001 * colours[r + 1] + d101 * colours[r + 4] + d011 * colours[s + 1] + d111 * colours[s + 4]; // prettier-ignore
      blue += d000 * colours[p + 2] + d100 * colours[p + 5] + d010 * colours[q + 2] + d110 * colours[q + 5] + d001 * colours[r + 2] + d101 * colours[r + 5] + d011 * colours[s + 2] + d111 * colours[s + 5]; // prettier-ignore
    }
    const { colour } = this;
    colour[0] = red / this.#seen;
    colour[1] = green / this.#seen;
    colour[2] = blue / this.#seen;
  }
}
