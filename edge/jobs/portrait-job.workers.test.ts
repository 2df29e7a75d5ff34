import { env } from 'cloudflare:workers';
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Health, PortraitRequest, Run, StartRun } from '../../shared/index.ts';
import { newId } from '../ids.ts';
import { LOCAL_PRINCIPAL } from '../accounts/principal.ts';
import type { Env } from '../env.ts';
import type { Terms } from './job.ts';
import type { PortraitJob } from './portrait-job.ts';

const HOUR_MS = 3_600_000;
const terms: Terms = {
  owner: LOCAL_PRINCIPAL,
  urgency: 3,
  deadlineMs: 24 * HOUR_MS,
  retentionMs: 720 * HOUR_MS,
  trace: null,
};
const bindings = env as unknown as Env;
const health: Health = {
  status: 'READY',
  profile: 'mini',
  provider: 'cpu',
  digest: 'w',
  stages: { imagine: 1, invert: 1, render: 1 },
  version: 'test',
};

/** Requests that reached the stage server. */
let requests: { method: string; path: string; body: StartRun | null }[];
/** Awaited before the stage server answers a PUT. */
let gate: Promise<void>;
let forgotten: boolean;

beforeEach(() => {
  requests = [];
  gate = Promise.resolve();
  forgotten = false;
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const { pathname } = new URL(String(input));
    const method = init?.method ?? 'GET';
    const body = init?.body ? (JSON.parse(String(init.body)) as StartRun) : null;
    requests.push({ method, path: pathname, body });
    if (pathname === '/health') return Response.json(health);
    if (method === 'PUT') await gate;
    if (method === 'GET' && forgotten) return Response.json({ code: 'run_not_found' }, { status: 404 });
    return Response.json(running(pathname.slice('/runs/'.length)));
  });
});
let started: DurableObjectStub<PortraitJob>[] = [];
/** No job of one test may be at work in the next. */
afterEach(async () => {
  for (const stub of started) {
    await stub.remove();
    await vi.waitFor(async () => expect(await outboxOf(stub)).toEqual([]), { timeout: 10_000 });
  }
  started = [];
  vi.restoreAllMocks();
});

const running = (key: string): Run => ({
  key,
  stage: 'imagine',
  status: 'running',
  progress: { fraction: 0.5, eta_s: 9, step: 1, steps: 2, message: 'step 1 of 2' },
  outputs: {},
  warnings: [],
  error: null,
  metrics: {},
});

const count = (method: string) =>
  requests.filter((request) => request.method === method && request.path !== '/health').length;

async function start() {
  const id = newId('prt');
  const request: PortraitRequest = {
    prompt: id,
    negative_prompt: '',
    seed: 1,
    quality: 'draft',
    profile: 'mini',
    candidates: 4,
    outputs: ['front'],
  };
  const stub = bindings.JOBS.getByName(id);
  started.push(stub);
  await stub.start({ id, request, terms, origin: 'http://edge.test', filtered: null });
  return { id, stub, request };
}

/** Makes the lease run out now. The object is made again, because one at work knows its state by heart. */
async function expireLease(stub: DurableObjectStub<PortraitJob>): Promise<DurableObjectStub<PortraitJob>> {
  await runInDurableObject(stub, async (_, state) => {
    const { sql } = state.storage;
    const job = JSON.parse(sql.exec<{ state: string }>('SELECT state FROM job').one().state);
    job.phase.leaseUntil = 1;
    sql.exec('UPDATE job SET state = ?', JSON.stringify(job));
    await state.storage.sync();
  });
  return remade(stub);
}

/** The object, aborted and made again: a stub of an aborted one stays broken. */
async function remade(stub: DurableObjectStub<PortraitJob>): Promise<DurableObjectStub<PortraitJob>> {
  await runInDurableObject(stub, (_, state) => state.abort('to be made again')).catch(() => null);
  const again = bindings.JOBS.get(stub.id);
  started = [again];
  return again;
}

const tablesOf = (state: DurableObjectState) =>
  state.storage.sql
    .exec("SELECT name FROM sqlite_master WHERE name IN ('job', 'outbox', 'events')")
    .toArray();

const outboxOf = (stub: DurableObjectStub<PortraitJob>) =>
  runInDurableObject(stub, (_, state) =>
    tablesOf(state).length === 0 ? [] : state.storage.sql.exec('SELECT * FROM outbox').toArray(),
  );

const atWork = (stub: DurableObjectStub<PortraitJob>) =>
  vi.waitFor(async () => expect((await stub.portrait())?.status).toBe('imagining'), { timeout: 10_000 });

