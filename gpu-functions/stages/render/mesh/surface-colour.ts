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
    const px = (x - origin[0]) / spacing;
    const py = (y - origin[1]) / spacing;
    const pz = (z - origin[2]) / spacing;
    let red = 0;
    let green = 0;
    let blue = 0;
    let transmittance = 1;
    let seen = 0;
    for (let t = -START; t < DEPTH && transmittance > OPAQUE; t += STEP) {
      const i = clampInt(px - t * nx, width - 2);
      const j = clampInt(py - t * ny, height - 2);
      const k = clampInt(pz - t * nz, depth - 2);
      const fx = within(px - t * nx - i);
      const fy = within(py - t * ny - j);
      const fz = within(pz - t * nz - k);
      const base = k * plane + j * width + i;
      let found = 0;
      let coloured = 0;
      let r = 0;
      let g = 0;
      let b = 0;
      for (let corner = 0; corner < 8; corner++) {
        const at = base + (corner & 1) + (corner & 2 ? width : 0) + (corner & 4 ? plane : 0);
        const density = values[at];
        if (density === 0) continue;
        const weight =
          (corner & 1 ? fx : 1 - fx) * (corner & 2 ? fy : 1 - fy) * (corner & 4 ? fz : 1 - fz) * density;
        found += weight;
        if (decoded[at] === 0) continue;
        coloured += weight;
        r += weight * colours[3 * at];
        g += weight * colours[3 * at + 1];
        b += weight * colours[3 * at + 2];
      }
      if (found === 0) continue;
      const through = Math.exp(-found * spacing * STEP);
      const share = transmittance * (1 - through);
      transmittance *= through;
      if (coloured === 0) continue;
      red += (share * r) / coloured;
      green += (share * g) / coloured;
      blue += (share * b) / coloured;
      seen += share;
    }
    if (seen < 1 - CLEAR) return false;
    const own = laidAt ? 1 - laidAt(x, y, z, laid.fill(0)) : 1;
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
    const length = Math.hypot(nx, ny, ahead);
    return colourAt(x, y, z, nx / length, ny / length, ahead / length, into);
  };
}

function within(share: number): number {
  return Math.min(1, Math.max(0, share));
}
