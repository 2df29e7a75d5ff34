import { expect, it } from 'vitest';
import { interleaved, median, peakGrowth } from './measure.ts';

it('takes the middle, or the mean of the two in the middle', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
});

it('runs works in turn, the first round uncounted, and shares a run among what it does', async () => {
  const order: string[] = [];
  const told = [100, 8, 12];
  const results = await interleaved(
    [
      {
        name: 'a',
        times: 2,
        run: () => {
          order.push('a');
          return Promise.resolve(told.shift());
        },
      },
      { name: 'b', run: () => Promise.resolve(order.push('b') && undefined) },
    ],
    2,
  );
  expect(order.join('')).toBe('ababab');
  expect(results[0]).toMatchObject({ name: 'a', ms: 5 });
  expect(results[1].ms).toBeGreaterThan(0);
});

it.runIf(process.platform === 'linux')('sees what a work held at its peak', async () => {
  const size = 2 ** 26;
  const { result, bytes } = await peakGrowth(() => Promise.resolve(new Uint8Array(size).fill(1).length));
  expect(result).toBe(size);
  expect(bytes).toBeGreaterThan(0.9 * size);
});
