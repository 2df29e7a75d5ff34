import { cameraRays } from '../../views/camera-rays.ts';
import type { DensityGrid } from '../../views/density-grid.ts';
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
      const { depth, most } = look(
        density,
        rays.origins,
        rays.directions,
        ray,
        clipToGrid(density, rays, ray),
      );
      if (most > 0) (1 - Math.exp(-depth) > 0.5 ? opaque : clear).push(most);
    }
  }
  return bestThreshold(opaque, clear);
}

/** Optical depth and largest density along a ray. */
function look(
  { size: [nx, ny, nz], origin, spacing, values }: DensityGrid,
  origins: Float32Array,
  directions: Float32Array,
  ray: number,
  span: [number, number] | undefined,
): { depth: number; most: number } {
  let [depth, most] = [0, 0];
  if (!span) return { depth, most };
  const at = [0, 1, 2].map((axis) => (origins[3 * ray + axis] - origin[axis]) / spacing + 0.5);
  const [dx, dy, dz] = directions.subarray(3 * ray, 3 * ray + 3);
  for (let t = span[0] / spacing; t < span[1] / spacing; t++) {
    const i = Math.min(nx - 1, Math.max(0, Math.floor(at[0] + t * dx)));
    const j = Math.min(ny - 1, Math.max(0, Math.floor(at[1] + t * dy)));
    const k = Math.min(nz - 1, Math.max(0, Math.floor(at[2] + t * dz)));
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
