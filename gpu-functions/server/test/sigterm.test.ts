import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { runSchema, stageKey, type StartRun } from '../../../shared/index.ts';
import { startArtifactHost, type ArtifactHost } from './artifact-host.ts';

const token = randomBytes(16).toString('hex');
const secret = randomBytes(16).toString('hex');
const started: ChildProcess[] = [];
const folders: string[] = [];
let edge: ArtifactHost;

beforeAll(async () => {
  edge = await startArtifactHost(secret);
});
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});
afterAll(() => edge.close());

/** A stage server in a process of its own, on a folder of its own: a container as its orchestrator sees it. */
async function container() {
  const state = mkdtempSync(join(tmpdir(), 'container-'));
  folders.push(state);
  const entry = fileURLToPath(new URL('./counting-server.ts', import.meta.url));
  const child = spawn(process.execPath, [entry, state], {
    env: { ...process.env, STAGE_SERVER_TOKEN: token },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(child);
  let log = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (log += text));
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const address = () => /"url":"(http:[^"]+)"/.exec(log)?.[1];
  await expect.poll(address, { timeout: 40_000 }).toBeDefined();
  const url = address()!;
  const call = (method: string, path: string, body?: unknown) =>
    fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const healthz = async () => {
    const response = await call('GET', '/healthz');
    return { status: response.status, ...((await response.json()) as { state: string; reason?: string }) };
  };
  await expect.poll(async () => (await healthz()).state, { timeout: 40_000 }).toBe('ready');
  return { child, exited, call, healthz, log: () => log };
}

async function order(steps: number, prompt = 'count'): Promise<{ key: string; body: StartRun }> {
  const params = { prompt, negative_prompt: '', seed: steps, quality: 'draft' as const, candidates: 1 };
  const identity = { stage: 'imagine', version: 1, model: 'd1', params, inputs: {} } as const;
  const key = await stageKey(identity);
  const body: StartRun = {
    ...identity,
    model: { profile: 'mini', digest: 'd1' },
    upload: { url_template: `${edge.url}/artifacts/{sha256}` },
    checkpoint: `${edge.url}/checkpoints/${key}`,
    owner: 'prt_1',
    deadline_s: 60,
  };
  return { key, body };
}

const step = async (server: Awaited<ReturnType<typeof container>>, key: string) =>
  runSchema().parse(await (await server.call('GET', `/runs/${key}`)).json()).progress.step;

test('SIGTERM: no new work, the checkpoint uploaded, exit 0; a server elsewhere goes on from it', async () => {
  const { key, body } = await order(150, 'count slowly to stop');
  const first = await container();
  await first.call('PUT', `/runs/${key}`, body);
  await expect.poll(() => step(first, key), { timeout: 10_000, interval: 20 }).toBeGreaterThan(9);
  expect(await first.healthz()).toEqual({ status: 200, state: 'busy' });

  first.child.kill('SIGTERM');
  // The stage takes half a second to stop: meanwhile the server says that it drains, and refuses.
  await expect.poll(async () => (await first.healthz()).state, { interval: 10 }).toBe('draining');
  expect(await first.healthz()).toMatchObject({ status: 503, reason: 'The server shuts down.' });
  const other = await order(3);
  const refused = await first.call('PUT', `/runs/${other.key}`, other.body);
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).not.toBeNull();
  expect(await first.exited).toBe(0);
  const kept = JSON.parse(edge.checkpoints.get(key)!.bytes.toString()) as { step: number };
  expect(kept.step).toBeGreaterThan(9);
  expect(first.log()).toContain('checkpoint_uploaded');

  const second = await container();
  await second.call('PUT', `/runs/${key}`, body);
  const done = runSchema().parse(await (await second.call('GET', `/runs/${key}?wait=20`)).json());
  expect(done).toMatchObject({ status: 'succeeded', metrics: { sum: 11325 } });
  expect(done.metrics['resumed_at_step']).toBe(kept.step + 1);
});

test('a checkpoint that was damaged on its way is not gone on from', async () => {
  const { key, body } = await order(5);
  edge.checkpoints.set(key, { bytes: Buffer.from('{"step":4,"sum":99}'), digest: '0'.repeat(64) });
  const server = await container();
  await server.call('PUT', `/runs/${key}`, body);
  const done = runSchema().parse(await (await server.call('GET', `/runs/${key}?wait=20`)).json());
  expect(done).toMatchObject({ status: 'succeeded', metrics: { sum: 15 } });
  expect(done.metrics['resumed_at_step']).toBeUndefined();
  expect(server.log()).toContain('checkpoint_not_fetched');
});

test('a stage that does not stop within the grace: exit 1, and nothing hangs', async () => {
  const { key, body } = await order(150, 'count and never stop');
  const server = await container();
  await server.call('PUT', `/runs/${key}`, body);
  await expect.poll(() => step(server, key), { timeout: 10_000, interval: 20 }).toBeGreaterThan(2);
  server.child.kill('SIGTERM');
  expect(await server.exited).toBe(1);
});
