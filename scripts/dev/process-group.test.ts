import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ProcessGroup } from './process-group.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'process-group-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A program that starts a second one, writes both pids, and ends on SIGTERM only where it is told to. */
const program = (obeys: boolean) => `
  const { spawn } = require('node:child_process');
  const inner = spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)']);
  process.on('SIGTERM', () => { console.log('asked to stop'); ${obeys ? 'process.exit(0)' : ''} });
  inner.on('spawn', () => console.log('pids', process.pid, inner.pid));
  setInterval(() => {}, 1000);`;

const start = (obeys: boolean) =>
  new ProcessGroup('test', process.execPath, ['-e', program(obeys)], {
    cwd: folder,
    env: process.env,
    logPath: join(folder, 'log'),
  });

const find = () => /pids (\d+) (\d+)/.exec(readFileSync(join(folder, 'log'), 'utf8'));

async function pids(): Promise<number[]> {
  await expect.poll(find, { timeout: 10_000 }).not.toBeNull();
  return find()!.slice(1).map(Number);
}

/** Whether a process runs (a zombie, which a container without an init may keep, does not). */
function runs(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

const allGone = (list: number[]) => expect.poll(() => list.filter(runs), { timeout: 5_000 }).toEqual([]);

test('stopping asks first, then kills what is left, children included', async () => {
  const group = start(true);
  const list = await pids();
  expect(list.every(runs)).toBe(true);
  await group.stop(5_000);
  expect(group.running).toBe(false);
  expect(group.lastLines()).toContain('asked to stop');
  await allGone(list);
});

test('a program that does not stop is killed after the grace', async () => {
  const group = start(false);
  const list = await pids();
  await group.stop(300);
  await allGone(list);
});

test('killing is at once', async () => {
  const group = start(true);
  const list = await pids();
  await group.kill();
  expect(group.lastLines()).not.toContain('asked to stop');
  await allGone(list);
});

test('the end of the program by itself is noticed, with its last words', async () => {
  const group = new ProcessGroup(
    'test',
    process.execPath,
    ['-e', 'console.error("no luck"); process.exit(3)'],
    {
      cwd: folder,
      env: process.env,
      logPath: join(folder, 'log'),
    },
  );
  await group.ended;
  expect(group.running).toBe(false);
  expect(group.lastLines()).toBe('no luck');
});

test('a group does not outlive the process that started it, even when that is killed', async () => {
  const script = join(folder, 'starter.mjs');
  const source = `
    import { ProcessGroup } from ${JSON.stringify(new URL('./process-group.ts', import.meta.url).href)};
    new ProcessGroup('test', process.execPath, ['-e', ${JSON.stringify(program(true))}],
      { cwd: ${JSON.stringify(folder)}, env: process.env, logPath: ${JSON.stringify(join(folder, 'log'))} });`;
  writeFileSync(script, source);
  const starter = spawn(process.execPath, [script], { stdio: 'inherit' });
  await expect.poll(() => runs(starter.pid!)).toBe(true);
  await delay(300);
  const list = await pids();
  starter.kill('SIGKILL');
  await allGone(list);
});
