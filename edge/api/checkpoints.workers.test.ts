import { env, exports } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import { CHECKPOINT_DIGEST_HEADER, sha256Hex } from '../../shared/index.ts';
import { checkpointPath } from '../artifacts/paths.ts';
import { signedCheckpoint } from '../artifacts/signed-url.ts';
import type { Env } from '../env.ts';

const bindings = env as unknown as Env;
const worker = (exports as unknown as { default: { fetch: typeof fetch } }).default;
const inAnHour = () => Math.ceil(Date.now() / 1000) + 3600;

const urlOf = (run: string, exp = inAnHour()) =>
  signedCheckpoint('http://edge.test', bindings.SIGNING_SECRET!, run, exp);

async function put(url: string, text: string, digest?: string): Promise<number> {
  const headers = { [CHECKPOINT_DIGEST_HEADER]: digest ?? (await sha256Hex(text)) };
  return (await worker.fetch(url, { method: 'PUT', body: text, headers })).status;
}

it('a checkpoint is kept for the server that goes on, newest first, until there is a result', async () => {
  const run = await sha256Hex('a run');
  const keeper = bindings.RUNS.getByName(run);
  const url = await urlOf(run);
  expect(await put(url, 'step 1')).toBe(410);
  await keeper.hold(run, 'prt_1');
  expect((await worker.fetch(url)).status).toBe(404);
  expect(await put(url, 'step 1')).toBe(204);
  expect(await put(url, 'step 2')).toBe(204);
  const found = await worker.fetch(url);
  expect(found.headers.get(CHECKPOINT_DIGEST_HEADER)).toBe(await sha256Hex('step 2'));
  expect(await found.text()).toBe('step 2');
  await keeper.record({ stage: 'imagine', key: run, outputs: {}, warnings: [], metrics: {} });
  expect(await bindings.ARTIFACTS.head(checkpointPath(run))).toBe(null);
});

it('nothing is stored of a checkpoint that was damaged, not signed for this run, or too late', async () => {
  const run = await sha256Hex('another run');
  await bindings.RUNS.getByName(run).hold(run, 'prt_1');
  const url = await urlOf(run);
  expect(await put(url, 'step 1', await sha256Hex('step 2'))).toBe(400);
  expect(await put(url, 'step 1', 'no digest')).toBe(400);
  expect(await put(url.replace(run, await sha256Hex('a run')), 'step 1')).toBe(403);
  expect(await put(await urlOf(run, 1), 'step 1')).toBe(403);
  expect(await bindings.ARTIFACTS.head(checkpointPath(run))).toBe(null);
});
