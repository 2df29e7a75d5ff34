import { expect, it } from 'vitest';
import { Random } from '../../gpu-functions/nn/index.ts';
import { drawPixel } from './rays.ts';

const SIDE = 128;
const RADIUS = 30;
/** Pixels outside of a disc in the head's place, negative inside. */
const outside = (pixel: number) => Math.hypot((pixel % SIDE) - 64, Math.floor(pixel / SIDE) - 50) - RADIUS;

it('draws both sides of an outline alike, and the empty rest less often', () => {
  const pixels = new Uint8Array(4 * SIDE * SIDE);
  for (let i = 0; i < SIDE * SIDE; i++) pixels[4 * i + 3] = outside(i) < 0 ? 255 : 0;
  const random = new Random(5);
  const drawn = Array.from({ length: 40_000 }, () => outside(drawPixel(pixels, SIDE, random)));
  /** How often a pixel of a ring is drawn. */
  const density = (from: number, to: number) =>
    drawn.filter((d) => d >= from && d < to).length /
    Array.from({ length: SIDE * SIDE }, (_, i) => outside(i)).filter((d) => d >= from && d < to).length;
  const [inner, outer, far] = [density(-3, 0), density(0, 3), density(12, 20)];
  expect(outer / inner).toBeGreaterThan(0.9);
  expect(outer / inner).toBeLessThan(1.1);
  expect(far / inner).toBeLessThan(0.5);
});
