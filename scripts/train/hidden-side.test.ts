import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { depthOfStep } from '../synthetic/render/index.ts';
import { Dataset } from './dataset.ts';
import { readSides } from './hidden-side.ts';

const SIZE = 2;
const AREA = SIZE * SIZE;
let folder: string;
let data: Dataset;

/** A dataset of one person and two views, of which the second hides something: seen red, nobody / green, blue, at 10, 0 / 30, 40 steps. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hidden-sides-'));
  const write = (name: string, contents: object | Uint8Array) =>
    writeFileSync(join(folder, name), contents instanceof Uint8Array ? contents : JSON.stringify(contents));
  const seen = [255, 0, 0, 255, 0, 0, 0, 0, 0, 255, 0, 255, 0, 0, 255, 255];
  const white = [255, 255, 255, 255];
  const hidden = [...white, 0, 0, 0, 0, ...white, 0, 0, 0, 255, 110, 0, 130, 140];
  write('dataset.json', { version: 7, size: SIZE, views: 2, hidden: 2, lights: 1, hair: 'even' });
  write('shard-00000.bin', Uint8Array.of(...seen.map(() => 7), ...seen));
  write('shard-00000.depth', Uint8Array.of(7, 7, 7, 7, 10, 0, 30, 40));
  write('shard-00000.hidden', Uint8Array.of(...hidden.map(() => 7), ...hidden));
  write('shard-00000.json', { identities: [{ seed: 1, views: [] }] });
  data = new Dataset(folder);
});
afterAll(() => {
  data.close();
  rmSync(folder, { recursive: true });
});

test('both sides of a view lie in the same pixels, and there is none where nobody is', () => {
  const sides = readSides(data, 0, 1, false);
  expect([...sides.mask]).toEqual([1, 0, 1, 1]);
  expect(sides.near[2]).toBeCloseTo(depthOfStep(30));
  expect(sides.far[2]).toBeCloseTo(depthOfStep(130));
  // Red, then the white ground; the far side white, nobody, white and black.
  expect([...sides.image.subarray(0, 2)]).toEqual([1, 1]);
  expect([...sides.image.subarray(AREA, AREA + 2)]).toEqual([-1, 1]);
  expect([...sides.colour.subarray(0, AREA)]).toEqual([1, -1, 1, -1]);
});

test('a mirrored view has both sides mirrored alike', () => {
  const sides = readSides(data, 0, 1, true);
  expect([...sides.mask]).toEqual([0, 1, 1, 1]);
  expect([...sides.near]).toEqual([0, ...[10, 40, 30].map((step) => Math.fround(depthOfStep(step)))]);
  expect([...sides.colour.subarray(0, AREA)]).toEqual([-1, 1, -1, 1]);
});

test('a shard that is cut short is said to be', () => {
  writeFileSync(join(folder, 'shard-00000.hidden'), Uint8Array.of(1, 2, 3));
  const cut = new Dataset(folder);
  expect(() => cut.hiddenSide(0, 1)).toThrow(/cut short/);
  cut.close();
});
