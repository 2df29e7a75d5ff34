import { expect, test } from 'vitest';
import { cameraLabel, FOCAL, orbit, project } from './camera.ts';

const FRONT = orbit({ azimuth: 0, elevation: 0 });

test('the subject’s left (+x) is on the picture’s right from the front and on its left from behind', () => {
  expect(project(FRONT, [0.2, 0, 0], 128)[0]).toBeGreaterThan(64);
  expect(project(orbit({ azimuth: Math.PI, elevation: 0 }), [0.2, 0, 0], 128)[0]).toBeLessThan(64);
});

test('up is at the picture’s top, and the look-at point in its middle from every side', () => {
  expect(project(FRONT, [0, 0.2, 0], 128)[1]).toBeLessThan(64);
  const [x, y] = project(orbit({ azimuth: 2.1, elevation: 0.3 }), [0, -0.06, 0], 128);
  expect(x).toBeCloseTo(64, 9);
  expect(y).toBeCloseTo(64, 9);
});

test('a positive azimuth shows the subject’s left side', () => {
  const { position } = orbit({ azimuth: Math.PI / 2, elevation: 0 });
  expect(position[0]).toBeCloseTo(2.7, 9);
  expect(position[2]).toBeCloseTo(0, 9);
});

test('the 25-number label projects like the camera it describes', () => {
  const camera = orbit({ azimuth: 0.7, elevation: -0.2 });
  const label = cameraLabel(camera);
  expect(label).toHaveLength(25);
  const point = [0.1, 0.15, 0.2] as const;
  // world to camera: the transpose of the rotation applied to point − position
  const local = [0, 1, 2].map((column) =>
    [0, 1, 2].reduce((sum, row) => sum + label[4 * row + column] * (point[row] - label[4 * row + 3]), 0),
  );
  const pixel = [0, 1].map((axis) => (label[16 + 4 * axis] * (local[axis] / local[2]) + 0.5) * 256);
  const [x, y] = project(camera, [...point], 256);
  expect(pixel[0]).toBeCloseTo(x, 9);
  expect(pixel[1]).toBeCloseTo(y, 9);
  expect(label[16]).toBe(FOCAL);
});
