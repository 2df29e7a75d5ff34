import { expect, it } from 'vitest';
import { shrunk } from './vae-pictures.ts';

it('shrinks planes by averaging, channel by channel', () => {
  const planes = Float32Array.from({ length: 2 * 16 }, (_, i) => i);
  // Rows of 4: the first four cells of a channel hold 0, 1, 4, 5.
  expect([...shrunk(planes, 4, 2)]).toEqual([2.5, 4.5, 10.5, 12.5, 18.5, 20.5, 26.5, 28.5]);
  expect(shrunk(planes, 4, 4)).toBe(planes);
});
