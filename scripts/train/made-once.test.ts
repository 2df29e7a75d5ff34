import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { computedOnce, digestOf, madeOnce } from './made-once.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'made-once-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const half = async (path: string) => {
  await writeFile(path, 'half');
  throw new Error('stopped');
};

const compute = async () => Float32Array.of(1, 0.5, -3);

it('makes a file once', async () => {
  let made = 0;
  const make = async (path: string) => writeFile(path, `made ${++made} times`);
  const first = await madeOnce(folder, 'one', make);
  expect(await madeOnce(folder, 'one', make)).toBe(first);
  expect(readFileSync(first, 'utf8')).toBe('made 1 times');
});

it('leaves nothing of what was half made', async () => {
  await expect(madeOnce(folder, 'one', half)).rejects.toThrow('stopped');
  expect(readdirSync(folder)).toEqual([]);
});

it('gives numbers as they were computed', async () => {
  expect(await computedOnce(folder, 'numbers', compute)).toEqual(await compute());
  expect(await computedOnce(folder, 'numbers', () => Promise.reject(new Error()))).toEqual(await compute());
});

it('names contents by all of their bytes', () => {
  const name = digestOf(['weights', Float32Array.of(1, 2)]);
  expect(name).toMatch(/^[0-9a-f]{16}$/);
  expect(digestOf(['weights', Float32Array.of(1, 2).subarray(0, 1)])).not.toBe(name);
});
