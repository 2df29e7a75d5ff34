import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startGateway, type Gateway } from '../../gpu-functions/gateway/index.ts';
import {
  gpuFunctions,
  healthSchema,
  runSchema,
  sha256Hex,
  STAGE_VERSIONS,
  stageKey,
  type Run,
  type StartRun,
} from '../../shared/index.ts';
import { ControlPlane, type Handler } from './control-plane.ts';

const token = 'a-token-that-only-these-tests-know';
let state: string;
let plane: ControlPlane;
let gateway: Gateway;
let logged: string[];

/** What the function got, in order. */
let inputs: { key: string; body: StartRun }[];
/** What the function does next, before it returns. */
let during: (signal: AbortSignal) => Promise<void>;

const imagine: Handler = async (payload, signal) => {
  const input = payload as (typeof inputs)[number];
  inputs.push(input);
  await during(signal);
  return succeeded(input.key);
};

const idle: Handler = async () => ({});

function succeeded(key: string): Run {
  const progress = { fraction: 1, eta_s: 0, step: 3, steps: 3, message: 'done' };
  const outputs = { image: { sha256: '0'.repeat(64), size: 3, content_type: 'image/png' } };
  const rest = { warnings: [], error: null, metrics: { seconds: 2 } };
  return { key, stage: 'imagine', status: 'succeeded', progress, outputs, ...rest };
}

const start = async () => {
  gateway = await startGateway({
    host: '127.0.0.1',
    port: 0,
    state,
    token,
    profile: 'mini',
    app: 'portrait3d',
    checkAgainMs: 100,
    log: (...line) => logged.push(JSON.stringify(line)),
  });
};
const ready = () => expect.poll(async () => (await health()).status, { timeout: 20_000 }).toBe('READY');
const health = async () => healthSchema().parse(await (await fetch(`${gateway.url}/health`)).json());

