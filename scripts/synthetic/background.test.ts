import { expect, test } from 'vitest';
import { paintBackground } from './background.ts';

const SIZE = 4;
/** Opaque red on the left, nothing on the right. */
const picture = (): Uint8Array =>
  Uint8Array.from({ length: SIZE * SIZE * 4 }, (_, i) => {
    const left = (i >> 2) % SIZE < SIZE / 2;
    return left ? [200, 10, 10, 255][i & 3] : 0;
  });

test('a person stays as they are, and nothing stays transparent', () => {
  for (const kind of ['plain', 'gradient'] as const) {
    const pixels = picture();
    paintBackground(pixels, SIZE, kind, 3);
    expect([...pixels.subarray(0, 4)]).toEqual([200, 10, 10, 255]);
    for (let i = 3; i < pixels.length; i += 4) expect(pixels[i]).toBe(255);
  }
});

/** The background's colours in the first row and the last. */
const painted = (kind: 'plain' | 'gradient', seed: number) => {
  const pixels = picture();
  paintBackground(pixels, SIZE, kind, seed);
  const at = (row: number) => [...pixels.subarray((row * SIZE + 3) * 4, (row * SIZE + 3) * 4 + 3)];
  return { top: at(0), bottom: at(SIZE - 1) };
};

test('plain is one colour, a gradient changes downwards, and both follow from the seed', () => {
  expect(painted('plain', 3).top).toEqual(painted('plain', 3).bottom);
  expect(painted('gradient', 3).top).not.toEqual(painted('gradient', 3).bottom);
  expect(painted('gradient', 3)).toEqual(painted('gradient', 3));
  expect(painted('plain', 3)).not.toEqual(painted('plain', 4));
});

test('none leaves the alpha', () => {
  const pixels = picture();
  paintBackground(pixels, SIZE, 'none', 3);
  expect(pixels).toEqual(picture());
});
