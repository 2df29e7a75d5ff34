import { expect, it } from 'vitest';
import { SIDE_DEPTH_GAIN } from '../../portrait/index.ts';
import { CAMERA } from '../render/testing/bust.ts';
import { BothSides } from './hidden-side.ts';
import { viewLabel } from './orbit.ts';
import { projectedSides } from './projected-sides.ts';
import { front, hidden, RADIUS } from './testing/ball.ts';

const SIZE = 48;
const AREA = SIZE * SIZE;
const planes = projectedSides(new BothSides(front, hidden), viewLabel(CAMERA, 90), CAMERA.radius, SIZE);
const at = (column: number, row: number) => row * SIZE + column;
const pixel = (i: number) => [0, 1, 2, 3].map((c) => Math.round(100 * planes[c * AREA + i]) / 100);

it('shows a ball from the side: the near half in the colour of the picture, the far one in that of what it hides', () => {
  const middle = SIZE / 2;
  // From the left the front is to the left.
  expect(pixel(at(middle - 5, middle))).toEqual([1, -1, -1, 1]);
  expect(pixel(at(middle + 5, middle))).toEqual([-1, -1, 1, 1]);
  expect(pixel(at(1, middle))).toEqual([1, 1, 1, -1]);
});

it('knows how far the ball is, and how large', () => {
  const middle = at(SIZE / 2, SIZE / 2);
  expect(planes[4 * AREA + middle] / SIDE_DEPTH_GAIN).toBeCloseTo(-RADIUS, 1);
  const covered = planes.subarray(3 * AREA, 4 * AREA).reduce((sum, x) => sum + (x + 1) / 2, 0);
  const radius = (CAMERA.focal * SIZE * RADIUS) / CAMERA.radius;
  expect(covered / (Math.PI * radius ** 2)).toBeCloseTo(1, 1);
});