const call = (method: string, path: string, body?: unknown, bearer = token) =>
  fetch(`${gateway.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
const run = async (response: Promise<Response>): Promise<Run> =>
  runSchema().parse(await (await response).json());
const problem = async (response: Promise<Response>) =>
  (await (await response).json()) as { code: string; detail: string; status: number };

async function order(owner = 'prt_1', place = 'http://edge.test/artifacts') {
  const params = { prompt: 'a man', negative_prompt: '', seed: 7, quality: 'draft' as const, candidates: 1 };
  const { digest, profile } = await health();
  const identity = { stage: 'imagine', version: STAGE_VERSIONS.imagine, params, inputs: {} } as const;
  const key = await stageKey({ ...identity, model: digest });
  const body: StartRun = {
    ...identity,
    model: { profile, digest },
    upload: { url_template: `${place}/{sha256}?sig=${owner}` },
    // The spans of the function's own stage server are below the owner's.
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    owner,
    deadline_s: 7200,
  };
  return { key, body };
}

beforeEach(async () => {
  vi.stubEnv('MODAL_TOKEN_ID', 'ak-test');
  vi.stubEnv('MODAL_TOKEN_SECRET', 'as-test');
  state = mkdtempSync(join(tmpdir(), 'gateway-'));
  logged = [];
  inputs = [];
  during = async () => {};
  plane = new ControlPlane({
    tokenId: 'ak-test',
    tokenSecret: 'as-test',
    app: 'portrait3d',
    classes: { Imagine: imagine, Invert: idle, Distill: idle, Refine: idle, Render: idle },
  });
  vi.stubEnv('MODAL_SERVER_URL', await plane.start());
  await start();
});
afterEach(async () => {
  await gateway.close();
  plane.stop();
  vi.unstubAllEnvs();
  rmSync(state, { recursive: true, force: true });
});

/** The function holds until it is told to go on, or is cancelled. */
function hold(): () => void {
  const going = Promise.withResolvers<void>();
  during = (signal) => {
    signal.addEventListener('abort', () => going.resolve());
    return going.promise;
  };
  return going.resolve;
}

test('spawn, poll, result: the function gets the run, with its own timeout as the deadline', async () => {
  await ready();
  const goOn = hold();
  const { key, body } = await order();
  const response = await call('PUT', `/runs/${key}`, body);
  expect(response.status).toBe(201);
  expect(runSchema().parse(await response.json()).status).toBe('queued');
  expect(await run(call('GET', `/runs/${key}?wait=0.3`))).toMatchObject({ status: 'queued', key });
  goOn();
  expect(await run(call('GET', `/runs/${key}?wait=20`))).toEqual(succeeded(key));
  expect(inputs).toEqual([{ key, body: { ...body, deadline_s: gpuFunctions().imagine.timeout_s - 30 } }]);
  // And from now on without Modal.
  plane.stop();
  expect(await run(call('GET', `/runs/${key}`))).toEqual(succeeded(key));
});

test('one run is one call, however often and by whomever it is asked for', async () => {
  await ready();
  const goOn = hold();
  const { key, body } = await order();
  const other = (await order('prt_2')).body;
  await Promise.all([body, body, other].map((one) => call('PUT', `/runs/${key}`, one)));
  expect(plane.calls.size).toBe(1);
  goOn();
  await run(call('GET', `/runs/${key}?wait=20`));
  expect((await call('PUT', `/runs/${key}`, body)).status).toBe(200);
  expect(plane.calls.size).toBe(1);
  // Outputs that were uploaded elsewhere do not serve this owner.
  const elsewhere = (await order('prt_3', 'http://other.test/artifacts')).body;
  await call('PUT', `/runs/${key}`, elsewhere);
  expect(plane.calls.size).toBe(2);
});

/** The run whose call, begun, ends by `act`. */
const ends = async (act: () => void) => {
  await ready();
  hold();
  const { key, body } = await order();
  await call('PUT', `/runs/${key}`, body);
  act();
  return run(call('GET', `/runs/${key}?wait=20`));
};

describe('a call that ends badly', () => {
  test('because the function raised: retryable, and the next PUT is a new call', async () => {
    await ready();
    during = () => Promise.reject(new Error('CUDA error: unspecified launch failure'));
    const { key, body } = await order();
    await call('PUT', `/runs/${key}`, body);
    const failed = await run(call('GET', `/runs/${key}?wait=20`));
    expect(failed.error).toMatchObject({ code: 'worker_crashed', retryable: true });
    expect(failed.error!.message).toContain('unspecified launch failure');
    during = async () => {};
    await call('PUT', `/runs/${key}`, body);
    expect(await run(call('GET', `/runs/${key}?wait=20`))).toEqual(succeeded(key));
    expect(plane.calls.size).toBe(2);
  });

  test("because of the function's timeout: it is not tried again", async () => {
    const { error } = await ends(() => plane.end(plane.only(), 'timeout', 'took 900 s'));
    expect(error).toMatchObject({ code: 'deadline_exceeded', retryable: false });
    expect(error!.message).toContain('timeout_s');
  });

  test('because Modal lost the container: retryable', async () => {
    const { error } = await ends(() => plane.end(plane.only(), 'internal', 'worker lost'));
    expect(error).toMatchObject({ code: 'worker_crashed', retryable: true });
  });

  test('because somebody stopped it on Modal: retryable', async () => {
    const { error } = await ends(() => plane.end(plane.only(), 'terminated', 'stopped'));
    expect(error).toMatchObject({ code: 'worker_crashed', retryable: true });
  });

  test('because the functions are of another deployment: it says which', async () => {
    await ready();
    plane.deploy('Imagine', async () => ({ refused: 'model_mismatch: other weights' }));
    const { key, body } = await order();
    await call('PUT', `/runs/${key}`, body);
    const { error } = await run(call('GET', `/runs/${key}?wait=20`));
    expect(error).toMatchObject({ code: 'internal', retryable: true });
    expect(error!.message).toContain('model_mismatch');
  });

  test('because Modal forgot it: the run is unknown, so it is PUT again', async () => {
    await ready();
    hold();
    const { key, body } = await order();
    await call('PUT', `/runs/${key}`, body);
    plane.calls.clear();
    expect(await problem(call('GET', `/runs/${key}`))).toMatchObject({ status: 404, code: 'run_not_found' });
    expect((await call('PUT', `/runs/${key}`, body)).status).toBe(201);
  });
});

test('a preempted container: Modal runs the input again, and nobody else notices', async () => {
  await ready();
  hold();
  const { key, body } = await order();
  await call('PUT', `/runs/${key}`, body);
  await expect.poll(() => inputs.length).toBe(1);
  during = async () => {};
  plane.preempt(plane.only());
  expect(await run(call('GET', `/runs/${key}?wait=20`))).toEqual(succeeded(key));
  expect(plane.only().attempts).toBe(2);
  expect(inputs[1]).toEqual(inputs[0]);
});

describe('cancelling', () => {
  test('by the last owner cancels the call on Modal, and the run may be asked for again', async () => {
    await ready();
    hold();
    const { key, body } = await order();
    await call('PUT', `/runs/${key}`, body);
    await call('PUT', `/runs/${key}`, (await order('prt_2')).body);
    expect(await run(call('DELETE', `/runs/${key}?owner=prt_1`))).toMatchObject({ status: 'queued' });
    const { controller } = plane.only();
    expect(controller.signal.aborted).toBe(false);
    expect(await run(call('DELETE', `/runs/${key}?owner=prt_2`))).toMatchObject({ status: 'cancelled' });
    expect(controller.signal.aborted).toBe(true);
    expect((await call('DELETE', `/runs/${key}?owner=prt_2`)).status).toBe(404);
    during = async () => {};
    await call('PUT', `/runs/${key}`, body);
    expect(await run(call('GET', `/runs/${key}?wait=20`))).toEqual(succeeded(key));
  });

  test('a finished run forgets it', async () => {
    await ready();
    const { key, body } = await order();
    await call('PUT', `/runs/${key}`, body);
    await run(call('GET', `/runs/${key}?wait=20`));
    expect((await call('DELETE', `/runs/${key}`)).status).toBe(200);
    expect((await call('GET', `/runs/${key}`)).status).toBe(404);
    expect(plane.methods).not.toContain('FunctionCallCancel');
  });
});

describe('a lost connection', () => {
  test('after the call was spawned does not spawn it twice', async () => {
    await ready();
    plane.loseAnswers('FunctionMap', 2);
    const { key, body } = await order();
    expect((await call('PUT', `/runs/${key}`, body)).status).toBe(201);
    expect(await run(call('GET', `/runs/${key}?wait=20`))).toEqual(succeeded(key));
    expect(plane.methods.filter((method) => method === 'FunctionMap').length).toBe(3);
    expect(plane.calls.size).toBe(1);
  });

  test('for longer is told as not ready; afterwards the call is found', async () => {
    await ready();
    const goOn = hold();
    const { key, body } = await order();
    await call('PUT', `/runs/${key}`, body);
    plane.stop();
    const response = await call('GET', `/runs/${key}`);
    expect(response.headers.get('retry-after')).toBe('5');
    expect(await response.json()).toMatchObject({ status: 503, code: 'not_ready' });
    expect((await call('DELETE', `/runs/${key}`)).status).toBe(503);
    await plane.start();
    goOn();
    const found = async () => (await call('GET', `/runs/${key}?wait=1`)).status;
    await expect.poll(found, { timeout: 20_000 }).toBe(200);
    expect(await run(call('GET', `/runs/${key}?wait=20`))).toEqual(succeeded(key));
  });
});

test('a gateway that was restarted finds the calls that went on without it', async () => {
  await ready();
  const goOn = hold();
  const { key, body } = await order();
  await call('PUT', `/runs/${key}`, body);
  await gateway.close();
  goOn();
  await delay(20);
  await start();
  await ready();
  expect(await run(call('GET', `/runs/${key}?wait=20`))).toEqual(succeeded(key));
  expect(plane.calls.size).toBe(1);
});

describe('is not ready, says why, and becomes ready by itself', () => {
  test('without a function', async () => {
    await ready();
    const { key, body } = await order();
    plane.deploy('Imagine', undefined);
    const refusal = await problem(call('PUT', `/runs/${key}`, body));
    expect(refusal).toMatchObject({ status: 503, code: 'not_ready' });
    expect(refusal.detail).toContain("'portrait3d/Imagine' not found: deploy the app");
    await gateway.close();
    await start();
    await expect.poll(async () => (await health()).status, { timeout: 20_000 }).toBe('SETUP_FAILED');
    expect((await fetch(`${gateway.url}/healthz`)).status).toBe(503);
    plane.deploy('Imagine', imagine);
    await ready();
  });

  test('with a token that Modal refuses', async () => {
    await gateway.close();
    vi.stubEnv('MODAL_TOKEN_SECRET', 'as-wrong');
    await start();
    await expect.poll(async () => (await health()).status, { timeout: 20_000 }).toBe('SETUP_FAILED');
    expect((await health()).message).toContain('MODAL_TOKEN_SECRET');
  });
});

test('nobody without the token, no wrong key, and no prompt in the log', async () => {
  await ready();
  const { key, body } = await order();
  expect((await call('PUT', `/runs/${key}`, body, 'wrong')).status).toBe(401);
  expect((await call('PUT', `/runs/${await sha256Hex('x')}`, body)).status).toBe(400);
  await call('PUT', `/runs/${key}`, body);
  await run(call('GET', `/runs/${key}?wait=20`));
  expect(logged.join('\n')).toContain(key);
  expect(logged.join('\n')).not.toContain('a man');
});
