import { expect, test } from 'vitest';
import { cutRegion, fadedRegion } from './face-restorer.ts';

const REGION = { top: 8, left: 4, height: 20, width: 16 };
const SIZE = 32;

test('regions are cut out of planes', () => {
  const planes = Float32Array.from({ length: 2 * 16 }, (_, i) => i);
  expect([...cutRegion(planes, 4, { top: 1, left: 2, height: 2, width: 1 })]).toEqual([6, 10, 22, 26]);
});

test('a change stays in its region, is whole in the middle and fades out towards the border', () => {
  const area = REGION.height * REGION.width;
  const change = new Float32Array(2 * area).fill(1, area).fill(-3, 0, area);
  const planes = fadedRegion(change, SIZE, REGION);
  expect(planes).toHaveLength(2 * SIZE ** 2);
  const at = (plane: number, row: number, column: number) => planes[(plane * SIZE + row) * SIZE + column]!;
  expect([at(0, 18, 12), at(1, 18, 12)]).toEqual([-3, 1]);
  expect([at(1, 7, 12), at(1, 28, 12), at(1, 18, 3), at(1, 18, 20)]).toEqual([0, 0, 0, 0]);
  expect(at(1, 8, 12)).toBeCloseTo(1 / 12, 6);
  expect(at(1, 18, 4)).toBeCloseTo(1 / 12, 6);
  expect(at(1, 18, 5)).toBeCloseTo(3 / 12, 6);
  // What is cut out again is what was put in, where it had not to fade.
  const again = cutRegion(planes, SIZE, REGION);
  const middle = (REGION.height / 2) * REGION.width + REGION.width / 2;
  expect(again[middle]).toBe(-3);
});
