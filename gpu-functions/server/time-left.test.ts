import { expect, test } from 'vitest';
import { TimeLeft } from './time-left.ts';

test('nothing is known before there is a pace', () => {
  const left = new TimeLeft();
  expect(left.report(0, 0)).toBeNull();
  expect(left.report(5, 0)).toBeNull();
  expect(left.report(10, 0.1)).toBeNull();
  expect(left.report(11, 0.2)).toBe(8);
});

test('a steady pace is followed to the end, and between reports time passes', () => {
  const left = new TimeLeft();
  for (let second = 0; second <= 10; second++) left.report(second, second / 20);
  expect(left.report(12, 12 / 20)).toBeCloseTo(8, 5);
  expect(left.at(15)).toBeCloseTo(5, 5);
  expect(left.at(60)).toBe(0);
});

test('the wait before the first progress does not count, and a resumed run is judged by its own pace', () => {
  const left = new TimeLeft();
  left.report(0, 0.5);
  left.report(60, 0.51);
  expect(left.report(61, 0.52)).toBeCloseTo(48, 5);
});

test('a new pace is believed after some seconds', () => {
  const left = new TimeLeft();
  for (let second = 0; second <= 50; second++) left.report(second, second / 100);
  for (let second = 51; second <= 90; second++) left.report(second, 0.5 + (second - 50) / 1000);
  expect(left.at(90)).toBeCloseTo(460, 0);
});

test('reports that come in bursts are measured over several bursts', () => {
  const left = new TimeLeft();
  // Five steps of a hundred every ten seconds: two seconds a step.
  for (let burst = 0; burst <= 6; burst++) {
    for (let step = 1; step <= 5; step++) left.report(burst * 10 + step / 1000, (burst * 5 + step) / 100);
  }
  expect(left.at(60)).toBeGreaterThan(90);
  expect(left.at(60)).toBeLessThan(190);
});
