import { expect, it } from 'vitest';
import { azimuthAt, unseenShare } from './unseen.ts';

it('keeps the front, frees the back, and grows between, the same on both sides', () => {
  expect([0, 20, -20, 360].map(unseenShare)).toEqual([0, 0, 0, 0]);
  expect([90, 180, -180, 270, -100].map(unseenShare)).toEqual([1, 1, 1, 1, 1]);
  expect(unseenShare(60)).toBeGreaterThan(unseenShare(40));
  expect(unseenShare(300)).toBeCloseTo(unseenShare(60));
});

it('looks from where most is free to change, and from everywhere', () => {
  const count = 1000;
  const azimuths = Array.from({ length: count }, (_, i) => azimuthAt((i + 0.5) / count, 0.1));
  const within = (from: number, to: number) =>
    azimuths.filter((a) => a >= from && a < to).length / (to - from);
  expect(within(0, 20) / within(100, 180)).toBeCloseTo(0.1, 1);
  expect(within(190, 270)).toBeCloseTo(within(90, 170), 1);
  expect(azimuthAt(0, 0.1)).toBe(0);
  expect(azimuthAt(0.5, 0.1)).toBeCloseTo(180, 5);
  expect(azimuths).toEqual(azimuths.toSorted((a, b) => a - b));
  // All alike where the front counts as much.
  expect(azimuthAt(0.25, 1)).toBeCloseTo(90, 5);
});
