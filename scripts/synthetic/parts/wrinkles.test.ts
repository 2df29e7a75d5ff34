import { expect, test } from 'vitest';
import { crease } from './wrinkles.ts';

const SIZE = 64;

/** A square of skin from (−1, 5.7) to (1, 8.3) dm at depth z, its texture upright. */
const square = (z: number) => ({
  bodyGroup: 0,
  vertices: Float32Array.from([-1, 5.7, z, 1, 5.7, z, 1, 8.3, z, -1, 8.3, z]),
  topology: {
    source: Uint32Array.of(0, 1, 2, 3),
    uv: Float32Array.of(0, 0, 1, 0, 1, 1, 0, 1),
    triangles: Uint32Array.of(0, 1, 2, 0, 2, 3),
    group: Uint8Array.of(0, 0),
  },
});

function creased(age: number, z = 1.5) {
  const pixels = new Uint8Array(SIZE * SIZE * 4).fill(200);
  crease(square(z), age, { width: SIZE, height: SIZE, pixels });
  /** Green at (x, y) dm. */
  return (x: number, y: number): number => {
    const column = Math.floor(((x + 1) / 2) * SIZE);
    const row = Math.floor(((8.3 - y) / 2.6) * SIZE);
    return pixels[4 * (row * SIZE + column) + 1];
  };
}

test('creases run from the nose to the mouth on both sides, and deepen with age', () => {
  const [middle, old] = [creased(0.4), creased(0.75)];
  for (const side of [-1, 1]) {
    expect(middle(side * 0.36, 6.74)).toBeLessThan(180);
    expect(old(side * 0.36, 6.74)).toBeLessThan(middle(side * 0.36, 6.74));
  }
});

test('faint creases come later than deep ones', () => {
  expect(creased(0.15)(0.54, 6.75)).toBe(200);
  expect(creased(0.75)(0.54, 6.75)).toBeLessThan(200);
});

test('the rest of the skin, and what does not face forward, stays as it is', () => {
  expect(creased(1)(0.9, 8.2)).toBe(200);
  expect(creased(1, 0.3)(0.36, 6.74)).toBe(200);
});
