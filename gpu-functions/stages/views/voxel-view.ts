import { emptyPicture } from '../picture.ts';
import { pixelRays, type Rays } from './camera-rays.ts';
import { clampInt } from './density-grid.ts';
import { clipToGrid } from './depth-plan.ts';
import { projections, type Depicted } from './projected-picture.ts';
import { tileSpans } from './tile-spans.ts';
import type { Voxels } from './voxels.ts';

/** Transmittance below which a ray ends; what is still behind is taken to look like what was seen. */
const OPAQUE = 0.01;

/** Length of a step in voxels: finer ones change a picture by less than its 8 bits show (57 dB). */
const STEP = 2;

/** Side of the tiles in which pixels are drawn: empty ones are left out, and neighbouring rays find their voxels cached. */
const TILE = 8;

/**
 * A picture of baked voxels from a camera label: emission and absorption, front to back; empty cells are jumped over. Colours are
 * the projected pictures' where they show what a ray sees. With it the mean distance at which a ray sees
 * something, 0 where it sees nothing.
 */
export function voxelView(voxels: Voxels, label: ArrayLike<number>, size: number): Depicted {
  const { cells, projected } = voxels;
  const picture = emptyPicture(size, size);
  const distances = new Float32Array(size * size);
  const colourAt = projected && projections(projected);
  const pixel = new Float64Array(5);
  const laid = new Float64Array(3);
  const tiles = Math.ceil(size / TILE);
  // Tiles reach beyond a picture whose side is no multiple of theirs: spans are those of the picture they would fill.
  const { near, far } = tileSpans(cells, voxels.density, stretched(label, size / (tiles * TILE)), tiles);
  const pixels = pixelsOfTiles(near, tiles, size);
  const rays = pixelRays(label, size, pixels);
  for (let ray = 0; ray < rays.count; ray++) {
    const at = pixels[ray];
    const tile = Math.floor(Math.floor(at / size) / TILE) * tiles + Math.floor((at % size) / TILE);
    const span = clipToGrid(cells.bounds, rays, ray);
    if (!span) continue;
    march(voxels, rays, ray, Math.max(span[0], near[tile]), Math.min(span[1], far[tile]), pixel);
    const alpha = pixel[3];
    const distance = pixel[4];
    if (colourAt && alpha > 0) {
      const x = rays.origins[3 * ray] + distance * rays.directions[3 * ray];
      const y = rays.origins[3 * ray + 1] + distance * rays.directions[3 * ray + 1];
      const z = rays.origins[3 * ray + 2] + distance * rays.directions[3 * ray + 2];
      const share = colourAt(x, y, z, laid.fill(0));
      for (let c = 0; c < 3; c++) pixel[c] = (1 - share) * pixel[c] + alpha * laid[c];
    }
    for (let c = 0; c < 4; c++) picture.data[c * size * size + at] = pixel[c];
    distances[at] = distance;
  }
  return { ...picture, distances };
}

/** The pixels `row·size + column` of the tiles that may show something, tile by tile. */
function pixelsOfTiles(near: Float32Array, tiles: number, size: number): Int32Array {
  const pixels = new Int32Array(size * size);
  let count = 0;
  for (let tile = 0; tile < near.length; tile++) {
    if (near[tile] === Infinity) continue;
    const top = Math.floor(tile / tiles) * TILE;
    const left = (tile % tiles) * TILE;
    for (let y = top; y < Math.min(size, top + TILE); y++) {
      for (let x = left; x < Math.min(size, left + TILE); x++) pixels[count++] = y * size + x;
    }
  }
  return pixels.subarray(0, count);
}

/** The label of a camera whose picture has this one in its top left, this one's side being a share of its side. */
function stretched(label: ArrayLike<number>, share: number): number[] {
  return Array.from(label, (value, i) => (i >= 16 && i < 22 ? value * share : value));
}

/**
 * Premultiplied colour, alpha and mean distance of one ray between two distances; positions and distances inside are in voxels.
 * Written without small arrays: this is millions of steps a picture.
 */
