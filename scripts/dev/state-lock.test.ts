import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockState, StateInUse } from './state-lock.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'state-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a folder is for one at a time', () => {
  const unlock = lockState(folder);
  expect(() => lockState(folder)).toThrow(StateInUse);
  expect(() => lockState(folder)).toThrow(`The process ${process.pid} is using ${folder}`);
  unlock();
  lockState(folder)();
});

test('the lock of a process that is gone is taken over, and so is one that cannot be read', () => {
  const { pid } = spawnSync('true');
  for (const holder of [String(pid), 'nonsense', '']) {
    writeFileSync(join(folder, 'lock'), holder);
    lockState(folder)();
  }
});
