import { globSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { at, finished, startTinyService, until, type RunningService } from '../service/running-service.ts';

// Long enough to be killed in the middle: there is a checkpoint each half second, and a step takes some 30 ms.
const STAGES = { distill: { steps: 120 } };

// Under a minute each on an idle machine; minutes on a busy one.
vi.setConfig({ testTimeout: 400_000, hookTimeout: 240_000 });

let running: RunningService;
beforeAll(async () => {
  running = await startTinyService(STAGES);
});
afterAll(() => running?.close());

type Line = { event: string; step?: number; stage?: string };

/** What the stage server has logged of one kind, over all its lives. */
function logged(event: string): Line[] {
  const lines = running.service.log('stage-server').split('\n');
  return lines.flatMap((line) => (line.includes(`"${event}"`) ? [JSON.parse(line) as Line] : []));
}

const rendered = () => logged('run_succeeded').filter(({ stage }) => stage === 'render').length;

/** Artifacts in the bucket, as the platform keeps them on disk. */
function artifacts(): number {
  const files = globSync(join(running.folder, 'state/worker/platform/r2/**/*.sqlite'));
  return files.reduce((sum, file) => {
    const database = new DatabaseSync(file, { readOnly: true });
    const tables = database.prepare("SELECT 1 FROM sqlite_master WHERE name = '_mf_objects'").all();
    const [row] =
      tables.length === 0
        ? []
        : database.prepare("SELECT COUNT(*) AS n FROM _mf_objects WHERE key LIKE 'runs/%'").all();
    database.close();
    return sum + Number(row?.['n'] ?? 0);
  }, 0);
}

/** Starts a portrait and waits until it is in the middle of distill, with a checkpoint behind it. */
async function untilInsideDistill(seed: number): Promise<string> {
  const { id } = await running.api.create({ prompt: 'a young woman with red', seed, quality: 'standard' });
  await until(running.api, id, at('distill', 0.01), 120);
  const before = logged('run_checkpointed').length;
  await expect.poll(() => logged('run_checkpointed').length, { timeout: 120_000 }).toBeGreaterThan(before);
  expect((await running.api.get(id)).progress.stage).toBe('distill');
  return id;
}

test('SIGKILL of the stage server in the middle of distill: after a restart the job finishes from its checkpoint', async () => {
  const { service, api } = running;
  const id = await untilInsideDistill(3);
  await service.killPart('stage-server');
  const { step } = logged('run_checkpointed').at(-1)!;
  expect(step).toBeGreaterThan(1);
  await service.startPart('stage-server');
  const portrait = await finished(api, id, 200);

  const { metrics } = portrait.timings.distill!;
  expect(metrics).toMatchObject({ attempts: 2 });
  // The first step after the restart follows the checkpoint's; it is not the first of the stage.
  expect(metrics['resumed_at_step']).toBeGreaterThanOrEqual(step!);
  expect(portrait.files).toHaveLength(5);
});

test('SIGKILL of workerd in the middle of distill: after a restart the job finishes by itself, and no work is lost', async () => {
  const { service, api } = running;
  const id = await untilInsideDistill(4);
  const before = rendered();
  await service.killPart('worker');
  await service.startPart('worker');
  // Nobody asks for the portrait: its alarm alone takes it through the stages that are left.
  await expect.poll(rendered, { timeout: 200_000 }).toBeGreaterThan(before);
  const portrait = await finished(api, id, 5);

  // The stage server worked on meanwhile: nothing was done twice.
  expect(portrait.timings.distill!.metrics).toMatchObject({ attempts: 1 });
  expect(portrait.files).toHaveLength(5);
});

test('SIGKILL of both in the middle of distill: after a restart the job finishes from its checkpoint, and leaves nothing behind', async () => {
  const { service, api } = running;
  const stored = artifacts();
  const id = await untilInsideDistill(5);
  const before = rendered();
  await Promise.all([service.killPart('worker'), service.killPart('stage-server')]);
  const { step } = logged('run_checkpointed').at(-1)!;
  await Promise.all([service.startPart('worker'), service.startPart('stage-server')]);
  // Nobody asks for the portrait: its alarm finds the run, or starts it again.
  await expect.poll(rendered, { timeout: 200_000 }).toBeGreaterThan(before);
  const portrait = await finished(api, id, 20);

  expect(portrait.timings.distill!.metrics['resumed_at_step']).toBeGreaterThanOrEqual(step!);
  expect(portrait.files).toHaveLength(5);
  // Each stage was done to its end once: no second run was begun beside the one that was gone on with.
  const runs = logged('run_succeeded').slice(-5);
  expect(runs.map(({ stage }) => stage)).toEqual(['imagine', 'invert', 'distill', 'refine', 'render']);
  expect(rendered()).toBe(before + 1);

  // The files lie below the runs that the portrait holds, so they go with it: no upload was left over.
  expect(artifacts()).toBeGreaterThan(stored);
  await fetch(`${service.api}/v1/portraits/${id}`, { method: 'DELETE' });
  await expect.poll(artifacts, { timeout: 60_000 }).toBe(stored);
});
