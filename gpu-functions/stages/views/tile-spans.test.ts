import { expect, it } from 'vitest';
import { MINI } from '../../portrait/index.ts';
import { cameraRays } from './camera-rays.ts';
import { emptyGrid, allPoints, gridPoints } from './density-grid.ts';
import { viewLabel } from './orbit.ts';
import { tileSpans } from './tile-spans.ts';
import { cellsOf } from './voxel-cells.ts';

const TILES = 12;
const PER_TILE = 4;

it.each([
  [0, 0],
  [75, 40],
])('no ray meets anything outside its span (azimuth %d°, elevation %d°)', (azimuth, elevation) => {
  const grid = emptyGrid(0.4, 0.5, 33);
  const points = gridPoints(grid, allPoints(grid));
  for (let i = 0; i < grid.values.length; i++) {
    const [x, y, z] = points.subarray(3 * i, 3 * i + 3);
    grid.values[i] =
      Math.hypot(x - 0.1, y - 0.2, z) < 0.12 || Math.hypot(x + 0.3, y + 0.4, z + 0.3) < 0.06 ? 50 : 0;
  }
  const label = viewLabel(MINI.camera, azimuth, elevation);
  const { near, far } = tileSpans(cellsOf(grid), label, TILES);
  const rays = cameraRays(label, TILES * PER_TILE);
  let met = 0;
  for (let ray = 0; ray < rays.count; ray++) {
    const row = Math.floor(ray / (TILES * PER_TILE) / PER_TILE);
    const tile = row * TILES + Math.floor((ray % (TILES * PER_TILE)) / PER_TILE);
    for (let t = 2; t < 3.5; t += 0.01) {
      const at = [0, 1, 2].map((axis) =>
        Math.round(
          (rays.origins[3 * ray + axis] + t * rays.directions[3 * ray + axis] - grid.origin[axis]) /
            grid.spacing,
        ),
      );
      if (at.some((index, axis) => index < 0 || index >= grid.size[axis])) continue;
      if (grid.values[(at[2] * grid.size[1] + at[1]) * grid.size[0] + at[0]] === 0) continue;
      met++;
      expect(t).toBeGreaterThanOrEqual(near[tile]);
      expect(t).toBeLessThanOrEqual(far[tile]);
    }
  }
  expect(met).toBeGreaterThan(100);
  expect(near.filter((distance) => distance === Infinity).length).toBeGreaterThan((TILES * TILES) / 3);
});
