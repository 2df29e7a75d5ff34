import { expect, it } from 'vitest';
import { Random } from '../../gpu-functions/nn/index.ts';
import { Pinhole } from '../../gpu-functions/stages/views/pinhole.ts';
import { cameraLabel, orbit } from '../synthetic/camera.ts';
import { depthOfStep } from '../synthetic/render/index.ts';
import { drawPixel, writeSurfacePoint } from './rays.ts';

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

it.each([false, true])('puts what a pixel shows where its camera saw it (mirrored: %s)', (mirrored) => {
  const label = cameraLabel(orbit({ azimuth: 0.7, elevation: 0.2 }));
  const [pixel, step] = [40 * SIDE + 77, 90];
  const pixels = new Uint8Array(4 * SIDE * SIDE);
  pixels.set([255, 51, 0, 255], 4 * pixel);
  const steps = new Uint8Array(SIDE * SIDE).fill(step);
  const into = { positions: new Float32Array(6), colours: new Float32Array(6) };
  writeSurfacePoint({ label, pixels, steps, mirrored }, pixel, into, 1);
  const [x, y, z] = into.positions.subarray(3);
  const camera = new Pinhole(label, SIDE);
  expect(camera.look(mirrored ? -x! : x!, y!, z!)).toBe(true);
  expect(camera.column).toBeCloseTo(77, 3);
  expect(camera.row).toBeCloseTo(40, 3);
  expect(camera.ahead).toBeCloseTo(depthOfStep(step), 5);
  expect([...into.colours.subarray(3)].map((c) => Math.round(255 * c))).toEqual([255, 51, 0]);
});
