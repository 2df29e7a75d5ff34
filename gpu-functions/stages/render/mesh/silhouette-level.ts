import { cameraRays, type Rays } from '../../views/camera-rays.ts';
import { clampInt, type DensityGrid } from '../../views/density-grid.ts';
import { clipToGrid } from '../../views/depth-plan.ts';

const SIZE = 64;

/**
 * The density at which a surface has the outlines that the volume shows to some cameras: of their rays, those that meet
 * more than it anywhere are, as nearly as can be, those that are more opaque than not. A learned density rises over
 * centimetres, and how far differs from network to network, so no fixed level fits.
 */
export function silhouetteLevel(density: DensityGrid, labels: readonly ArrayLike<number>[]): number {
  const opaque: number[] = [];
  const clear: number[] = [];
  for (const label of labels) {
    const rays = cameraRays(label, SIZE);
    for (let ray = 0; ray < rays.count; ray++) {
      const { depth, most } = look(density, rays, ray, clipToGrid(density, rays, ray));
      if (most > 0) (1 - Math.exp(-depth) > 0.5 ? opaque : clear).push(most);
    }
  }
  return bestThreshold(opaque, clear);
}

/** Optical depth and largest density along a ray. */
function look(
  { size, origin, spacing, values }: DensityGrid,
  { origins, directions }: Rays,
  ray: number,
  span: [number, number] | undefined,
): { depth: number; most: number } {
  let depth = 0;
  let most = 0;
  if (!span) return { depth, most };
  const nx = size[0];
  const ny = size[1];
  const nz = size[2];
  const dx = directions[3 * ray];
  const dy = directions[3 * ray + 1];
  const dz = directions[3 * ray + 2];
  const sx = (origins[3 * ray] - origin[0]) / spacing + 0.5;
  const sy = (origins[3 * ray + 1] - origin[1]) / spacing + 0.5;
  const sz = (origins[3 * ray + 2] - origin[2]) / spacing + 0.5;
  const end = span[1] / spacing;
  for (let t = span[0] / spacing; t < end; t++) {
    const i = clampInt(sx + t * dx, nx - 1);
    const j = clampInt(sy + t * dy, ny - 1);
    const k = clampInt(sz + t * dz, nz - 1);
    const found = values[(k * ny + j) * nx + i];
    depth += found * spacing;
    if (found > most) most = found;
  }
  return { depth, most };
}

/** The value that has most of `above` above it and most of `below` not. @throws Error when nothing is above */
function bestThreshold(above: readonly number[], below: readonly number[]): number {
  if (above.length === 0) throw new Error('the tri-grid shows nobody: every view of it is empty');
  const marks = [...above.map((value) => [value, 1]), ...below.map((value) => [value, -1])];
  marks.sort((a, b) => a[0] - b[0]);
  let [wrong, least, level] = [below.length, below.length, marks[0][0] / 2];
  marks.forEach(([value, side], i) => {
    wrong += side;
    const next = marks[i + 1]?.[0] ?? value;
    if (wrong < least && next > value) [least, level] = [wrong, (value + next) / 2];
  });
  return level;
}
