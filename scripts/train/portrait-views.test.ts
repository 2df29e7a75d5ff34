import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PORTRAIT_VIEWS, PortraitViews } from './portrait-views.ts';
import { readPair } from './view-painter.ts';

const SIZE = 2;
const BYTES = 4 * SIZE * SIZE;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'portrait-views-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A file of people of whom each view's first byte says who it is, from which view, and of the person itself one more. */
function fileOf(people: number, first: number): string {
  const path = join(folder, `${first}.u8`);
  const bytes = new Uint8Array(people * PORTRAIT_VIEWS * 2 * BYTES);
  for (let picture = 0; picture < 2 * people * PORTRAIT_VIEWS; picture++)
    bytes[picture * BYTES] = (first + picture) % 256;
  writeFileSync(path, bytes);
  return path;
}

test('people lie in files one after the other', () => {
  const views = new PortraitViews([fileOf(100, 0), fileOf(3, 7)], SIZE, 103);
  const second = views.read(1, 2);
  expect([second.portrait[0], second.person[0]]).toEqual([2 * PORTRAIT_VIEWS + 4, 2 * PORTRAIT_VIEWS + 5]);
  expect(views.read(102, 0).portrait[0]).toBe(7 + 2 * 2 * PORTRAIT_VIEWS);
  expect(() => views.read(103, 0)).toThrow(/cut short/);
  views.close();
});

test('a pair has a portrait over white, and straight colours of the person', () => {
  const pairs = {
    read: () => ({
      portrait: Uint8Array.of(255, 0, 0, 255, 0, 0, 0, 0, 0, 255, 0, 255, 0, 0, 255, 255),
      person: Uint8Array.of(255, 0, 0, 255, 0, 0, 0, 0, 0, 255, 0, 51, 0, 0, 255, 255),
    }),
  };
  const pair = readPair(pairs, SIZE, 0, 0, false);
  expect([...pair.portrait.subarray(4, 8)]).toEqual([-1, 1, 1, -1]);
  expect([...pair.colour.subarray(4, 8)]).toEqual([-1, -1, 1, -1]);
  expect([...pair.mask]).toEqual([1, 0, 1, 1]);
  expect(pair.alpha[2]).toBeCloseTo(-0.6);
  const mirrored = readPair(pairs, SIZE, 0, 0, true);
  expect([...mirrored.mask]).toEqual([0, 1, 1, 1]);
  expect([...mirrored.colour.subarray(4, 8)]).toEqual([-1, -1, -1, 1]);
});
