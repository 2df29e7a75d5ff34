import { expect, it } from 'vitest';
import { blurred, enlarged, shrunk } from './planes.ts';

it('shrinks planes by averaging, channel by channel', () => {
  const planes = Float32Array.from({ length: 2 * 16 }, (_, i) => i);
  // Rows of 4: the first four cells of a channel hold 0, 1, 4, 5.
  expect([...shrunk(planes, 4, 2)]).toEqual([2.5, 4.5, 10.5, 12.5, 18.5, 20.5, 26.5, 28.5]);
  expect(shrunk(planes, 4, 4)).toBe(planes);
});

it('enlarges planes linearly between pixel centres, and what was shrunk is again what it was', () => {
  const planes = Float32Array.of(0, 4, 8, 12, 1, 1, 1, 1);
  const found = enlarged(planes, 2, 4);
  expect([...found.subarray(0, 8)]).toEqual([0, 1, 3, 4, 2, 3, 5, 6]);
  expect([...found.subarray(16)]).toEqual(Array.from({ length: 16 }, () => 1));
  expect([...shrunk(found, 4, 2)]).toEqual([1.5, 4.5, 7.5, 10.5, 1, 1, 1, 1]);
  expect(enlarged(planes, 2, 2)).toBe(planes);
});

it('blurs planes and keeps their mean, edges being repeated', () => {
  const planes = Float32Array.of(0, 0, 0, 0, 16, 0, 0, 0, 0, 3, 3, 3, 3, 3, 3, 3, 3, 3);
  const found = blurred(planes, 3, 1);
  expect([...found.subarray(0, 9)]).toEqual([1, 2, 1, 2, 4, 2, 1, 2, 1]);
  expect([...found.subarray(9)]).toEqual(Array.from({ length: 9 }, () => 3));
  expect(blurred(planes, 3, 0)).toBe(planes);
});
