import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Drawings } from './drawings.ts';

const SIZE = 2;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'drawings-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Two people of two views; each byte says where it is. */
function write(bytes: number): string {
  const path = join(folder, `${bytes}.u8`);
  writeFileSync(
    path,
    Uint8Array.from({ length: bytes }, (_, i) => i),
  );
  return path;
}

test('a drawing is the asked view of the asked person, mirrored row by row when asked', () => {
  const drawings = new Drawings(write(4 * 4 * SIZE * SIZE), SIZE, 2, 2);
  const planes = new Float32Array(1 + 4 * SIZE * SIZE);
  const bytes = (): number[] => Array.from(planes.subarray(1), (x) => Math.round((x + 1) * 127.5));
  const first = (1 * 2 + 1) * 4 * SIZE * SIZE;
  drawings.writePlanes(1, 1, false, planes, 1);
  expect(bytes()).toEqual(Array.from({ length: 16 }, (_, i) => first + i));
  drawings.writePlanes(1, 1, true, planes, 1);
  expect(bytes().slice(0, 4)).toEqual([first + 1, first, first + 3, first + 2]);
  expect(planes[0]).toBe(0);
  drawings.close();
});

test('a file that is cut short is said to be', () => {
  const drawings = new Drawings(write(40), SIZE, 2, 2);
  expect(() => drawings.writePlanes(1, 1, false, new Float32Array(16), 0)).toThrow(/cut short/);
  drawings.close();
});
