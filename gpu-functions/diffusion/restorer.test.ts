import { expect, test } from 'vitest';
import { cutRegion, placedRegion, regionShare } from './restorer.ts';

const REGION = { top: 8, left: 4, height: 20, width: 16 };
const SIZE = 32;

test('regions are cut out of planes, and put back', () => {
  const region = { top: 1, left: 2, height: 2, width: 1 };
  const planes = Float32Array.from({ length: 2 * 16 }, (_, i) => i);
  const cut = cutRegion(planes, 4, region);
  expect([...cut]).toEqual([6, 10, 22, 26]);
  const placed = placedRegion(cut, 4, region);
  expect([...placed]).toEqual([...planes].map((x) => ([6, 10, 22, 26].includes(x) ? x : 0)));
});

test('a region counts in its middle, and less towards its border', () => {
  const share = regionShare(SIZE, REGION);
  const at = (row: number, column: number) => share[row * SIZE + column]!;
  expect(at(18, 12)).toBe(1);
  expect([at(7, 12), at(28, 12), at(18, 3), at(18, 20)]).toEqual([0, 0, 0, 0]);
  expect(at(8, 12)).toBeCloseTo(1 / 12, 6);
  expect(at(18, 4)).toBeCloseTo(1 / 12, 6);
  expect(at(18, 5)).toBeCloseTo(3 / 12, 6);
});
