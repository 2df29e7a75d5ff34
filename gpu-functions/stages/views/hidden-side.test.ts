import { expect, it } from 'vitest';
import { CAMERA } from '../render/testing/bust.ts';
import { emptyGrid } from './density-grid.ts';
import { BetweenSides } from './hidden-side.ts';
import { viewLabel } from './orbit.ts';
import { front, hidden, RADIUS } from './testing/ball.ts';

const grid = emptyGrid(0.18, 0.18, 37);

const place = (index: number) => {
  const [nx, ny] = grid.size;
  const cell = [index % nx, Math.floor(index / nx) % ny, Math.floor(index / (nx * ny))];
  return cell.map((n, axis) => grid.origin[axis] + grid.spacing * n);
};

it('tells that what lies between both sides is full, and what lies before and behind is empty', () => {
  const { values, shares } = new BetweenSides(grid, front, hidden).densities();
  let wrong = 0;
  shares.forEach((share, i) => {
    const out = Math.hypot(...place(i)) - RADIUS;
    // Outlines are known to a pixel, which is somewhat more than a voxel.
    if (share > 0 && Math.abs(out) > 3 * grid.spacing && values[i] > 0 !== out < 0) wrong++;
  });
  expect(wrong).toBe(0);
});

it('tells nothing of what the frame cuts off', () => {
  const near = viewLabel({ ...CAMERA, focal: 4 * CAMERA.focal }, 0);
  const { shares } = new BetweenSides(grid, { ...front, label: near }, hidden).densities();
  const corner = shares[0];
  const middle = shares[(shares.length - 1) / 2];
  expect([corner, middle]).toEqual([0, 1]);
});

it('has the colour of the side that a point is nearer to', () => {
  const sides = new BetweenSides(grid, front, hidden);
  const colour = new Float64Array(3);
  expect(sides.behind(0, 0, 0.14)).toBe(0);
  sides.colour(0, colour);
  expect([...colour]).toEqual([1, 0, 0]);
  expect(sides.behind(0, 0, -0.14)).toBe(1);
  sides.colour(1, colour);
  expect([...colour]).toEqual([0, 0, 1]);
});
