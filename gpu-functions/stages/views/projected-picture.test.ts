import { expect, it } from 'vitest';
import type { Picture } from '../picture.ts';
import { bust, CAMERA } from '../render/testing/bust.ts';
import { viewLabel } from './orbit.ts';
import { projectedPicture, projections } from './projected-picture.ts';
import { voxelView } from './voxel-view.ts';
import type { Voxels } from './voxels.ts';

const SIZE = 128;
const plain = bust();

/** The same shape in stripes. */
function striped(): Voxels {
  const [width, height] = plain.density.size;
  const colours = plain.colours.map((_, i) => {
    const point = Math.floor(i / 3);
    const [x, y] = [point % width, Math.floor(point / width) % height];
    return 128 + 100 * Math.sin((i % 3 === 0 ? x : y) / 2);
  });
  return { ...plain, colours };
}

const stripes = striped();
const front = viewLabel(CAMERA, 0);
const projected = projectedPicture(voxelView(stripes, front, SIZE), voxelView(plain, front, SIZE), front);
const laidOver = { ...plain, projected: [projected] };

/** dB over the colours of the pixels that both cover, and that pass. */
function psnr(a: Picture, b: Picture, passes: (i: number) => boolean = () => true): number {
  const area = SIZE * SIZE;
  let [sum, count] = [0, 0];
  for (let i = 0; i < area; i++) {
    if (Math.min(a.data[3 * area + i], b.data[3 * area + i]) < 0.99 || !passes(i)) continue;
    for (let c = 0; c < 3; c++) sum += (a.data[c * area + i] - b.data[c * area + i]) ** 2;
    count += 3;
  }
  return -10 * Math.log10(Math.max(sum / count, 1e-10));
}

/** Pixels in the middle of the head. */
const within = (radius: number) => (i: number) =>
  Math.hypot((i % SIZE) - 64, Math.floor(i / SIZE) - 54) < radius;
const inHead = within(22);

it('shows the picture from where it was seen, and what it showed from elsewhere', () => {
  for (const [azimuth, radius, most, least] of [
    [0, 22, 40, 14],
    [30, 18, 24, 14],
    [-20, 20, 24, 14],
  ]) {
    const label = viewLabel(CAMERA, azimuth);
    const wanted = voxelView(stripes, label, SIZE);
    expect(psnr(voxelView(laidOver, label, SIZE), wanted, within(radius))).toBeGreaterThan(most);
    expect(psnr(voxelView(plain, label, SIZE), wanted, within(radius))).toBeLessThan(least);
  }
});

it('shows less of slopes to those who look from elsewhere', () => {
  const [x, y, z] = [0.2, 0, 0.15];
  const share = (viewer?: ArrayLike<number>) =>
    projections([projected], viewer)(x, y, z, new Float64Array(3));
  const [there, anyone, aside] = [share(front), share(), share(viewLabel(CAMERA, 60))];
  expect(there).toBeGreaterThan(anyone + 0.05);
  expect(anyone).toBeGreaterThan(aside + 0.05);
});

it('leaves the shape, the other side and the outline as they were', () => {
  for (const azimuth of [0, 60, 180]) {
    const label = viewLabel(CAMERA, azimuth);
    const [after, before] = [voxelView(laidOver, label, SIZE), voxelView(plain, label, SIZE)];
    expect(after.data.subarray(3 * SIZE * SIZE)).toEqual(before.data.subarray(3 * SIZE * SIZE));
    expect(after.distances).toEqual(before.distances);
  }
  const behind = viewLabel(CAMERA, 180);
  const [after, own] = [voxelView(laidOver, behind, SIZE), voxelView(plain, behind, SIZE)];
  const changed = Array.from({ length: SIZE * SIZE }, (_, i) => i).filter((i) =>
    [0, 1, 2].some((c) => Math.abs(after.data[c * SIZE * SIZE + i] - own.data[c * SIZE * SIZE + i]) > 1e-3),
  );
  expect(changed.filter(inHead)).toEqual([]);
  // The floater is thinner than the test of depth is exact, and so is the neck at its outline.
  expect(changed.length).toBeLessThan(0.005 * SIZE * SIZE);
  const edge = projected.texels.filter((_, i) => i % 4 === 3 && projected.distances[i >> 2] === 0);
  expect(Math.max(...edge)).toBe(0);
});

it('counts nothing outside of the picture, behind the camera, or behind what was seen', () => {
  const at = projections([projected]);
  const colour = new Float64Array(3);
  expect(at(0, 0, 0.25, colour)).toBeCloseTo(1, 3);
  for (const [x, y, z] of [
    [0, 0, -0.25],
    [0, 0, 0.1],
    [2, 0, 0],
    [0, 0, 5],
  ]) {
    const before = colour.slice();
    expect(at(x, y, z, colour)).toBe(0);
    expect(colour).toEqual(before);
  }
});

/** The projection in one red, which counts three quarters. */
const painted = (red: number) => ({
  ...projected,
  texels: projected.texels.map((_, i) => (i % 4 === 3 ? 0.75 : i % 4 === 0 ? 0.75 * red : 0)),
});

it('lets the first of several pictures count most', () => {
  const colour = new Float64Array(3);
  const share = projections([painted(1), painted(0.5)])(0, 0, 0.25, colour);
  expect(share).toBeCloseTo(0.75 + 0.25 * 0.75, 5);
  expect(colour[0]).toBeCloseTo(0.75 + 0.25 * 0.75 * 0.5, 5);
});
