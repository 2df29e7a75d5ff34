import { expect, test } from 'vitest';
import { identitySeed } from './format.ts';

test('datasets of different seeds share no people', () => {
  expect(identitySeed(0, 999_999)).toBeLessThan(identitySeed(2, 0));
  expect(() => identitySeed(0, 1_000_000)).toThrow(/second --seed/);
});

test('the people that models are judged by are in no dataset', () => {
  expect(() => identitySeed(1, 0)).toThrow(/judged by/);
});
