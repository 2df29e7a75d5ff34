import { expect, test } from 'vitest';
import { TimeLeft } from './time-left.ts';

test('nothing is known before the first progress', () => {
  const left = new TimeLeft();
  expect(left.report(0, 0)).toBeNull();
  expect(left.report(5, 0)).toBeNull();
  expect(left.report(10, 0.5)).toBe(10);
});

test('a steady pace is followed to the end, and between reports time passes', () => {
  const left = new TimeLeft();
  for (let second = 0; second <= 10; second++) left.report(second, second / 20);
  expect(left.report(12, 12 / 20)).toBeCloseTo(8, 5);
  expect(left.at(15)).toBeCloseTo(5, 5);
  expect(left.at(60)).toBe(0);
});

test('a slow start is forgotten, and a resumed run is judged by its own speed', () => {
  const left = new TimeLeft();
  left.report(0, 0.5);
  left.report(30, 0.51);
  for (let step = 1; step <= 20; step++) left.report(30 + step, 0.51 + step / 100);
  expect(left.at(50)).toBeGreaterThan(28);
  expect(left.at(50)).toBeLessThan(35);
});
