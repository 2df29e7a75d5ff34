import { expect, it } from 'vitest';
import type { Picture } from '../picture.ts';
import { bust, CAMERA, HEAD } from '../render/testing/bust.ts';
import { carved } from './carved.ts';
import { viewLabel } from './orbit.ts';
import { voxelView } from './voxel-view.ts';

const SIZE = 128;
/** Pixels that a voxel is wide, and a little. */
const VOXEL = 3;
const whole = bust();
const front = viewLabel(CAMERA, 0);
const seen = voxelView(whole, front, SIZE);

/** The picture with another alpha where a pixel passes. */
function withAlpha(picture: Picture, alpha: number, passes: (row: number, column: number) => boolean) {
  const data = picture.data.slice();
  for (let i = 0; i < SIZE * SIZE; i++) {
    if (passes(Math.floor(i / SIZE), i % SIZE)) data[3 * SIZE * SIZE + i] = alpha;
  }
  return { ...picture, data };
}

const alphaOf = ({ data }: Picture) => data.subarray(3 * SIZE * SIZE);

/** The density at a place. */
function densityAt(voxels: typeof whole, x: number, y: number, z: number): number {
  const { size, origin, spacing, values } = voxels.density;
  const [i, j, k] = [x, y, z].map((place, axis) => Math.round((place - origin[axis]) / spacing));
  return values[(k * size[1] + j) * size[0] + i];
}

it('empties what projects outside of the outline, through and through, and nothing else', () => {
  // The left half of the picture shows nobody.
  const half = carved(whole, [
    { picture: withAlpha(seen, 0, (_, column) => column < SIZE / 2), label: front },
  ]);
  for (const z of [0.15, 0, -0.15]) {
    expect(densityAt(whole, -0.12, 0, z)).toBeGreaterThan(0);
    expect(densityAt(half, -0.12, 0, z)).toBe(0);
    expect(densityAt(half, 0.12, 0, z)).toBe(densityAt(whole, 0.12, 0, z));
  }
  const [after, before] = [half, whole].map((voxels) => alphaOf(voxelView(voxels, front, SIZE)));
  after.forEach((alpha, i) => {
    const [row, column] = [Math.floor(i / SIZE), i % SIZE];
    if (row >= SIZE - VOXEL) return; // the frame cuts it off
    if (column < SIZE / 2 - VOXEL) expect(alpha).toBeLessThan(0.01);
    if (column > SIZE / 2 + VOXEL && before[i] > 0.9) expect(alpha).toBeGreaterThan(before[i] - 0.02);
  });
});

it('leaves what it is given to be, where the picture is of that', () => {
  const same = carved(whole, [{ picture: seen, label: front }]);
  for (const azimuth of [0, 60, 180]) {
    const label = viewLabel(CAMERA, azimuth);
    const [after, before] = [same, whole].map((voxels) => alphaOf(voxelView(voxels, label, SIZE)));
    const changed = after.filter((alpha, i) => Math.abs(alpha - before[i]) > 0.5).length;
    expect(changed / after.filter((alpha) => alpha > 0.5).length).toBeLessThan(0.01);
  }
});

it('does not take a hole in somebody for nothing', () => {
  const picture = withAlpha(seen, 0, (row, column) => Math.hypot(row - 54, column - 64) < 6);
  const after = carved(whole, [{ picture, label: front }]);
  expect(densityAt(after, 0, 0, HEAD - 0.03)).toBe(densityAt(whole, 0, 0, HEAD - 0.03));
});

it('is the shape itself without pictures', () => {
  expect(carved(whole, []).density.values).toEqual(whole.density.values);
});
