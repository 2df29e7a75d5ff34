import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  healthSchema,
  runSchema,
  sha256Hex,
  stageKey,
  type Run,
  type StartRun,
} from '../../../shared/index.ts';
import { startStageServer, type StageServer } from '../index.ts';
import { startArtifactHost, type ArtifactHost } from './artifact-host.ts';

const token = randomBytes(16).toString('hex');
const secret = randomBytes(16).toString('hex');
let edge: ArtifactHost;
let state: string;
let server: StageServer;
let logged: string[];

const start = async (profile = 'mini') => {
  server = await startStageServer({
    host: '127.0.0.1',
    port: 0,
    state,
    token,
    capacity: 1,
    checkpointEveryMs: 0,
    profile,
    provider: 'cpu',
    worker: new URL('./counting-worker.ts', import.meta.url),
    log: (...line) => logged.push(JSON.stringify(line)),
  });
  await expect.poll(async () => (await health()).status, { timeout: 10_000 }).not.toBe('STARTING');
};

const health = async () => healthSchema().parse(await (await fetch(`${server.url}/health`)).json());

const call = (method: string, path: string, body?: unknown, bearer = token) =>
  fetch(`${server.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });

const run = async (response: Response | Promise<Response>): Promise<Run> =>
  runSchema().parse(await (await response).json());

const settled = (key: string) => run(call('GET', `/runs/${key}?wait=20`));

/** Waits until a running run has done some steps. */
const steps = (key: string, count: number) =>
  expect
    .poll(async () => (await run(call('GET', `/runs/${key}`))).progress.step, {
      timeout: 10_000,
      interval: 10,
    })
    .toBeGreaterThanOrEqual(count);

/** The sum 1…n, wanted by one owner. */
async function order(n: number, options: { prompt?: string; owner?: string; deadline_s?: number } = {}) {
  const { prompt = 'count', owner = 'prt_1', deadline_s = 60 } = options;
  const params = { prompt, negative_prompt: '', seed: n, quality: 'draft' as const, candidates: 1 };
  const model = { profile: 'mini', digest: 'd1' };
  const body: StartRun = {
    stage: 'imagine',
    version: 1,
    model,
    params,
    inputs: {},
    upload: { url_template: `${edge.url}/artifacts/{sha256}?sig=${owner}` },
    callback: { url: `${edge.url}/callback`, secret },
    owner,
    deadline_s,
  };
  return { key: await stageKey({ ...body, model: model.digest, params, inputs: {} }), body };
}

beforeAll(async () => {
  edge = await startArtifactHost(secret);
});
afterAll(() => edge.close());

beforeEach(async () => {
  state = mkdtempSync(join(tmpdir(), 'stage-server-'));
  logged = [];
  edge.artifacts.clear();
  edge.callbacks.length = 0;
  edge.refuse = undefined;
  await start();
});
afterEach(async () => {
  await server.close();
  rmSync(state, { recursive: true, force: true });
});

describe('a run', () => {
  test('is worked on, uploaded, and told about', async () => {
    const { key, body } = await order(10, { prompt: 'a flurb' });
    const response = await call('PUT', `/runs/${key}`, body);
    expect(response.status).toBe(201);
    expect((await health()).status).toBe('BUSY');
    const done = await settled(key);
    expect(done).toMatchObject({ status: 'succeeded', error: null, metrics: { sum: 55, attempts: 1 } });
    expect(edge.artifacts.get(done.outputs['image']!.sha256)).toBe('55');
    expect(done.warnings).toEqual([expect.objectContaining({ words: ['flurb'] })]);
    expect(done.progress).toMatchObject({ fraction: 1, eta_s: 0 });
    expect(done.progress.preview?.sha256).toBe(await sha256Hex('preview of a flurb'));
    await expect.poll(() => edge.callbacks.at(-1)?.status).toBe('succeeded');
    expect((await health()).status).toBe('READY');
  });

  test('is found again by its key, without being worked on twice', async () => {
    const { key, body } = await order(15);
    expect((await call('PUT', `/runs/${key}`, body)).status).toBe(201);
    expect((await call('PUT', `/runs/${key}`, body)).status).toBe(200);
    const done = await settled(key);
    const again = await call('PUT', `/runs/${key}`, body);
    expect(again.status).toBe(200);
    expect(await run(again)).toEqual(done);
    expect(done.metrics['attempts']).toBe(1);
  });

  test('is uploaded for a second owner, who has another store', async () => {
    const first = await order(5);
    await call('PUT', `/runs/${first.key}`, first.body);
    await settled(first.key);
    edge.artifacts.clear();
    const second = await order(5, { owner: 'prt_2' });
    await call('PUT', `/runs/${second.key}`, second.body);
    const done = await settled(second.key);
    expect(done).toMatchObject({ status: 'succeeded', metrics: { attempts: 1 } });
    expect(edge.artifacts.get(done.outputs['image']!.sha256)).toBe('15');
  });

  test('is not held up by an owner whose store is gone', async () => {
    const gone = 'http://127.0.0.1:9/artifacts/{sha256}';
    const first = await order(30, { owner: 'prt_gone' });
    await call('PUT', `/runs/${first.key}`, { ...first.body, upload: { url_template: gone } });
    const second = await order(30);
    await call('PUT', `/runs/${second.key}`, second.body);
    const done = await settled(second.key);
    expect(done).toMatchObject({ status: 'succeeded', metrics: { attempts: 1 } });
    expect(edge.artifacts.get(done.outputs['image']!.sha256)).toBe('465');
  });

  test('that failed for one owner is worked on for the next one alone', async () => {
    const gone = 'http://127.0.0.1:9/artifacts/{sha256}';
    const first = await order(3, { owner: 'prt_gone' });
    await call('PUT', `/runs/${first.key}`, { ...first.body, upload: { url_template: gone } });
    expect(await settled(first.key)).toMatchObject({ status: 'failed', error: { code: 'upload_failed' } });
    const second = await order(3);
    await call('PUT', `/runs/${second.key}`, second.body);
    const start = performance.now();
    expect(await settled(second.key)).toMatchObject({ status: 'succeeded', metrics: { attempts: 1 } });
    expect(performance.now() - start).toBeLessThan(3_000);
  });

  test('reports steps and time left while it works', async () => {
    const { key, body } = await order(100);
    await call('PUT', `/runs/${key}`, body);
    await steps(key, 20);
    const { progress, status } = await run(call('GET', `/runs/${key}`));
    expect(status).toBe('running');
    expect(progress.steps).toBe(100);
    expect(progress.eta_s).toBeGreaterThan(0.2);
    expect(progress.eta_s).toBeLessThan(10);
    expect(edge.callbacks.length).toBeLessThan(8);
  });

  test('fails with what to do about it, and starts again when it is PUT again', async () => {
    const { key, body } = await order(3, { prompt: 'fail' });
    await call('PUT', `/runs/${key}`, body);
    const failed = await settled(key);
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'internal', retryable: false } });
    expect(failed.error!.message).toBe('the sum diverged');
    expect((await run(call('PUT', `/runs/${key}`, body))).status).toBe('queued');
    expect((await settled(key)).status).toBe('failed');
  });

  test('fails at its deadline', async () => {
    const { key, body } = await order(500, { deadline_s: 0.3 });
    await call('PUT', `/runs/${key}`, body);
    expect(await settled(key)).toMatchObject({
      status: 'failed',
      error: { code: 'deadline_exceeded', retryable: false },
    });
  });

  test('that could not be uploaded keeps its outputs for the next PUT', async () => {
    edge.refuse = 403;
    const { key, body } = await order(4);
    await call('PUT', `/runs/${key}`, body);
    expect(await settled(key)).toMatchObject({
      status: 'failed',
      error: { code: 'upload_failed', retryable: true },
    });
    edge.refuse = undefined;
    await call('PUT', `/runs/${key}`, body);
    expect(await settled(key)).toMatchObject({ status: 'succeeded', metrics: { attempts: 1 } });
  });
});

describe('cancelling', () => {
  test('stops between two steps, forgets the work, and frees the server', async () => {
    const { key, body } = await order(500);
    await call('PUT', `/runs/${key}`, body);
    await steps(key, 3);
    expect((await run(call('DELETE', `/runs/${key}?owner=prt_1`))).status).toBe('cancelled');
    await expect.poll(async () => (await health()).status).toBe('READY');
    expect(existsSync(join(state, 'runs', key, 'checkpoint'))).toBe(false);
    expect((await run(call('GET', `/runs/${key}`))).status).toBe('cancelled');
  });

  test('may be repeated while the step still runs: the run is forgotten, and the server lives', async () => {
    const { key, body } = await order(500);
    await call('PUT', `/runs/${key}`, body);
    await steps(key, 3);
    const answers = [call('DELETE', `/runs/${key}`), call('DELETE', `/runs/${key}`)];
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200]);
    expect((await call('GET', `/runs/${key}`)).status).toBe(404);
    await expect.poll(async () => (await health()).status).toBe('READY');
    expect(readdirSync(join(state, 'runs'))).toEqual([]);
    expect((await call('PUT', `/runs/${key}`, body)).status).toBe(201);
  });

  test('by one of two owners leaves the run to the other', async () => {
    const first = await order(40);
    const second = await order(40, { owner: 'prt_2' });
    await call('PUT', `/runs/${first.key}`, first.body);
    await call('PUT', `/runs/${second.key}`, second.body);
    expect((await run(call('DELETE', `/runs/${first.key}?owner=prt_1`))).status).not.toBe('cancelled');
    expect((await settled(first.key)).status).toBe('succeeded');
  });

  test('of a finished run forgets it', async () => {
    const { key, body } = await order(3);
    await call('PUT', `/runs/${key}`, body);
    await settled(key);
    expect((await call('DELETE', `/runs/${key}`)).status).toBe(200);
    expect((await call('GET', `/runs/${key}`)).status).toBe(404);
    expect(readdirSync(join(state, 'runs'))).toEqual([]);
  });
});

describe('a crash', () => {
  test('of the stage process is a retryable failure, and the next PUT goes on from the checkpoint', async () => {
    const { key, body } = await order(12, { prompt: 'crash' });
    await call('PUT', `/runs/${key}`, body);
    expect(await settled(key)).toMatchObject({
      status: 'failed',
      error: { code: 'worker_crashed', retryable: true },
    });
    await call('PUT', `/runs/${key}`, body);
    expect(await settled(key)).toMatchObject({
      status: 'succeeded',
      metrics: { sum: 78, resumed_at_step: 5 },
    });
  });

  test('or an orderly stop of the server is survived: the next one goes on by itself', async () => {
    const { key, body } = await order(60);
    await call('PUT', `/runs/${key}`, body);
    await steps(key, 10);
    await server.close();
    await start();
    const done = await settled(key);
    expect(done).toMatchObject({ status: 'succeeded', metrics: { sum: 1830, attempts: 2 } });
    expect(done.metrics['resumed_at_step']).toBeGreaterThan(10);
    expect(edge.artifacts.get(done.outputs['image']!.sha256)).toBe('1830');
  });
});

const refusal = async (response: Response | Promise<Response>) => {
  const { status, headers } = await response;
  const { code, detail } = (await (await response).json()) as { code: string; detail: string };
  return { status, code, detail, retryAfter: headers.get('retry-after') };
};

test('a run for other weights is forgotten by a server that has none of them', async () => {
  const { key, body } = await order(500);
  await call('PUT', `/runs/${key}`, body);
  await steps(key, 2);
  await server.close();
  await start('other weights');
  expect((await call('GET', `/runs/${key}`)).status).toBe(404);
  expect((await health()).status).toBe('READY');
});

describe('a request is refused', () => {
  test('without the token', async () => {
    const { key, body } = await order(3);
    for (const bearer of ['', 'wrong', `${token}x`]) {
      expect(await refusal(call('PUT', `/runs/${key}`, body, bearer))).toMatchObject({
        status: 401,
        code: 'unauthorized',
      });
      expect(await refusal(call('GET', `/runs/${key}`, undefined, bearer))).toMatchObject({ status: 401 });
    }
  });

  test('when every slot is taken', async () => {
    const first = await order(500);
    await call('PUT', `/runs/${first.key}`, first.body);
    const second = await order(3);
    const answer = await refusal(call('PUT', `/runs/${second.key}`, second.body));
    expect(answer).toMatchObject({ status: 409, code: 'server_full' });
    expect(Number(answer.retryAfter)).toBeGreaterThan(0);
  });

  test('for other weights, another version, a wrong key, bad params, broken JSON, an unknown key', async () => {
    const { key, body } = await order(3);
    const put = (path: string, sent: unknown) => refusal(call('PUT', `/runs/${path}`, sent));
    expect(await put(key, { ...body, model: { profile: 'mini', digest: 'd2' } })).toMatchObject({
      code: 'model_mismatch',
    });
    expect(await put(key, { ...body, version: 2 })).toMatchObject({ status: 400, code: 'invalid_run' });
    expect((await put('0'.repeat(64), body)).detail).toContain(key);
    expect((await put(key, { ...body, params: { prompt: 'x' } })).detail).toContain('params');
    expect(await put(key, '{')).toMatchObject({ status: 400, code: 'invalid_run' });
    expect(await put('nonsense', body)).toMatchObject({ status: 400, code: 'invalid_run' });
    expect(await refusal(call('GET', `/runs/${'0'.repeat(64)}`))).toMatchObject({
      status: 404,
      code: 'run_not_found',
    });
  });
});

test('networks that cannot be loaded are told in the health', async () => {
  await server.close();
  await start('broken');
  expect(await health()).toMatchObject({
    status: 'SETUP_FAILED',
    message: 'no weights in broken: bring some',
  });
  const { key, body } = await order(3);
  expect((await call('PUT', `/runs/${key}`, body)).status).toBe(503);
});

test('the log holds no prompt, and runs on disk are for their owner only', async () => {
  const { key, body } = await order(5, { prompt: 'a very private prompt' });
  await call('PUT', `/runs/${key}`, body);
  await settled(key);
  await delay(50);
  expect(logged.join('\n')).toContain(key);
  expect(logged.join('\n')).not.toContain('private');
  expect(readFileSync(join(state, 'runs', key, 'run.json'), 'utf8')).toContain('private');
});
