import { expect, it } from 'vitest';
import { emptyPicture } from '../picture.ts';
import { CAMERA } from '../render/testing/bust.ts';
import { emptyGrid } from './density-grid.ts';
import { BetweenSides, type HiddenSide } from './hidden-side.ts';
import { viewLabel } from './orbit.ts';
import type { PosedPicture } from './posed-picture.ts';

const SIZE = 64;
const RADIUS = 0.15;
const label = viewLabel(CAMERA, 0);
const grid = emptyGrid(0.18, 0.18, 37);

/** A red ball whose hidden side is blue, in the middle of the world. */
function ball(): { front: PosedPicture; hidden: HiddenSide } {
  const picture = emptyPicture(SIZE, SIZE);
  const [near, far] = [new Float32Array(SIZE * SIZE), new Float32Array(SIZE * SIZE)];
  const eye = [label[3], label[7], label[11]];
  for (let i = 0; i < SIZE * SIZE; i++) {
    const [column, row] = [i % SIZE, Math.floor(i / SIZE)];
    const across = (column + 0.5 - SIZE / 2) / (label[16] * SIZE);
    const down = (row + 0.5 - SIZE / 2) / (label[20] * SIZE);
    const ray = [0, 1, 2].map((k) => label[4 * k] * across + label[4 * k + 1] * down + label[4 * k + 2]);
    // |eye + t·ray|² = RADIUS²
    const [a, b, c] = [
      ray.reduce((sum, x) => sum + x * x, 0),
      ray.reduce((sum, x, k) => sum + x * eye[k], 0),
      eye.reduce((sum, x) => sum + x * x, 0) - RADIUS ** 2,
    ];
    const root = b * b - a * c;
    // Beside the ball both are where the ray passes it, as a network would go on.
    const half = Math.sqrt(Math.max(0, root));
    near[i] = (-b - half) / a;
    far[i] = (-b + half) / a;
    if (root <= 0) continue;
    picture.data[i] = picture.data[3 * SIZE * SIZE + i] = 1;
  }
  const colours = new Float32Array(3 * SIZE * SIZE);
  colours.fill(1, 2 * SIZE * SIZE);
  const hidden = { size: SIZE, near, far, colours };
  return { front: { picture, label, hidden }, hidden };
}

const { front, hidden } = ball();

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
  const middle = (z: number) => {
    const [i, j, k] = [0, 0, z].map((x, axis) => Math.round((x - grid.origin[axis]) / grid.spacing));
    return (k * grid.size[1] + j) * grid.size[0] + i;
  };
  expect(sides.behind(middle(0.14))).toBe(0);
  sides.colour(0, colour);
  expect([...colour]).toEqual([1, 0, 0]);
  expect(sides.behind(middle(-0.14))).toBe(1);
  sides.colour(1, colour);
  expect([...colour]).toEqual([0, 0, 1]);
});
