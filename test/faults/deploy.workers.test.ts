import { env } from 'cloudflare:workers';
import { runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { artifactPath } from '../../edge/artifacts/paths.ts';
import type { Env } from '../../edge/env.ts';
import { newId } from '../../edge/ids.ts';
import { stageOutputs, type Health, type Run, type StartRun } from '../../shared/index.ts';
import first from './snapshots/version-1.json';

/**
 * Jobs as the first released version of the worker stored them, one for each phase of its machine: recorded by driving
 * that version's own code. Here the present worker is deployed while they run.
 */
const SNAPSHOTS = first as { job: { phase: { name: string } }; outbox: object[] }[];

const bindings = env as unknown as Env;
const OVER = ['succeeded', 'cancelled'];
const BYTES = 'an artifact';

const health: Health = {
  status: 'READY',
  profile: 'mini',
  provider: 'cpu',
  digest: 'w',
  stages: { imagine: 1, invert: 1, render: 1 },
  version: 'test',
};

/** A stage server that is done at once: its outputs are in the bucket when it answers. */
async function answer(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const { pathname } = new URL(String(input));
  if (pathname === '/health') return Response.json(health);
  if (init?.method !== 'PUT') return Response.json({ code: 'run_not_found' }, { status: 404 });
  const { stage, params } = JSON.parse(String(init.body)) as StartRun;
  const key = pathname.slice('/runs/'.length);
  const outputs: Run['outputs'] = {};
  for (const name of stageOutputs(stage, params.outputs as never)) {
    const sha256 = `${Object.keys(outputs).length}`.repeat(64);
    await bindings.ARTIFACTS.put(artifactPath(key, sha256), BYTES);
    outputs[name] = { sha256, size: BYTES.length, content_type: 'image/png' };
  }
  const progress = { fraction: 1, eta_s: 0, step: 1, steps: 1, message: 'done' };
  return Response.json({
    key,
    stage,
    status: 'succeeded',
    progress,
    outputs,
    warnings: [],
    error: null,
    metrics: {},
  } satisfies Run);
}

beforeEach(() => {
  vi.spyOn(globalThis, 'fetch').mockImplementation(answer);
});
afterEach(() => vi.restoreAllMocks());

/** Stores a job as version 1 did, with its outbox, and lets the present version find it. */
async function deployOver({ job, outbox }: (typeof SNAPSHOTS)[number]): Promise<string> {
  const id = newId('prt');
  const stub = bindings.JOBS.getByName(id);
  await runInDurableObject(stub, async (_, state) => {
    const { sql } = state.storage;
    sql.exec(`
      CREATE TABLE job (one INTEGER PRIMARY KEY CHECK (one = 1), state TEXT NOT NULL, origin TEXT NOT NULL, deleted INTEGER NOT NULL DEFAULT 0);
      CREATE TABLE outbox (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, effect TEXT NOT NULL, due INTEGER NOT NULL, tries INTEGER NOT NULL DEFAULT 0);
      CREATE TABLE events (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, type TEXT NOT NULL, at INTEGER NOT NULL, data TEXT NOT NULL);`);
    const now = Date.now();
    const stored = JSON.stringify({ ...job, id, createdAt: now });
    sql.exec('INSERT INTO job (one, state, origin) VALUES (1, ?, ?)', stored, 'http://edge.test');
    for (const effect of outbox)
      sql.exec('INSERT INTO outbox (effect, due) VALUES (?, ?)', JSON.stringify(effect), now);
    await state.storage.setAlarm(now);
    await state.storage.sync();
  });
  await runInDurableObject(stub, (_, state) => state.abort('a new version is deployed')).catch(() => null);
  return id;
}

/** The job's state as it is stored; null once nothing is left of it. */
const storedPhase = (id: string) =>
  runInDurableObject(bindings.JOBS.getByName(id), (_, { storage: { sql } }) => {
    if (sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'job'").toArray().length === 0) return null;
    const rows = sql.exec<{ state: string }>('SELECT state FROM job').toArray();
    return rows.length === 0 ? null : (JSON.parse(rows[0]!.state) as { phase: { name: string } }).phase.name;
  });

describe('a deploy while jobs of the first version run', () => {
  it('finds each phase of that version among the recorded ones', () => {
    expect(SNAPSHOTS.map(({ job }) => job.phase.name).toSorted()).toEqual(
      [
        'resolving',
        'looking_up',
        'dispatching',
        'running',
        'asking',
        'waiting',
        'recording',
        'cancelled',
        'succeeded',
      ].toSorted(),
    );
  });

  it.each(
    SNAPSHOTS.filter(({ job }) => !OVER.includes(job.phase.name)).map((one) => [one.job.phase.name, one]),
  )('a job that was %s goes on by its alarm, and succeeds', async (_, snapshot) => {
    const id = await deployOver(snapshot as (typeof SNAPSHOTS)[number]);
    await vi.waitFor(async () => expect(await storedPhase(id)).toBe('succeeded'), { timeout: 20_000 });
    const portrait = await bindings.JOBS.getByName(id).portrait();
    expect(portrait).toMatchObject({ id, status: 'succeeded', seed: 7, error: null });
    expect(portrait!.files.map(({ name }) => name)).toEqual(['front.png']);
  });

  it.each(
    SNAPSHOTS.filter(({ job }) => OVER.includes(job.phase.name)).map((one) => [one.job.phase.name, one]),
  )(
    'a portrait that was %s is removed, because its files lie where nothing looks for them',
    async (_, snapshot) => {
      const id = await deployOver(snapshot as (typeof SNAPSHOTS)[number]);
      await vi.waitFor(async () => expect(await storedPhase(id)).toBe(null), { timeout: 20_000 });
    },
  );
});
