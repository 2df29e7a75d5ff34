import { afterEach, beforeEach, expect, test } from 'vitest';
import { at, finished, startTinyService, until, type RunningService } from '../service/running-service.ts';

// Long enough to be killed in the middle, after the first checkpoint (they are some seconds apart).
const STAGES = { distill: { steps: 600 }, refine: { steps: 4 } };
const request = { prompt: 'a young woman with red', seed: 3, quality: 'standard' } as const;

let running: RunningService;
beforeEach(async () => {
  running = await startTinyService(STAGES);
}, 120_000);
afterEach(() => running?.close());

/** The step that the newest checkpoint in the stage server's log is of. */
function checkpointed(): number {
  const lines = running.service.log('stage-server').split('\n');
  const steps = lines.flatMap((line) =>
    line.includes('"run_checkpointed"') ? [JSON.parse(line).step as number] : [],
  );
  return steps.at(-1) ?? 0;
}

/** Starts a portrait and waits until it is in the middle of distill, with a checkpoint behind it. */
async function untilInsideDistill(): Promise<string> {
  const { id } = await running.api.create(request);
  await until(running.api, id, at('distill', 0.05));
  await expect.poll(checkpointed, { timeout: 30_000 }).toBeGreaterThan(0);
  const { progress } = await running.api.get(id);
  expect(progress.stage).toBe('distill');
  return id;
}

test('SIGKILL of the stage server in the middle of distill: after a restart the job finishes from its checkpoint', async () => {
  const { service, api } = running;
  const id = await untilInsideDistill();
  await service.killPart('stage-server');
  const step = checkpointed();
  await service.startPart('stage-server');
  const portrait = await finished(api, id, 60);

  const { metrics } = portrait.timings.distill!;
  expect(metrics).toMatchObject({ attempts: 2 });
  // The first step after the restart is the one after the checkpoint's, not the first of the stage.
  expect(metrics['resumed_at_step']).toBeGreaterThanOrEqual(step);
  expect(step).toBeGreaterThan(1);
  expect(portrait.files).toHaveLength(5);
}, 120_000);

test('SIGKILL of workerd in the middle of distill: after a restart the job finishes by itself, and no work is lost', async () => {
  const { service, api } = running;
  const id = await untilInsideDistill();
  await service.killPart('worker');
  await service.startPart('worker');
  // Nobody asks for the portrait: its alarm alone takes it through the stages that are left.
  await expect
    .poll(() => service.log('stage-server'), { timeout: 60_000 })
    .toMatch(/"run_succeeded".*"render"/);
  const portrait = await finished(api, id, 5);

  // The stage server worked on meanwhile: nothing was done twice.
  expect(portrait.timings.distill!.metrics).toMatchObject({ attempts: 1 });
  expect(portrait.files).toHaveLength(5);
}, 120_000);
