import { emptyPicture, type Picture } from '../picture.ts';
import { clampInt } from './density-grid.ts';
import { entry, exit } from './depth-plan.ts';
import { Pinhole } from './pinhole.ts';
import { projections, type Depicted, type Projection } from './projected-picture.ts';
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

/** Of pixels finer than voxels, how far apart those are, at most, whose rays are followed whatever they meet. */
const FARTHEST_APART = 4;

/** Voxels by which distances around a pixel may differ for it to lie on one surface with them. */
const FLAT = 3;

/**
 * A picture of baked voxels from a camera label: emission and absorption, front to back; empty cells are jumped over. Colours are
 * the projected pictures' where they show what a ray sees. With it the mean distance at which a ray sees
 * something, 0 where it sees nothing.
 *
 * Where pixels are finer than voxels, only some rays are followed: between those that meet one opaque surface it is where they say, and between those that meet
 * nothing there is nothing.
 *
 * @param apart pixels between those whose rays are followed whatever they meet
 */
export function voxelView(
  voxels: Voxels,
  label: ArrayLike<number>,
  size: number,
  apart = pixelsApart(voxels.density, label, size),
): Depicted {
  const { cells, density } = voxels;
  const tiles = Math.ceil(size / TILE);
  // Tiles reach beyond a picture whose side is no multiple of theirs: spans are those of the picture they would fill.
  const { near, far } = tileSpans(cells, stretched(label, size / (tiles * TILE)), tiles);
  const drawing = new Drawing(voxels, label, size, apart);
  const visit = (draw: (row: number, column: number, from: number, to: number) => void): void => {
    for (let tile = 0; tile < near.length; tile++) {
      if (near[tile] === Infinity) continue;
      const [top, left] = [Math.floor(tile / tiles) * TILE, (tile % tiles) * TILE];
      const [bottom, right] = [Math.min(size, top + TILE), Math.min(size, left + TILE)];
      const [from, to] = [near[tile] / density.spacing, far[tile] / density.spacing];
      for (let row = top; row < bottom; row++) {
        for (let column = left; column < right; column++) draw(row, column, from, to);
      }
    }
  };
  visit((row, column, from, to) => {
    if (row % apart === 0 && column % apart === 0) drawing.follow(row, column, from, to);
  });
  if (apart > 1) {
    visit((row, column, from, to) => {
      if (row % apart === 0 && column % apart === 0) return;
      if (!drawing.interpolate(row, column, from, to)) drawing.follow(row, column, from, to);
    });
  }
  return { ...drawing.picture, distances: drawing.distances };
}

/** How many pixels of a picture, a power of two, are about as far apart as the voxels that it shows. */
function pixelsApart(
  { size, origin, spacing }: Voxels['density'],
  label: ArrayLike<number>,
  side: number,
): number {
  const away = [3, 7, 11].map((at, axis) => label[at] - origin[axis] - (spacing * (size[axis] - 1)) / 2);
  const pixel = Math.hypot(...away) / (label[16] * side);
  return Math.min(FARTHEST_APART, 2 ** Math.max(0, Math.round(Math.log2(spacing / pixel))));
}

/** A picture that is being drawn, pixel by pixel. Written without small arrays: this is every pixel of a video. */
class Drawing {
  readonly picture: Picture;
  readonly distances: Float32Array;
  readonly #size: number;
  readonly #apart: number;
  readonly #spacing: number;
  readonly #pinhole: Pinhole;
  /** Where the camera is. */
  readonly #ox: number;
  readonly #oy: number;
  readonly #oz: number;
  readonly #ray: RayThroughVoxels;
  readonly #colourAt: Projection | undefined;
  readonly #laid = new Float64Array(3);
  /** sRGB 0…255 `[size, size, 3]` that the voxels themselves have; NaN where it was not asked for. */
  readonly #own: Float32Array;

