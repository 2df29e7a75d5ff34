import { expect, it } from 'vitest';
import { outlineDistances, REACH } from './outline.ts';

const SIDE = 32;

/** Alpha that rises over some pixels around an outline, which others lie this far inside of. */
const covered = (inside: (row: number, column: number) => number): Float32Array =>
  Float32Array.from({ length: SIDE * SIDE }, (_, i) =>
    Math.min(1, Math.max(0, 0.5 + 0.4 * inside(Math.floor(i / SIDE), i % SIDE))),
  );

/** The largest difference from the true distances, where these are told, and the frame hides none of the outline. */
function missed(inside: (row: number, column: number) => number): number {
  const found = outlineDistances(covered(inside), SIDE);
  return Math.max(
    ...found.map((distance, i) => {
      const [row, column] = [Math.floor(i / SIDE), i % SIDE];
      if (Math.min(row, column, SIDE - 1 - row, SIDE - 1 - column) < REACH) return 0;
      const wanted = inside(row, column);
      return Math.abs(distance - Math.min(REACH, Math.max(-REACH, wanted)));
    }),
  );
}

it('tells how far pixels are from an upright outline between pixels, and on which side', () => {
  expect(missed((_, column) => column - 12.3)).toBeLessThan(1e-5);
});

it('tells it of slopes and of circles to a part of a pixel', () => {
  expect(missed((row, column) => (row + 2 * column - 40.7) / Math.sqrt(5))).toBeLessThan(0.1);
  expect(missed((row, column) => 9.4 - Math.hypot(row - 15.2, column - 16.9))).toBeLessThan(0.1);
});

/** Every distance that is told of an alpha all of whose pixels lie this far inside. */
const distancesOf = (inside: number): Set<number> => {
  const alpha = covered(() => inside);
  return new Set(outlineDistances(alpha, SIDE));
};

it('has no outline where the frame cuts somebody off, nor where nobody is', () => {
  expect(distancesOf(9)).toEqual(new Set([REACH]));
  expect(distancesOf(-9)).toEqual(new Set([-REACH]));
});
