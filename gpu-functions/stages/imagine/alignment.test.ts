import { expect, it } from 'vitest';
import { emptyPicture, type Picture } from '../picture.ts';
import { measureAlignment } from './alignment.ts';

function discs(size: number, ...parts: [x: number, y: number, radius: number][]): Picture {
  const picture = emptyPicture(size, size);
  for (let i = 0; i < size * size; i++) {
    const inside = parts.some(([x, y, r]) => Math.hypot((i % size) - x, Math.floor(i / size) - y) < r);
    picture.data[3 * size * size + i] = inside ? 1 : 0;
  }
  return picture;
}

const centred = discs(64, [31.5, 36, 22]);

it('likes one subject in the middle', () => {
  const { score, connected, offset } = measureAlignment(centred);
  expect(connected).toBe(1);
  expect(offset).toBeLessThan(0.01);
  expect(score).toBeGreaterThan(0.9);
});

it.each([
  ['off the middle', discs(64, [46, 36, 22])],
  ['in two pieces', discs(64, [16, 40, 13], [48, 40, 13])],
  ['much too small', discs(64, [31.5, 36, 6])],
  ['filling everything', discs(64, [32, 32, 60])],
  ['nothing at all', discs(64)],
])('likes a subject %s less', (_, picture) => {
  expect(measureAlignment(picture).score).toBeLessThan(measureAlignment(centred).score - 0.05);
});
