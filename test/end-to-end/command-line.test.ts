import { spawn } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { portraitSchema } from '../../shared/index.ts';
import { isRunning, processesBelow } from '../../scripts/dev/processes.ts';
import { writeTinyProfiles } from '../service/tiny-profile.ts';

// Seconds on an idle machine; minutes on a busy one.
vi.setConfig({ testTimeout: 400_000, hookTimeout: 60_000 });

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portrait-cli-'));
  await writeTinyProfiles(join(folder, 'profiles'), { distill: { steps: 100_000 } });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** `npm run portrait -- …` over the tiny profile, in a process group of its own as in a terminal. */
function portrait(...args: string[]) {
  const child = spawn('npm', ['run', '-s', 'portrait', '--', '--state', join(folder, 'state'), ...args], {
    cwd: ROOT,
    env: { ...process.env, PORTRAIT_PROFILES: join(folder, 'profiles') },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { text: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.text += chunk.toString()));
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  return { child, said, ended };
}

test('one prompt becomes files, and the same line again answers from the cache', async () => {
  const out = join(folder, 'out');
  const line = ['a man with a zorgle', '--seed', '7', '--quality', 'draft', '--out', out];
  const first = portrait(...line);
  expect(await first.ended).toEqual({ code: 0, signal: null });
  for (const stage of ['imagine', 'invert', 'render'])
    expect(first.said.text).toMatch(new RegExp(`${stage}: [\\d.]+ s`));
  expect(first.said.text).toMatch(/Note: .*zorgle/);
  expect(first.said.text).toMatch(/Made in /);
  const names = [
    'front.png',
    'portrait.glb',
    'portrait.json',
    'provenance.json',
    'strip.png',
    'trigrid.safetensors',
    'turntable.webp',
  ];
  expect((await readdir(out)).toSorted()).toEqual(names);
  const resource = portraitSchema().parse(JSON.parse(await readFile(join(out, 'portrait.json'), 'utf8')));
  for (const file of resource.files) expect((await stat(join(out, file.name))).size).toBe(file.size);

  const second = portrait(...line);
  expect((await second.ended).code).toBe(0);
  expect(second.said.text).toMatch(/Answered from the cache in \d/);
});

test('Ctrl-C cancels the job and leaves no process behind', async () => {
  const { child, said, ended } = portrait(
    'an old man',
    '--seed',
    '1',
    '--quality',
    'standard',
    '--out',
    join(folder, 'none'),
  );
  await expect.poll(() => said.text, { timeout: 200_000 }).toMatch(/distill: /);
  const processes = processesBelow(child.pid!);
  const commands = processes.map(({ command }) => command).join('\n');
  for (const program of ['workerd', 'server/main.ts', 'stage-worker.ts']) expect(commands).toContain(program);

  process.kill(-child.pid!, 'SIGINT');
  await ended;
  expect(said.text).toContain('Cancelled.');
  await expect.poll(() => processes.filter(({ pid }) => isRunning(pid)), { timeout: 10_000 }).toEqual([]);
  expect(await readdir(folder)).not.toContain('none');
});

test('a bad line says what is wrong with it, and starts nothing', async () => {
  const { said, ended } = portrait('a man', '--seed', 'seven');
  expect((await ended).code).toBe(2);
  expect(said.text).toContain('seed must be a whole number');
  expect(said.text).toContain('Usage: npm run portrait');
});
