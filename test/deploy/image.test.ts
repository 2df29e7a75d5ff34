import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startArtifactHost, type ArtifactHost } from '../../gpu-functions/server/test/artifact-host.ts';
import { buildImage } from '../../scripts/deploy/build-image.ts';
import { healthSchema, runSchema, stageKey, type StartRun } from '../../shared/index.ts';
import { execForm, lastStage, parseDockerfile } from './dockerfile.ts';

const token = 'a-token-that-only-these-tests-know';
let folder: string;
let context: string;
let edge: ArtifactHost;
let child: ChildProcess | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'image-'));
  context = join(folder, 'context');
  await buildImage(context);
  edge = await startArtifactHost('a-secret-of-16-characters');
});
afterAll(() => {
  child?.kill('SIGKILL');
  edge.close();
  rmSync(folder, { recursive: true, force: true });
});

test('the Dockerfile: pinned bases, not root, signals reach the server, and every file it copies is there', () => {
  const instructions = parseDockerfile(readFileSync(join(context, 'Dockerfile'), 'utf8'));
  const image = lastStage(instructions);
  const only = (name: string) => {
    const found = image.filter((one) => one.name === name);
    expect(found.length, name).toBe(1);
    return found[0]!.text;
  };
  for (const { text } of instructions.filter(({ name }) => name === 'FROM'))
    expect(text).toMatch(/^[\w./-]+:\d+\.\d+\.\d+-[\w.-]+( AS \w+)?$/);
  expect(only('USER')).toBe('portrait');
  expect(only('STOPSIGNAL')).toBe('SIGTERM');
  // Nothing after USER writes to the image.
  const after = image.slice(image.findIndex(({ name }) => name === 'USER')).map(({ name }) => name);
  expect(after).toEqual(['USER', 'STOPSIGNAL', 'HEALTHCHECK', 'ENTRYPOINT', 'CMD']);
  expect(only('HEALTHCHECK')).toContain('/healthz');

  const [program, entry] = execForm(only('ENTRYPOINT'));
  expect(program).toBe('node');
  expect(existsSync(join(context, entry!))).toBe(true);
  expect(execForm(only('CMD'))).toContain('cuda');

  for (const { text } of instructions.filter(({ name }) => name === 'COPY' || name === 'ADD')) {
    if (text.startsWith('--from=packages ')) continue;
    for (const source of text.split(/\s+/).slice(0, -1))
      expect(existsSync(join(context, source)), source).toBe(true);
  }
  for (const { name, text } of instructions.filter((one) => one.name === 'ENV' || one.name === 'ARG'))
    expect(`${name} ${text}`).not.toMatch(/token|secret|password/i);

  // The CUDA provider is of the version that the image's comment and base were chosen for.
  const { dependencies } = JSON.parse(readFileSync(join(context, 'package.json'), 'utf8'));
  expect(dependencies['onnxruntime-node']).toBe('1.29.0');
  expect(image[0]!.text).toMatch(/^nvidia\/cuda:12\.\d+\.\d+-cudnn-runtime-/);
});

test('outside the repository, with plain Node, the bundle draws a picture and stops in order', async () => {
  // What `npm ci --omit=dev` would install, as far as it is installed here.
  const repository = fileURLToPath(new URL('../../', import.meta.url));
  symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'));
  const entry = join(context, 'gpu-functions/server/main.js');
  const options = ['--port', '0', '--state', join(folder, 'state'), '--threads', '1'];
  child = spawn(process.execPath, [entry, ...options], {
    cwd: dirname(entry),
    env: { PATH: process.env['PATH'], STAGE_SERVER_TOKEN: token },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise<number | null>((resolve) => child!.once('exit', resolve));
  let log = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (log += text));
  const address = () => /"url":"(http:[^"]+)"/.exec(log)?.[1];
  await expect.poll(address, { timeout: 60_000 }).toBeDefined();
  const health = async () => healthSchema().parse(await (await fetch(`${address()}/health`)).json());
  await expect.poll(async () => (await health()).status, { timeout: 60_000 }).toBe('READY');

  const { profile, digest, stages } = await health();
  const params = {
    prompt: 'a woman',
    negative_prompt: '',
    seed: 3,
    quality: 'draft' as const,
    candidates: 1,
  };
  const identity = { stage: 'imagine', version: stages.imagine!, params, inputs: {} } as const;
  const key = await stageKey({ ...identity, model: digest });
  const body: StartRun = {
    ...identity,
    model: { profile, digest },
    upload: { url_template: `${edge.url}/artifacts/{sha256}` },
    owner: 'prt_1',
    deadline_s: 120,
  };
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  await fetch(`${address()}/runs/${key}`, { method: 'PUT', headers, body: JSON.stringify(body) });
  const done = await fetch(`${address()}/runs/${key}?wait=60`, { headers });
  const { status, outputs, error } = runSchema().parse(await done.json());
  expect(error).toBe(null);
  expect(status).toBe('succeeded');
  expect(edge.artifacts.has(outputs['image']!.sha256)).toBe(true);
  child.kill('SIGTERM');
  expect(await exited).toBe(0);
}, 240_000);
