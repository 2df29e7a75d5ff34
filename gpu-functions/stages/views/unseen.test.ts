import { expect, it } from 'vitest';
import { unseenShare } from './unseen.ts';

it('keeps the front, frees the back, and grows between, the same on both sides', () => {
  expect([0, 20, -20, 360].map(unseenShare)).toEqual([0, 0, 0, 0]);
  expect([90, 180, -180, 270, -100].map(unseenShare)).toEqual([1, 1, 1, 1, 1]);
  expect(unseenShare(60)).toBeGreaterThan(unseenShare(40));
  expect(unseenShare(300)).toBeCloseTo(unseenShare(60));
});