function march(
  { density, colours, cells }: Voxels,
  rays: Rays,
  ray: number,
  near: number,
  far: number,
  pixel: Float64Array,
): void {
  const { values, origin, spacing } = density;
  const nx = density.size[0];
  const ny = density.size[1];
  const nz = density.size[2];
  const cx = cells.size[0];
  const cy = cells.size[1];
  const cz = cells.size[2];
  const { clearance, lit } = cells;
  const plane = nx * ny;
  const perCell = cells.side;
  const dx = rays.directions[3 * ray];
  const dy = rays.directions[3 * ray + 1];
  const dz = rays.directions[3 * ray + 2];
  const sx = (rays.origins[3 * ray] - origin[0]) / spacing;
  const sy = (rays.origins[3 * ray + 1] - origin[1]) / spacing;
  const sz = (rays.origins[3 * ray + 2] - origin[2]) / spacing;
  const end = far / spacing;
  let t = near / spacing + STEP / 2;
  let transmittance = 1;
  let red = 0;
  let green = 0;
  let blue = 0;
  let reach = 0;
  while (t < end && transmittance > OPAQUE) {
    const x = sx + t * dx;
    const y = sy + t * dy;
    const z = sz + t * dz;
    const ci = clampInt(x / perCell, cx - 1);
    const cj = clampInt(y / perCell, cy - 1);
    const ck = clampInt(z / perCell, cz - 1);
    const free = clearance[(ck * cy + cj) * cx + ci];
    if (free > 0) {
      const alongX = exitDistance(x, dx, ci, free, perCell);
      const alongY = exitDistance(y, dy, cj, free, perCell);
      const alongZ = exitDistance(z, dz, ck, free, perCell);
      t += Math.max(0, Math.min(alongX, Math.min(alongY, alongZ))) + 1e-3;
      continue;
    }
    const i = clampInt(x, nx - 2);
    const j = clampInt(y, ny - 2);
    const k = clampInt(z, nz - 2);
    const at = k * plane + j * nx + i;
    if (lit[at] === 0) {
      t += STEP;
      continue;
    }
    const fx = x - i;
    const fy = y - j;
    const fz = z - k;
    const top = (1 - fy) * (1 - fz);
    const side = fy * (1 - fz);
    const back = (1 - fy) * fz;
    const rear = fy * fz;
    const d000 = (1 - fx) * top * values[at];
    const d100 = fx * top * values[at + 1];
    const d010 = (1 - fx) * side * values[at + nx];
    const d110 = fx * side * values[at + nx + 1];
    const d001 = (1 - fx) * back * values[at + plane];
    const d101 = fx * back * values[at + plane + 1];
    const d011 = (1 - fx) * rear * values[at + plane + nx];
    const d111 = fx * rear * values[at + plane + nx + 1];
    const found = d000 + d100 + d010 + d110 + d001 + d101 + d011 + d111;
    if (found > 0) {
      const alpha = 1 - Math.exp(-found * spacing * STEP);
      // Colours are weighed by density too: a point without any has no colour to lend.
      const weight = (transmittance * alpha) / found;
      const p = 3 * at;
      const q = p + 3 * nx;
      const r = p + 3 * plane;
      const s = r + 3 * nx;
      red += weight * (d000 * colours[p] + d100 * colours[p + 3] + d010 * colours[q] + d110 * colours[q + 3] + d001 * colours[r] + d101 * colours[r + 3] + d011 * colours[s] + d111 * colours[s + 3]); // prettier-ignore
      green += weight * (d000 * colours[p + 1] + d100 * colours[p + 4] + d010 * colours[q + 1] + d110 * colours[q + 4] + d001 * colours[r + 1] + d101 * colours[r + 4] + d011 * colours[s + 1] + d111 * colours[s + 4]); // prettier-ignore
      blue += weight * (d000 * colours[p + 2] + d100 * colours[p + 5] + d010 * colours[q + 2] + d110 * colours[q + 5] + d001 * colours[r + 2] + d101 * colours[r + 5] + d011 * colours[s + 2] + d111 * colours[s + 5]); // prettier-ignore
      reach += transmittance * alpha * t;
      transmittance *= 1 - alpha;
    }
    t += STEP;
  }
  const alpha = transmittance > OPAQUE ? 1 - transmittance : 1;
  const seen = 1 - transmittance || 1;
  const scale = alpha / (255 * seen);
  pixel[0] = red * scale;
  pixel[1] = green * scale;
  pixel[2] = blue * scale;
  pixel[3] = alpha;
  pixel[4] = (reach * spacing) / seen;
}

/** Distance along a ray until it leaves the empty block of `free` cells to each side of a cell, the cell included once. */
function exitDistance(position: number, slope: number, cell: number, free: number, side: number): number {
  if (slope > 1e-9) return ((cell + free) * side - position) / slope;
  if (slope < -1e-9) return ((cell - free + 1) * side - position) / slope;
  return Infinity;
}
