import { env } from 'cloudflare:workers';
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import type { StageResult } from '../../shared/index.ts';
import type { Env } from '../env.ts';
import { artifactPath, runPrefix } from './paths.ts';

const bindings = env as unknown as Env;
let count = 0;

/** A run that no other test knows, with one artifact stored. */
async function newRun() {
  const run = `run-${count++}`;
  const keeper = bindings.RUNS.getByName(run);
  const result: StageResult = {
    stage: 'imagine',
    key: run,
    outputs: { image: { sha256: 'i', size: 5, content_type: 'image/png' } },
    warnings: [],
    metrics: {},
  };
  const stored = async () => (await bindings.ARTIFACTS.list({ prefix: runPrefix(run) })).objects.length;
  const store = () => bindings.ARTIFACTS.put(artifactPath(run, 'i'), 'bytes');
  return { run, keeper, result, stored, store };
}

describe('the keeper of a run', () => {
  it('gives the result to every portrait that holds it, once it is recorded', async () => {
    const { run, keeper, result, store } = await newRun();
    expect(await keeper.hold(run, 'a')).toBe(null);
    await store();
    expect(await keeper.record(result)).toEqual([]);
    expect(await keeper.hold(run, 'b')).toEqual(result);
    expect(await keeper.result()).toEqual(result);
  });

  it('records nothing of which a part is not stored, or is of another size', async () => {
    const { run, keeper, result } = await newRun();
    await keeper.hold(run, 'a');
    expect(await keeper.record(result)).toEqual(['image']);
    await bindings.ARTIFACTS.put(artifactPath(run, 'i'), 'more bytes than that');
    expect(await keeper.record(result)).toEqual(['image']);
    expect(await keeper.result()).toBe(null);
  });

  it('deletes everything when the last portrait lets go, and not before', async () => {
    const { run, keeper, result, stored, store } = await newRun();
    await keeper.hold(run, 'a');
    await keeper.hold(run, 'b');
    await store();
    await keeper.record(result);
    await keeper.letGo('a');
    await keeper.letGo('a');
    await runDurableObjectAlarm(keeper);
    expect([await stored(), await keeper.isHeld()]).toEqual([1, true]);
    await keeper.letGo('b');
    expect([await keeper.isHeld(), await keeper.result()]).toEqual([false, null]);
    await expect.poll(stored, { timeout: 10_000 }).toBe(0);
  });

  it('spares what a new portrait holds before the sweep', async () => {
    const { run, keeper, result, stored, store } = await newRun();
    await keeper.hold(run, 'a');
    await store();
    await keeper.record(result);
    await runInDurableObject(keeper, async (instance) => {
      await instance.letGo('a');
      expect(await instance.hold(run, 'b')).toBe(null);
      await instance.alarm();
    });
    expect(await stored()).toBe(1);
    expect(await keeper.record(result)).toEqual([]);
  });

  it('forgets a result whose artifacts the bucket has lost', async () => {
    const { run, keeper, result, store } = await newRun();
    await keeper.hold(run, 'a');
    await store();
    await keeper.record(result);
    await keeper.verify();
    expect(await keeper.result()).toEqual(result);
    await bindings.ARTIFACTS.delete(artifactPath(run, 'i'));
    await keeper.verify();
    expect(await keeper.result()).toBe(null);
  });

  it('leaves nothing behind for a run that was never held', async () => {
    const { keeper, result } = await newRun();
    expect([await keeper.isHeld(), await keeper.result()]).toEqual([false, null]);
    await keeper.letGo('a');
    await keeper.verify();
    await keeper.record({ ...result, outputs: {} });
    const tables = await runInDurableObject(keeper, (_, state) =>
      state.storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name IN ('run', 'holders')").toArray(),
    );
    expect(tables).toEqual([]);
  });
});
