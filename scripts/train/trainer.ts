import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  compile,
  gather,
  gradients,
  hostTensor,
  input,
  loop,
  openSession,
  sizeOf,
} from '../../gpu-functions/graph/index.ts';
import type { DType, HostTensor, Shape, Value } from '../../gpu-functions/graph/index.ts';
import {
  Random,
  adam,
  clippingFactor,
  ema,
  givenParameters,
  initialise,
} from '../../gpu-functions/nn/index.ts';
import type { ParameterSpec, Parameters, WeightMap } from '../../gpu-functions/nn/index.ts';
import { readSafetensors, writeSafetensors } from '../../gpu-functions/weights/safetensors.ts';

/** What is trained: the parameters, one step's inputs, and the loss as a graph. */
export interface TrainingTask {
  name: string;
  specs: ParameterSpec[];
  /** Shapes of one step's inputs. */
  batch: Record<string, { shape: Shape; dtype?: DType }>;
  /** The scalar loss of one step, and scalars to log beside it. */
  loss(
    parameters: Parameters,
    batch: Record<string, Value>,
  ): { loss: Value; metrics?: Record<string, Value> };
  /** Draws one step's inputs. */
  draw(random: Random, step: number): Record<string, HostTensor>;
  /** Writes preview pictures of the averaged weights to `folder`. */
  preview?(weights: WeightMap, folder: string, step: number): Promise<void>;
}

/** The shapes of one step's inputs as inputs of a graph. */
export const leavesOf = (shapes: Record<string, Shape>): Record<string, Value> =>
  Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, input(name, shape)]));

/** The shapes of one step's inputs, all float32, as a task's `batch`. */
export const batchOf = (shapes: Record<string, Shape>): TrainingTask['batch'] =>
  Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape }]));

export interface TrainingSchedule {
  /** Steps in all; the learning rate falls to a hundredth along a cosine. */
  steps: number;
  /** Steps fused into one `Loop` run, so that state crosses the session's border once per run. */
  fused: number;
  learningRate: number;
  warmup: number;
  beta1: number;
  beta2: number;
  maxGradientNorm: number;
  /** Half-life of the averaged weights, in steps. */
  averageHalfLife: number;
  seed: number;
  /** Seconds between checkpoints and previews. */
  checkpointSeconds: number;
  threads: number;
}

interface Checkpoint {
  step: number;
  weights: WeightMap;
  mean: WeightMap;
  variance: WeightMap;
  average: WeightMap;
}

/**
 * Trains a task with Adam, K steps to one ONNX `Loop`, and leaves in `folder`: `checkpoint.safetensors` (weights,
 * moments, averaged weights, step), `loss.csv` and previews. Continues from a checkpoint that is already there.
 * Batches depend only on the seed and the step, so a resumed run sees what an uninterrupted one would have seen.
 */
export async function train(
  task: TrainingTask,
  schedule: TrainingSchedule,
  folder: string,
  signal: AbortSignal,
  start?: WeightMap,
): Promise<WeightMap> {
  await mkdir(folder, { recursive: true });
  let state = (await loadCheckpoint(folder, task)) ?? freshState(task, schedule, start);
  const from = state.step;
  const total = task.specs.reduce((sum, spec) => sum + sizeOf(spec.shape), 0);
  log(`${task.name}: ${(total / 1e6).toFixed(2)} M parameters, from step ${from} to ${schedule.steps}`);
  const session = await openSession(compileSteps(task, schedule), { threads: schedule.threads });
  const began = Date.now();
  let saved = Date.now();
  let next = drawRun(task, schedule, state.step);
  try {
    while (state.step < schedule.steps && !signal.aborted) {
      const running = session.run({ ...next, ...stateFeeds(state) });
      const upcoming = state.step + schedule.fused;
      if (upcoming < schedule.steps) next = drawRun(task, schedule, upcoming);
      const out = await running;
      state = nextState(task, state, out, schedule.fused);
      await report(task, schedule, folder, state.step, from, began, out);
      if (Date.now() - saved > schedule.checkpointSeconds * 1000) {
        await saveCheckpoint(folder, state);
        await task.preview?.(state.average, folder, state.step);
        saved = Date.now();
      }
    }
  } finally {
    await session.close();
  }
  await saveCheckpoint(folder, state);
  await task.preview?.(state.average, folder, state.step);
  return state.average;
}

