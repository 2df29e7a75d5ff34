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
