import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { add, hostTensor, input, matmul, mean, square, sub } from '../../gpu-functions/graph/index.ts';
import type { Value } from '../../gpu-functions/graph/index.ts';
import { traceParameters } from '../../gpu-functions/nn/index.ts';
import type { Parameters } from '../../gpu-functions/nn/index.ts';
import { train } from './trainer.ts';
import type { TrainingSchedule, TrainingTask } from './trainer.ts';

const BATCH = { x: { shape: [8, 2] }, y: { shape: [8, 1] } };

function loss(p: Parameters, batch: Record<string, Value>) {
  const predicted = add(
    matmul(batch.x, p.get('weight', [2, 1], { kind: 'normal', std: 1 })),
    p.get('bias', [1]),
  );
  return { loss: mean(square(sub(predicted, batch.y))) };
}

/** Fits y = 3a − 2b + 1. */
const LINE: TrainingTask = {
  name: 'line',
  specs: traceParameters((p) => loss(p, { x: input('x', [8, 2]), y: input('y', [8, 1]) })),
  batch: BATCH,
  loss,
  draw(random) {
    const x = random.normals(16);
    const y = Float32Array.from({ length: 8 }, (_, i) => 3 * x[2 * i] - 2 * x[2 * i + 1] + 1);
    return { x: hostTensor(x, [8, 2]), y: hostTensor(y, [8, 1]) };
  },
};

const SCHEDULE: TrainingSchedule = {
  steps: 240,
  fused: 20,
  learningRate: 0.1,
  warmup: 5,
  beta1: 0.9,
  beta2: 0.99,
  maxGradientNorm: 10,
  averageHalfLife: 5,
  seed: 3,
  checkpointSeconds: 1000,
  threads: 1,
};

const never = new AbortController().signal;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'train-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('training finds the weights, and its loss curve has a line a run', async () => {
  const weights = await train(LINE, SCHEDULE, folder, never);
  const [a, b] = weights.get('weight')!.data as Float32Array;
  expect(a).toBeCloseTo(3, 2);
  expect(b).toBeCloseTo(-2, 2);
  expect((weights.get('bias')!.data as Float32Array)[0]).toBeCloseTo(1, 2);
  const lines = (await readFile(join(folder, 'loss.csv'), 'utf8')).trim().split('\n');
  expect(lines).toHaveLength(1 + SCHEDULE.steps / SCHEDULE.fused);
});

test('an interrupted and resumed training ends where an uninterrupted one does', async () => {
  const whole = await train(LINE, SCHEDULE, join(folder, 'whole'), never);
  const stop = new AbortController();
  const interrupted: TrainingTask = {
    ...LINE,
    draw(random, step) {
      if (step >= 100) stop.abort();
      return LINE.draw(random, step);
    },
  };
  await train(interrupted, SCHEDULE, join(folder, 'parts'), stop.signal);
  const resumed = await train(LINE, SCHEDULE, join(folder, 'parts'), never);
  expect(resumed.get('weight')!.data).toEqual(whole.get('weight')!.data);
});

test('a checkpoint of another configuration is refused with what to do', async () => {
  await train(LINE, { ...SCHEDULE, steps: 20 }, folder, never);
  const specs = LINE.specs.map((spec) => ({ ...spec, shape: spec.name === 'bias' ? [2] : spec.shape }));
  await expect(train({ ...LINE, specs }, SCHEDULE, folder, never)).rejects.toThrow('Move it away');
});
