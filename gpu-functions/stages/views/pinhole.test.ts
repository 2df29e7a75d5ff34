import { expect, it } from 'vitest';
import { CAMERA } from '../render/testing/bust.ts';
import { cameraRays } from './camera-rays.ts';
import { viewLabel } from './orbit.ts';
import { Pinhole } from './pinhole.ts';

const SIDE = 16;

it('finds a point of a ray in the pixel that the ray is of, and how far it is along the axis', () => {
  for (const [azimuth, elevation] of [
    [0, 0],
    [130, 20],
  ]) {
    const label = viewLabel(CAMERA, azimuth, elevation);
    const { origins, directions } = cameraRays(label, SIDE);
    const pinhole = new Pinhole(label, SIDE);
    for (let ray = 0; ray < SIDE * SIDE; ray++) {
      const [column, row] = [ray % SIDE, Math.floor(ray / SIDE)];
      const [x, y, z] = [0, 1, 2].map((axis) => origins[3 * ray + axis] + 2.5 * directions[3 * ray + axis]);
      pinhole.look(x, y, z);
      expect(pinhole.column).toBeCloseTo(column, 3);
      expect(pinhole.row).toBeCloseTo(row, 3);
      const cosine = [0, 1, 2].reduce((sum, k) => sum + directions[3 * ray + k] * label[4 * k + 2], 0);
      expect(pinhole.ahead / cosine).toBeCloseTo(2.5, 5);
    }
  }
});

it('does not look at what is behind the camera, or beside its picture', () => {
  const pinhole = new Pinhole(viewLabel(CAMERA, 0), SIDE);
  expect(pinhole.look(0, 0, 0)).toBe(true);
  expect(pinhole.look(0, 0, 10)).toBe(false);
  expect(pinhole.look(2, 0, 0)).toBe(false);
});