  constructor(voxels: Voxels, label: ArrayLike<number>, size: number, apart: number) {
    this.picture = emptyPicture(size, size);
    this.distances = new Float32Array(size * size);
    this.#size = size;
    this.#apart = apart;
    this.#spacing = voxels.density.spacing;
    this.#pinhole = new Pinhole(label, size);
    [this.#ox, this.#oy, this.#oz] = [label[3], label[7], label[11]];
    this.#ray = new RayThroughVoxels(voxels, [label[3], label[7], label[11]]);
    this.#colourAt = voxels.projected && projections(voxels.projected, label);
    this.#own = new Float32Array(apart > 1 ? 3 * size * size : 0);
  }

  /** Draws a pixel by following its ray between two distances, which are in voxels. */
  follow(row: number, column: number, from: number, to: number): void {
    const [pinhole, ray] = [this.#pinhole, this.#ray];
    pinhole.aim(row, column);
    const alpha = ray.march(pinhole.dx, pinhole.dy, pinhole.dz, from, to);
    if (alpha === 0) return;
    const at = row * this.#size + column;
    const distance = ray.distance * this.#spacing;
    const share = this.#layOver(distance);
    const { colour } = ray;
    if (share < ALL) ray.lookUpColour();
    else colour[0] = NaN;
    if (this.#own.length > 0) {
      this.#own[3 * at] = colour[0];
      this.#own[3 * at + 1] = colour[1];
      this.#own[3 * at + 2] = colour[2];
    }
    this.#write(at, alpha, distance, share, colour[0], colour[1], colour[2]);
  }

  /** Draws a pixel out of those around it whose rays were followed; false where they do not all meet one opaque surface, or nothing. */
  interpolate(row: number, column: number, from: number, to: number): boolean {
    const [size, apart] = [this.#size, this.#apart];
    const top = row - (row % apart);
    const left = column - (column % apart);
    const bottom = row === top ? top : top + apart;
    const right = column === left ? left : left + apart;
    if (bottom >= size || right >= size) return false;
    const a = top * size + left;
    const b = top * size + right;
    const c = bottom * size + left;
    const d = bottom * size + right;
    const alpha = this.picture.data;
    const at = 3 * size * size;
    const covered = alpha[at + a] + alpha[at + b] + alpha[at + c] + alpha[at + d];
    if (covered === 0) return true;
    if (covered < 4) return false;
    const { distances } = this;
    const least = Math.min(distances[a], distances[b], distances[c], distances[d]);
    const most = Math.max(distances[a], distances[b], distances[c], distances[d]);
    if (most - least > FLAT * this.#spacing) return false;
    const p = (column - left) / apart;
    const q = (row - top) / apart;
    const wa = (1 - p) * (1 - q);
    const wb = p * (1 - q);
    const wc = (1 - p) * q;
    const wd = p * q;
    const distance = wa * distances[a] + wb * distances[b] + wc * distances[c] + wd * distances[d];
    const pinhole = this.#pinhole;
    pinhole.aim(row, column);
    const share = this.#layOver(distance);
    const own = this.#own;
    let red = wa * own[3 * a] + wb * own[3 * b] + wc * own[3 * c] + wd * own[3 * d];
    let green = wa * own[3 * a + 1] + wb * own[3 * b + 1] + wc * own[3 * c + 1] + wd * own[3 * d + 1];
    let blue = wa * own[3 * a + 2] + wb * own[3 * b + 2] + wc * own[3 * c + 2] + wd * own[3 * d + 2];
    if (share < ALL && Number.isNaN(red)) {
      // Around it the projected pictures told all.
      this.#ray.march(pinhole.dx, pinhole.dy, pinhole.dz, from, to);
      this.#ray.lookUpColour();
      [red, green, blue] = this.#ray.colour;
    }
    this.#write(row * size + column, 1, distance, share, red, green, blue);
    return true;
  }

  /** What the projected pictures show so far along the ray, and how much that counts. */
  #layOver(distance: number): number {
    const laid = this.#laid;
    laid[0] = laid[1] = laid[2] = 0;
    if (!this.#colourAt) return 0;
    const { dx, dy, dz } = this.#pinhole;
    return this.#colourAt(this.#ox + distance * dx, this.#oy + distance * dy, this.#oz + distance * dz, laid);
  }

  /** @param share how much what is laid over counts; beside it the voxels' own colour, where that is not all */
  #write(at: number, alpha: number, distance: number, share: number, r: number, g: number, b: number): void {
    const { data } = this.picture;
    const laid = this.#laid;
    const area = this.distances.length;
    data[at] = alpha * laid[0];
    data[area + at] = alpha * laid[1];
    data[2 * area + at] = alpha * laid[2];
    data[3 * area + at] = alpha;
    this.distances[at] = distance;
    if (share >= ALL) return;
    const own = (alpha * (1 - share)) / 255;
    data[at] += own * r;
    data[area + at] += own * g;
    data[2 * area + at] += own * b;
  }
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
