import { expect, test } from 'vitest';
import { random, weighted } from './random.ts';

test('neighbouring seeds and different streams are different sequences', () => {
  const first = Array.from({ length: 2000 }, (_, seed) => random(seed, 'look')());
  expect(new Set(first).size).toBe(2000);
  expect(random(7, 'views')()).not.toBe(random(7, 'look')());
});

test('the same seed and stream repeat', () => {
  expect(random(3, 'look')()).toBe(random(3, 'look')());
});

test('weights are honoured', () => {
  const next = random(1, 'weights');
  let heads = 0;
  for (let i = 0; i < 4000; i++) if (weighted(next, { heads: 3, tails: 1 }) === 'heads') heads++;
  expect(heads / 4000).toBeCloseTo(0.75, 1);
});
