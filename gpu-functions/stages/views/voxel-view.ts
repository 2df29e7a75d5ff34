import { emptyPicture, type Picture } from '../picture.ts';
import { cameraRays } from './camera-rays.ts';
import { clipToGrid } from './depth-plan.ts';
import { EMPTY_CELL, type Voxels } from './voxels.ts';

/** Transmittance below which a ray ends. */
const OPAQUE = 0.002;

/** Length of a step in voxels. */
const STEP = 0.6;

/** A picture of baked voxels from a camera label: emission and absorption, front to back; empty cells are jumped over. */
export function voxelView(voxels: Voxels, label: ArrayLike<number>, size: number): Picture {
  const { density, colours, cells } = voxels;
  const rays = cameraRays(label, size);
  const picture = emptyPicture(size, size);
  const [nx, ny, nz] = density.size;
  const [cx, cy, cz] = cells.size;
  const plane = nx * ny;
  const perCell = (nx - 1) / cx;
  const { values } = density;
  for (let ray = 0; ray < rays.count; ray++) {
    const span = clipToGrid(density, rays, ray);
    if (!span) continue;
    // Position in voxels is start + t·slope, with t in voxels too.
    const [sx, sy, sz] = [0, 1, 2].map(
      (a) => (rays.origins[3 * ray + a] - density.origin[a]) / density.spacing,
    );
    const [dx, dy, dz] = rays.directions.subarray(3 * ray, 3 * ray + 3);
    const far = span[1] / density.spacing;
    let t = span[0] / density.spacing + STEP / 2;
    let [transmittance, red, green, blue] = [1, 0, 0, 0];
    while (t < far && transmittance > OPAQUE) {
      const [x, y, z] = [sx + t * dx, sy + t * dy, sz + t * dz];
      const ci = Math.min(cx - 1, Math.max(0, Math.floor(x / perCell)));
      const cj = Math.min(cy - 1, Math.max(0, Math.floor(y / perCell)));
      const ck = Math.min(cz - 1, Math.max(0, Math.floor(z / perCell)));
      if (cells.kinds[(ck * cy + cj) * cx + ci] === EMPTY_CELL) {
        const out = Math.min(
          exitDistance(x, dx, ci, perCell),
          exitDistance(y, dy, cj, perCell),
          exitDistance(z, dz, ck, perCell),
        );
        t += Math.max(out, 0) + 1e-3;
        continue;
      }
      const i = Math.min(nx - 2, Math.max(0, Math.floor(x)));
      const j = Math.min(ny - 2, Math.max(0, Math.floor(y)));
      const k = Math.min(nz - 2, Math.max(0, Math.floor(z)));
      const [fx, fy, fz] = [x - i, y - j, z - k];
      const at = k * plane + j * nx + i;
      const w000 = (1 - fx) * (1 - fy) * (1 - fz);
      const w100 = fx * (1 - fy) * (1 - fz);
      const w010 = (1 - fx) * fy * (1 - fz);
      const w110 = fx * fy * (1 - fz);
      const w001 = (1 - fx) * (1 - fy) * fz;
      const w101 = fx * (1 - fy) * fz;
      const w011 = (1 - fx) * fy * fz;
      const w111 = fx * fy * fz;
      const d000 = w000 * values[at];
      const d100 = w100 * values[at + 1];
      const d010 = w010 * values[at + nx];
      const d110 = w110 * values[at + nx + 1];
      const d001 = w001 * values[at + plane];
      const d101 = w101 * values[at + plane + 1];
      const d011 = w011 * values[at + plane + nx];
      const d111 = w111 * values[at + plane + nx + 1];
      const found = d000 + d100 + d010 + d110 + d001 + d101 + d011 + d111;
      const alpha = 1 - Math.exp(-found * density.spacing * STEP);
      if (alpha > 1e-4) {
        // Colours are weighed by density too: a point without any has no colour to lend.
        const weight = (transmittance * alpha) / found;
        const p = 3 * at;
        const q = p + 3 * nx;
        const r = p + 3 * plane;
        const s = r + 3 * nx;
        red += weight * (d000 * colours[p] + d100 * colours[p + 3] + d010 * colours[q] + d110 * colours[q + 3] + d001 * colours[r] + d101 * colours[r + 3] + d011 * colours[s] + d111 * colours[s + 3]); // prettier-ignore
        green += weight * (d000 * colours[p + 1] + d100 * colours[p + 4] + d010 * colours[q + 1] + d110 * colours[q + 4] + d001 * colours[r + 1] + d101 * colours[r + 4] + d011 * colours[s + 1] + d111 * colours[s + 4]); // prettier-ignore
        blue += weight * (d000 * colours[p + 2] + d100 * colours[p + 5] + d010 * colours[q + 2] + d110 * colours[q + 5] + d001 * colours[r + 2] + d101 * colours[r + 5] + d011 * colours[s + 2] + d111 * colours[s + 5]); // prettier-ignore
        transmittance *= 1 - alpha;
      }
      t += STEP;
    }
    const channels = [red, green, blue, 1 - transmittance];
    for (let c = 0; c < 4; c++) picture.data[c * rays.count + ray] = Math.min(1, Math.max(0, channels[c]));
  }
  return picture;
}

/** Distance along a ray until it leaves cell `cell` of side `side` on one axis. */
function exitDistance(position: number, slope: number, cell: number, side: number): number {
  if (Math.abs(slope) < 1e-9) return Infinity;
  const border = (slope > 0 ? cell + 1 : cell) * side;
  return (border - position) / slope;
}
