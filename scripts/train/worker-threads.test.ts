import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { onWorkerThreads } from './worker-threads.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'worker-threads-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function script(name: string, text: string): URL {
  const path = join(folder, `${name}.mjs`);
  writeFileSync(path, `import { parentPort, workerData } from 'node:worker_threads';\n${text}`);
  return pathToFileURL(path);
}
const { signal } = new AbortController();

test('each thread has its setup, and what it says is heard', async () => {
  const heard: unknown[] = [];
  const twice = script('twice', 'parentPort.postMessage(2 * workerData.number);');
  await onWorkerThreads(twice, [{ number: 1 }, { number: 2 }], (message) => heard.push(message), signal);
  expect(new Set(heard)).toEqual(new Set([2, 4]));
});

test('what a thread throws is thrown, and an early end is said', async () => {
  const throwing = script('throwing', 'throw new Error(workerData.text);');
  await expect(onWorkerThreads(throwing, [{ text: 'no room' }], () => {}, signal)).rejects.toThrow('no room');
  const leaving = script('leaving', 'process.exit(3);');
  await expect(onWorkerThreads(leaving, [{}], () => {}, signal)).rejects.toThrow(/exit code 3/);
});

test('aborted, all threads end at once', async () => {
  const endless = script('endless', 'parentPort.postMessage(0); setInterval(() => {}, 1000);');
  const stop = new AbortController();
  const reason = new Error('enough');
  const heard = () => stop.abort(reason);
  await expect(onWorkerThreads(endless, [{}, {}], heard, stop.signal)).rejects.toBe(reason);
});
