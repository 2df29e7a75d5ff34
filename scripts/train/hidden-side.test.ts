import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { depthOfStep } from '../synthetic/render/index.ts';
import type { Dataset } from './dataset.ts';
import { readSides } from './hidden-side.ts';
import { HiddenSides, renderHiddenSides } from './hidden-sides.ts';

const SIZE = 2;
const AREA = SIZE * SIZE;
let folder: string;
let path: string;

/** Of one person and one view: red, nobody / green, blue; seen at 10, 0 / 30, 40 steps. */
const SEEN = Uint8Array.of(255, 0, 0, 255, 0, 0, 0, 0, 0, 255, 0, 255, 0, 0, 255, 255);
const data = {
  size: SIZE,
  image: () => SEEN.slice(),
  depths: () => Uint8Array.of(10, 0, 30, 40),
} as unknown as Dataset;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hidden-sides-'));
  path = join(folder, 'sides.u8');
  const white = [255, 255, 255, 255];
  writeFileSync(path, Uint8Array.of(...white, 0, 0, 0, 0, ...white, 0, 0, 0, 255, 110, 0, 130, 140));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('both sides of a view lie in the same pixels, and there is none where nobody is', () => {
  const hidden = new HiddenSides(path, SIZE, 1);
  const sides = readSides(data, hidden, 0, 0, false);
  expect([...sides.mask]).toEqual([1, 0, 1, 1]);
  expect(sides.near[2]).toBeCloseTo(depthOfStep(30));
  expect(sides.far[2]).toBeCloseTo(depthOfStep(130));
  // Red, then the white ground; the far side white, nobody, white and black.
  expect([...sides.image.subarray(0, 2)]).toEqual([1, 1]);
  expect([...sides.image.subarray(AREA, AREA + 2)]).toEqual([-1, 1]);
  expect([...sides.colour.subarray(0, AREA)]).toEqual([1, -1, 1, -1]);
  hidden.close();
});

test('a mirrored view has both sides mirrored alike', () => {
  const hidden = new HiddenSides(path, SIZE, 1);
  const sides = readSides(data, hidden, 0, 0, true);
  expect([...sides.mask]).toEqual([0, 1, 1, 1]);
  expect([...sides.near]).toEqual([0, ...[10, 40, 30].map((step) => Math.fround(depthOfStep(step)))]);
  expect([...sides.colour.subarray(0, AREA)]).toEqual([-1, 1, -1, 1]);
  hidden.close();
});

test('a file that is cut short is said to be', () => {
  const hidden = new HiddenSides(path, SIZE, 1);
  expect(() => hidden.read(1, 0)).toThrow(/cut short/);
  hidden.close();
});

test('interrupted while they are rendered, no file of hidden sides is left', async () => {
  const people = { version: 1, size: SIZE, lights: 1, hair: 'even', identities: [{ seed: 1, views: [] }] };
  const kept = join(folder, 'kept');
  const interrupted = AbortSignal.abort();
  await expect(renderHiddenSides(people as unknown as Dataset, 1, kept, 'none', interrupted)).rejects.toBe(
    interrupted.reason,
  );
  expect(readdirSync(kept)).toEqual([]);
});
