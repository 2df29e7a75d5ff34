import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RADIUS } from '../synthetic/camera.ts';
import { depthOfStep } from '../synthetic/render/index.ts';
import { Dataset } from './dataset.ts';
import { ProjectedSides } from './projected-sides.ts';
import { readSide, type SidesData } from './side-view.ts';

const SIZE = 2;
const AREA = SIZE * SIZE;
let folder: string;
let data: SidesData;

/** One person: from the left red, nobody / green, blue at 10, 0 / 30, 40 steps, from the right the same; known are planes of steps from dark to bright. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'side-views-'));
  const write = (name: string, contents: object | Uint8Array) =>
    writeFileSync(join(folder, name), contents instanceof Uint8Array ? contents : JSON.stringify(contents));
  const seen = [255, 0, 0, 255, 0, 0, 0, 0, 0, 255, 0, 255, 0, 0, 255, 255];
  write('dataset.json', { version: 7, size: SIZE, views: 2, lights: 1, hair: 'even' });
  write('shard-00000.bin', Uint8Array.of(...seen, ...seen));
  write('shard-00000.depth', Uint8Array.of(10, 0, 30, 40, 10, 0, 30, 40));
  write('shard-00000.json', { identities: [{ seed: 1, views: [] }] });
  const known = [0, 255, 0, 255, ...Array<number>(12).fill(0), 255, 0, 255, 128, 255, 0, 255, 0];
  write('known', Uint8Array.of(...known, ...known));
  const sides = new Dataset(folder);
  const projected = new ProjectedSides(join(folder, 'known'), SIZE);
  data = {
    sides,
    projected,
    drawn: 0,
    picture: (_who, out, offset) => out.fill(1, offset + AREA, offset + AREA + 1),
  };
});
afterAll(() => {
  data.sides.close();
  data.projected.close();
  rmSync(folder, { recursive: true });
});

test('a side is read as it is known, beside the picture, and as it is', () => {
  const { seen, colour, alpha, depth, mask } = readSide(data, 0, 0);
  expect([...seen.subarray(0, AREA)]).toEqual([-1, 1, -1, 1]);
  expect(seen[4 * AREA]).toBeCloseTo(2.2);
  expect(seen[4 * AREA + 1]).toBeCloseTo(-2.2);
  expect(seen[4 * AREA + 3]).toBeCloseTo(0, 1);
  expect([...seen.subarray(6 * AREA, 7 * AREA)]).toEqual([1, 0, 0, 0]);
  expect([...colour.subarray(0, AREA)]).toEqual([1, -1, -1, -1]);
  expect([...alpha]).toEqual([1, -1, 1, 1]);
  expect([...mask]).toEqual([1, 0, 1, 1]);
  expect(depth[2]).toBeCloseTo(depthOfStep(30) - RADIUS);
});

test('the right side is mirrored, but for what is known, which is kept so', () => {
  const { seen, colour, mask } = readSide(data, 0, 1);
  expect([...seen.subarray(0, AREA)]).toEqual([-1, 1, -1, 1]);
  expect([...seen.subarray(6 * AREA, 7 * AREA)]).toEqual([0, 1, 0, 0]);
  expect([...colour.subarray(0, AREA)]).toEqual([-1, 1, -1, -1]);
  expect([...mask]).toEqual([0, 1, 1, 1]);
});
