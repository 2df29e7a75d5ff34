import { clampInt } from '../../views/density-grid.ts';
import { projections } from '../../views/projected-picture.ts';
import type { Voxels } from '../../views/voxels.ts';
import type { ColourAt } from './texture.ts';

/** Where a ray into the surface starts and how far it goes at most, in voxels; and its step. */
const [START, DEPTH, STEP] = [2, 28, 1.5];

/** How much more a normal's part toward the front counts. */
const FRONT = 2;

/** Transmittance below which nothing further in is seen, and above which nothing was. */
const [OPAQUE, CLEAR] = [0.02, 0.9];

/** Optical depth of a step below which it shows nothing. */
const THIN = 1e-3;

/** Share of the volume's own colour below which it is not looked for further: half a level of 255. */
const COVERED = 0.002;

/**
 * The colour of a surface as the volume shows it to somebody who looks straight at it: emission and absorption along the
 * normal, from a little outside inwards; the projected pictures' where they show the point. Points inside that were never decoded, having
 * no colour, count for nothing.
 */
export function surfaceColour({
  density,
  colours,
  decoded,
  projected,
}: Pick<Voxels, 'density' | 'colours' | 'decoded' | 'projected'>): ColourAt {
  const { size, origin, spacing, values } = density;
  const [width, height, depth] = size;
  const plane = width * height;
  const laidAt = projected && projections(projected);
  const laid = new Float64Array(3);
  // Written without small arrays: this is a million lookups a texture.
  return (x, y, z, nx, ny, nz, into) => {
    const own = laidAt ? 1 - laidAt(x, y, z, laid.fill(0)) : 1;
    const px = (x - origin[0]) / spacing;
    const py = (y - origin[1]) / spacing;
    const pz = (z - origin[2]) / spacing;
    let red = 0;
    let green = 0;
    let blue = 0;
    let transmittance = 1;
    let seen = 0;
    for (let t = -START; t < DEPTH && transmittance > OPAQUE; t += STEP) {
      const sx = px - t * nx;
      const sy = py - t * ny;
      const sz = pz - t * nz;
      const i = clampInt(sx, width - 2);
      const j = clampInt(sy, height - 2);
      const k = clampInt(sz, depth - 2);
      const fx = within(sx - i);
      const fy = within(sy - j);
      const fz = within(sz - k);
      const at = k * plane + j * width + i;
      const top = (1 - fx) * (1 - fy);
      const right = fx * (1 - fy);
      const under = (1 - fx) * fy;
      const across = fx * fy;
      const d000 = top * (1 - fz) * values[at];
      const d100 = right * (1 - fz) * values[at + 1];
      const d010 = under * (1 - fz) * values[at + width];
      const d110 = across * (1 - fz) * values[at + width + 1];
      const d001 = top * fz * values[at + plane];
      const d101 = right * fz * values[at + plane + 1];
      const d011 = under * fz * values[at + plane + width];
      const d111 = across * fz * values[at + plane + width + 1];
      const found = d000 + d100 + d010 + d110 + d001 + d101 + d011 + d111;
      if (found * spacing * STEP < THIN) continue;
      const through = Math.exp(-found * spacing * STEP);
      const share = transmittance * (1 - through);
      transmittance *= through;
      const c000 = d000 * decoded[at];
      const c100 = d100 * decoded[at + 1];
      const c010 = d010 * decoded[at + width];
      const c110 = d110 * decoded[at + width + 1];
      const c001 = d001 * decoded[at + plane];
      const c101 = d101 * decoded[at + plane + 1];
      const c011 = d011 * decoded[at + plane + width];
      const c111 = d111 * decoded[at + plane + width + 1];
      const coloured = c000 + c100 + c010 + c110 + c001 + c101 + c011 + c111;
      if (coloured === 0) continue;
      const weight = share / coloured;
      const p = 3 * at;
      const q = p + 3 * width;
      const r = p + 3 * plane;
      const s = r + 3 * width;
      red += weight * (c000 * colours[p] + c100 * colours[p + 3] + c010 * colours[q] + c110 * colours[q + 3] + c001 * colours[r] + c101 * colours[r + 3] + c011 * colours[s] + c111 * colours[s + 3]); // prettier-ignore
      green += weight * (c000 * colours[p + 1] + c100 * colours[p + 4] + c010 * colours[q + 1] + c110 * colours[q + 4] + c001 * colours[r + 1] + c101 * colours[r + 4] + c011 * colours[s + 1] + c111 * colours[s + 4]); // prettier-ignore
      blue += weight * (c000 * colours[p + 2] + c100 * colours[p + 5] + c010 * colours[q + 2] + c110 * colours[q + 5] + c001 * colours[r + 2] + c101 * colours[r + 5] + c011 * colours[s + 2] + c111 * colours[s + 5]); // prettier-ignore
      seen += share;
      if (own < COVERED && seen >= 1 - CLEAR) break;
    }
    if (seen < 1 - CLEAR) return false;
    into[0] = (own * red) / seen + 255 * laid[0];
    into[1] = (own * green) / seen + 255 * laid[1];
    into[2] = (own * blue) / seen + 255 * laid[2];
    return true;
  };
}

/**
 * The same looked at from nearer the front, where a surface faces it. A learned density is soft, and what shows of a face
 * lies somewhat below its surface: along the normals its features would spread outward and seem larger and blurred from
 * where people look at a portrait. The sides and the back keep their normals.
 */
export function fromTheFront(colourAt: ColourAt): ColourAt {
  return (x, y, z, nx, ny, nz, into) => {
    const ahead = nz + FRONT * Math.max(0, nz);
    const length = Math.sqrt(nx * nx + ny * ny + ahead * ahead);
    return colourAt(x, y, z, nx / length, ny / length, ahead / length, into);
  };
}

function within(share: number): number {
  return Math.min(1, Math.max(0, share));
}
