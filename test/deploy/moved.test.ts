import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { at, finished, startTinyService, until, type RunningService } from '../service/running-service.ts';

// Under a minute on an idle machine; minutes on a busy one.
vi.setConfig({ testTimeout: 400_000, hookTimeout: 240_000 });

let running: RunningService;
beforeAll(async () => {
  running = await startTinyService({ distill: { steps: 120 } });
});
afterAll(() => running?.close());

type Line = { event: string; step?: number; pid?: number; key?: string; bytes?: number };
const logged = (event: string) =>
  running.service
    .log('stage-server')
    .split('\n')
    .flatMap((line) => (line.includes(`"${event}"`) ? [JSON.parse(line) as Line] : []));

test('a stage server that is moved to another machine in the middle of distill: the portrait goes on from its checkpoint', async () => {
  const { service, api, folder } = running;
  const { id } = await api.create({ prompt: 'a young woman with red', seed: 8, quality: 'standard' });
  await until(api, id, at('distill', 0.01), 240);
  const before = logged('run_checkpointed').length;
  await expect.poll(() => logged('run_checkpointed').length, { timeout: 120_000 }).toBeGreaterThan(before);

  process.kill(logged('listening').at(-1)!.pid!, 'SIGTERM');
  expect(await service.ended()).toBe('stage-server');
  const [left] = logged('checkpoint_uploaded');
  expect(left!.bytes).toBeGreaterThan(0);
  const { step } = logged('run_checkpointed').at(-1)!;
  // Another machine: nothing of the first one's disk is there.
  const disk = join(folder, 'state/stage-server');
  expect(existsSync(disk)).toBe(true);
  rmSync(disk, { recursive: true });
  await service.startPart('stage-server');

  const portrait = await finished(api, id, 300);
  expect(logged('checkpoint_fetched')).toMatchObject([{ key: left!.key, bytes: left!.bytes }]);
  expect(portrait.timings.distill!.metrics['resumed_at_step']).toBeGreaterThanOrEqual(step!);
  expect(portrait.files).toHaveLength(5);
});