describe('a portrait job in its Durable Object', () => {
  it('sends the stage server what it needs, and no more than once', async () => {
    const { id, stub } = await start();
    await atWork(stub);
    expect(count('PUT')).toBe(1);
    const { body } = requests.find(({ method }) => method === 'PUT')!;
    expect(body).toMatchObject({
      stage: 'imagine',
      model: { profile: 'mini', digest: 'w' },
      owner: id,
      inputs: {},
      callback: { url: `http://edge.test/internal/callbacks/${id}` },
    });
    expect(body!.upload.url_template).toContain('http://edge.test/internal/artifacts/{sha256}?run=');
    await vi.waitFor(async () => expect(await outboxOf(stub)).toEqual([]));
  });

  it('starts once, however often it is started', async () => {
    const { id, stub, request } = await start();
    const again = await stub.start({
      id,
      request: { ...request, seed: 2 },
      terms,
      origin: 'http://b',
      filtered: null,
    });
    expect(again).toMatchObject({ portrait: { seed: 1 } });
    await atWork(stub);
    expect(count('PUT')).toBe(1);
  });

  it('does nothing at an alarm that comes too early or twice', async () => {
    const { stub } = await start();
    await atWork(stub);
    const before = requests.length;
    await runDurableObjectAlarm(stub);
    await runDurableObjectAlarm(stub);
    expect(requests.length).toBe(before);
  });

  it('goes on from storage when its object is aborted and made again', async () => {
    const { stub: before } = await start();
    await atWork(before);
    const stub = await remade(before);
    expect((await stub.portrait())?.status).toBe('imagining');
    const late = await expireLease(stub);
    await runDurableObjectAlarm(late);
    await vi.waitFor(() => expect(count('GET')).toBeGreaterThan(0));
    expect((await late.portrait())?.status).toBe('imagining');
  });

  it('asks for its run before it starts it again', async () => {
    const { stub } = await start();
    await atWork(stub);
    forgotten = true;
    await runDurableObjectAlarm(await expireLease(stub));
    await vi.waitFor(() => expect(count('PUT')).toBe(2), { timeout: 10_000 });
    const order = requests.filter(({ path }) => path !== '/health').map(({ method }) => method);
    expect(order.slice(0, 3)).toEqual(['PUT', 'GET', 'PUT']);
  });

  it('keeps an effect in the outbox until its answer is stored', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    gate = promise;
    const { stub } = await start();
    await vi.waitFor(() => expect(count('PUT')).toBe(1), { timeout: 10_000 });
    const outbox = await outboxOf(stub);
    // Webhooks are told when there is nothing else to do.
    const awaited = outbox.filter(({ effect }) => !String(effect).includes('"tell"'));
    expect(awaited).toMatchObject([{ effect: expect.stringContaining('"dispatch"') }]);
    resolve();
    await atWork(stub);
    await vi.waitFor(async () => expect(await outboxOf(stub)).toEqual([]));
  });

  it('releases a run that was accepted while the cancel came', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    gate = promise;
    const { stub } = await start();
    await vi.waitFor(() => expect(count('PUT')).toBe(1), { timeout: 10_000 });
    await stub.cancel(LOCAL_PRINCIPAL);
    resolve();
    await vi.waitFor(() => expect(count('DELETE')).toBe(1), { timeout: 10_000 });
    expect((await stub.portrait())?.status).toBe('cancelled');
    await vi.waitFor(async () => expect(await outboxOf(stub)).toEqual([]));
  });

  it('vanishes when deleted, once its run is released', async () => {
    const { stub } = await start();
    await atWork(stub);
    expect(await stub.remove()).toBe(true);
    expect(await stub.portrait()).toBe(null);
    await vi.waitFor(() => expect(count('DELETE')).toBe(1), { timeout: 10_000 });
    await vi.waitFor(() =>
      runInDurableObject(stub, async (_, state) => {
        expect(tablesOf(state)).toEqual([]);
        expect(await state.storage.getAlarm()).toBe(null);
      }),
    );
  });

  it('leaves nothing behind when asked for an id that was never given', async () => {
    const stub = bindings.JOBS.getByName(newId('prt'));
    expect(await stub.portrait()).toBe(null);
    expect(await stub.cancel(LOCAL_PRINCIPAL)).toBe(null);
    expect(await stub.remove()).toBe(false);
    expect(await runInDurableObject(stub, (_, state) => tablesOf(state))).toEqual([]);
  });
});