function log(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** K training steps as one graph: state in, batches stacked as [K, …] in, state and [K] metrics out. */
function compileSteps(task: TrainingTask, schedule: TrainingSchedule) {
  const { fused: steps } = schedule;
  const stacked = Object.fromEntries(
    Object.entries(task.batch).map(([name, { shape, dtype }]) => [
      name,
      input(`batch.${name}`, [steps, ...shape], dtype),
    ]),
  );
  const rates = input('rates', [steps]);
  const keep = input('keep', []);
  const leaves = (prefix: string) =>
    Object.fromEntries(
      task.specs.map(({ name, shape }) => [`${prefix}${name}`, input(`${prefix}${name}`, shape)]),
    );
  const part = (state: Record<string, Value>, prefix: string) =>
    Object.fromEntries(task.specs.map(({ name }) => [name, state[prefix + name]!]));
  const initial = {
    step: input('step', []),
    ...leaves('w:'),
    ...leaves('m:'),
    ...leaves('v:'),
  };
  const result = loop<Record<string, Value>, Record<string, Value>>(steps, initial, (state, i) => {
    const weights = part(state, 'w:');
    const batch = Object.fromEntries(Object.entries(stacked).map(([name, all]) => [name, gather(all, i)]));
    const { loss, metrics = {} } = task.loss(givenParameters(new Map(Object.entries(weights))), batch);
    const names = Object.keys(weights);
    const raw = gradients([loss], Object.values(weights));
    const grads = Object.fromEntries(names.map((name, k) => [name, raw[k]!]));
    const { factor, norm } = clippingFactor(grads, schedule.maxGradientNorm);
    const updated = adam(
      weights,
      grads,
      { m: part(state, 'm:'), v: part(state, 'v:'), step: state['step']! },
      { lr: gather(rates, i), beta1: schedule.beta1, beta2: schedule.beta2, gradientScale: factor },
    );
    const next: Record<string, Value> = { step: updated.state.step };
    for (const name of names) {
      next[`w:${name}`] = updated.params[name]!;
      next[`m:${name}`] = updated.state.m[name]!;
      next[`v:${name}`] = updated.state.v[name]!;
    }
    return { state: next, outputs: { loss, gradientNorm: norm, ...metrics } };
  });
  const outputs = Object.fromEntries(
    Object.entries(result.outputs).map(([name, value]) => [`out.${name}`, value]),
  );
  // Averaged once for all fused steps: each pass over all weights costs as much as a part of a step.
  const averages = ema(part(leaves('a:'), 'a:'), part(result.state, 'w:'), keep);
  const state = Object.fromEntries([
    ...Object.entries(result.state).map(([name, value]) => [`next.${name}`, value]),
    ...Object.entries(averages).map(([name, value]) => [`next.a:${name}`, value]),
  ]);
  return compile({ ...outputs, ...state }, { name: task.name });
}

function drawRun(task: TrainingTask, schedule: TrainingSchedule, step: number): Record<string, HostTensor> {
  const K = schedule.fused;
  const draws = Array.from({ length: K }, (_, k) =>
    task.draw(new Random(schedule.seed).fork(`batch ${step + k}`), step + k),
  );
  const feeds: Record<string, HostTensor> = {};
  for (const [name, { shape }] of Object.entries(task.batch)) {
    const first = draws[0]![name]!;
    const size = sizeOf(shape);
    const Stack = first.data.constructor as new (n: number) => Float32Array;
    const data = new Stack(K * size);
    draws.forEach((draw, k) => data.set(draw[name]!.data as Float32Array, k * size));
    feeds[`batch.${name}`] = { dtype: first.dtype, shape: [K, ...shape], data };
  }
  const indices = Array.from({ length: K }, (_, k) => step + k);
  feeds['rates'] = hostTensor(new Float32Array(indices.map((s) => learningRate(schedule, s))), [K]);
  // A young average follows the weights, so that it never holds the random start.
  const decay = 0.5 ** (1 / schedule.averageHalfLife);
  const keep = indices.reduce((product, s) => product * Math.min(decay, (1 + s) / (10 + s)), 1);
  feeds['keep'] = hostTensor(Float32Array.of(keep), []);
  return feeds;
}

/** Share of the highest learning rate that is left at the end. */
const LAST_RATE = 0.01;

function learningRate({ learningRate: peak, warmup, steps }: TrainingSchedule, step: number): number {
  const ramp = Math.min(1, (step + 1) / warmup);
  const fallen = (1 - Math.cos((Math.PI * Math.min(step, steps)) / steps)) / 2;
  return peak * ramp * (1 - (1 - LAST_RATE) * fallen);
}

function freshState(task: TrainingTask, schedule: TrainingSchedule, start?: WeightMap): Checkpoint {
  const weights = initialise(task.specs, schedule.seed);
  for (const { name, shape } of task.specs) {
    const given = start?.get(name);
    if (given && given.shape.join() === shape.join()) weights.set(name, given);
  }
  const zeros = () =>
    new Map(task.specs.map(({ name, shape }) => [name, hostTensor(new Float32Array(sizeOf(shape)), shape)]));
  return { step: 0, weights, mean: zeros(), variance: zeros(), average: new Map(weights) };
}

const PARTS = [
  ['w:', 'weights'],
  ['m:', 'mean'],
  ['v:', 'variance'],
  ['a:', 'average'],
] as const;

function stateFeeds(state: Checkpoint): Record<string, HostTensor> {
  const feeds: Record<string, HostTensor> = { step: hostTensor(new Float32Array([state.step]), []) };
  for (const [prefix, part] of PARTS) for (const [name, tensor] of state[part]) feeds[prefix + name] = tensor;
  return feeds;
}

function nextState(
  task: TrainingTask,
  state: Checkpoint,
  out: Record<string, HostTensor>,
  steps: number,
): Checkpoint {
  const part = (prefix: string) =>
    new Map(task.specs.map(({ name }) => [name, out[`next.${prefix}${name}`]!]));
  return {
    step: state.step + steps,
    weights: part('w:'),
    mean: part('m:'),
    variance: part('v:'),
    average: part('a:'),
  };
}

async function report(
  task: TrainingTask,
  schedule: TrainingSchedule,
  folder: string,
  step: number,
  from: number,
  began: number,
  out: Record<string, HostTensor>,
): Promise<void> {
  const columns = Object.entries(out)
    .filter(([name]) => name.startsWith('out.'))
    .map(([name, tensor]) => {
      const values = tensor.data as Float32Array;
      return [name.slice(4), values.reduce((a, b) => a + b, 0) / values.length] as const;
    });
  const loss = columns.find(([name]) => name === 'loss')![1];
  if (!Number.isFinite(loss)) {
    throw new Error(
      `${task.name}: the loss is not finite at step ${step}. The last checkpoint is kept; ` +
        `resume it with a lower learning rate (--lr).`,
    );
  }
  const seconds = (Date.now() - began) / 1000;
  const perStep = seconds / (step - from);
  const left = (schedule.steps - step) * perStep;
  const text = columns.map(([name, value]) => `${name} ${value.toPrecision(4)}`).join('  ');
  log(`step ${step}  ${text}  ${perStep.toFixed(3)} s/step  ${(left / 60).toFixed(0)} min left`);
  const file = join(folder, 'loss.csv');
  if (step === schedule.fused)
    await writeFile(file, `step,seconds,${columns.map(([name]) => name).join(',')}\n`);
  await appendFile(
    file,
    `${step},${seconds.toFixed(1)},${columns.map(([, value]) => value.toPrecision(6)).join(',')}\n`,
  );
}

const CHECKPOINT = 'checkpoint.safetensors';

async function saveCheckpoint(folder: string, state: Checkpoint): Promise<void> {
  const tensors = new Map(
    PARTS.flatMap(([prefix, part]) => [...state[part]].map(([name, t]) => [prefix + name, t])),
  );
  await writeSafetensors(join(folder, CHECKPOINT), tensors, { step: String(state.step) });
}

async function loadCheckpoint(folder: string, task: TrainingTask): Promise<Checkpoint | undefined> {
  const file = join(folder, CHECKPOINT);
  const found = await readFile(file).catch(() => undefined);
  if (!found) return undefined;
  const { tensors, metadata } = await readSafetensors(file);
  const part = (prefix: string): WeightMap =>
    new Map(
      task.specs.map(({ name, shape }) => {
        const tensor = tensors.get(prefix + name);
        if (tensor?.shape.join() !== shape.join()) {
          throw new Error(
            `'${file}' is of another configuration (${name}). Move it away, or start from its weights with --from.`,
          );
        }
        return [name, tensor];
      }),
    );
  return {
    step: Number(metadata['step']),
    weights: part('w:'),
    mean: part('m:'),
    variance: part('v:'),
    average: part('a:'),
  };
}

/** The averaged weights of a training folder. @throws Error when it holds no checkpoint. */
export async function averagedWeights(folder: string): Promise<{ weights: WeightMap; step: number }> {
  const { tensors, metadata } = await readSafetensors(join(folder, CHECKPOINT));
  const weights = new Map(
    [...tensors].filter(([name]) => name.startsWith('a:')).map(([name, tensor]) => [name.slice(2), tensor]),
  );
  return { weights, step: Number(metadata['step']) };
}
