import { expect, test } from 'vitest';
import { dye, type Dyeable } from './dye.ts';

const RED: [number, number, number] = [0.6, 0.02, 0.02];
const BLUE: [number, number, number] = [0.02, 0.02, 0.6];

/** One texel of a garment, dyed red, and blue where it has a second colour. */
function dyed(garment: Dyeable, texel: readonly [number, number, number]): number[] {
  const pixels = Uint8Array.from([...texel, 200]);
  dye(garment, RED, BLUE, { width: 1, height: 1, pixels });
  return [...pixels];
}

test.each<[Dyeable, readonly [number, number, number]]>([
  ['suit', [42, 42, 42]],
  ['jacket', [90, 98, 84]],
  ['overalls', [95, 140, 215]],
  ['striped shirt', [30, 20, 24]],
])('the cloth of a %s takes the first dye', (garment, texel) => {
  const [r, g, b, alpha] = dyed(garment, texel);
  expect(r).toBeGreaterThan(150);
  expect(Math.max(g, b)).toBeLessThan(80);
  expect(alpha).toBe(200);
});

test.each<[Dyeable, string, readonly [number, number, number]]>([
  ['suit', 'shirt', [205, 205, 205]],
  ['suit', 'tie', [60, 62, 85]],
  ['jacket', 'striped shirt', [120, 50, 55]],
  ['overalls', 'buckles', [30, 30, 34]],
  ['striped shirt', 'trousers', [70, 110, 160]],
])('of a %s the %s keeps its colour', (garment, _part, texel) => {
  expect(dyed(garment, texel).slice(0, 3)).toEqual([...texel]);
});

test('stripes take the second dye', () => {
  const [r, , b] = dyed('striped shirt', [170, 70, 90]);
  expect(b).toBeGreaterThan(150);
  expect(r).toBeLessThan(80);
});

test('folds stay: darker cloth is darker dyed', () => {
  expect(dyed('overalls', [60, 95, 150])[0]).toBeLessThan(dyed('overalls', [120, 165, 240])[0]);
});
