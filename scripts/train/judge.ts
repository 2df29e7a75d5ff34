import {
  add,
  cast,
  div,
  greaterOrEqual,
  hostTensor,
  input,
  logSoftmax,
  mean,
  mul,
  neg,
  reduceMax,
  slice,
  sum,
  toFloat16,
} from '../../gpu-functions/graph/index.ts';
import type { Value } from '../../gpu-functions/graph/index.ts';
import { traceParameters } from '../../gpu-functions/nn/index.ts';
import type { Parameters, Random } from '../../gpu-functions/nn/index.ts';
import { writeSafetensors } from '../../gpu-functions/weights/index.ts';
import { JUDGE_FILE, JUDGED_SIZE, judgeLogits, openJudge } from '../evaluate/judge.ts';
import { TRAITS, TRAIT_COLUMNS, TRAIT_OFFSETS, judgedSide } from '../evaluate/traits.ts';
import type { Side } from '../evaluate/traits.ts';
import type { Attributes } from '../synthetic/people/attributes.ts';
import { Dataset, mirror, writePlanes } from './dataset.ts';
import type { TrainingOptions } from './main.ts';
import { scheduleOf } from './start.ts';
import { averagedWeights, train } from './trainer.ts';
import type { TrainingSchedule, TrainingTask } from './trainer.ts';

const SCHEDULE: Omit<TrainingSchedule, 'seed' | 'threads'> = {
  steps: 1400,
  fused: 20,
  learningRate: 2e-3,
  warmup: 50,
  beta1: 0.9,
  beta2: 0.99,
  maxGradientNorm: 1,
  averageHalfLife: 60,
  checkpointSeconds: 120,
};

const BATCH = 48;
/** The last people of a dataset are kept from training, and the judge is tested on them. */
const HELD_OUT = 0.1;
const PLANE = JUDGED_SIZE ** 2;
const SHAPE = [BATCH, 3, JUDGED_SIZE, JUDGED_SIZE];

/** The column of the value a person has of each trait that a side shows, or −1. */
function labelsOf(attributes: Attributes, side: Side): number[] {
  return TRAITS.map(({ values, seen, of }, t) => {
    const value = side === 'back' && seen === 'front' ? undefined : of(attributes, side);
    return value === undefined ? -1 : TRAIT_OFFSETS[t] + values.indexOf(value);
  });
}

/** Cross-entropy of the traits that can be seen, and how many of them are told rightly. */
function judgeLoss(p: Parameters, { image, targets }: Record<string, Value>) {
  const logits = judgeLogits(p, image);
  let loss: Value | undefined;
  const metrics: Record<string, Value> = {};
  TRAITS.forEach(({ name, values }, t) => {
    const own = (x: Value) => slice(x, 1, TRAIT_OFFSETS[t], TRAIT_OFFSETS[t] + values.length);
    const log = logSoftmax(own(logits), -1);
    const target = own(targets);
    const seen = sum(target, [1]);
    const ofTarget = sum(mul(log, target), [1]);
    const count = add(sum(seen), 1e-6);
    const one = div(neg(sum(ofTarget)), count);
    loss = loss ? add(loss, one) : one;
    const right = mul(cast(greaterOrEqual(ofTarget, reduceMax(log, [1])), 'float32'), seen);
    metrics[name.replaceAll(' ', '_')] = div(sum(right), count);
  });
  return { loss: mean(loss!), metrics };
}

/** A picture as a softer one: rendered portraits are less sharp than the pictures the judge learns from. */
function soften(random: Random, image: Float32Array): void {
  const reach = random.int(3);
  if (reach === 0) return;
  const size = JUDGED_SIZE;
  const row = new Float32Array(size);
  for (let c = 0; c < 3; c++) {
    for (const [step, stride] of [
      [1, size],
      [size, 1],
    ]) {
      for (let line = 0; line < size; line++) {
        const start = c * PLANE + line * stride;
        for (let i = 0; i < size; i++) {
          let total = 0;
          for (let k = -reach; k <= reach; k++) {
            total += image[start + Math.min(size - 1, Math.max(0, i + k)) * step];
          }
          row[i] = total / (2 * reach + 1);
        }
        for (let i = 0; i < size; i++) image[start + i * step] = row[i];
      }
    }
  }
}

/** Most pixels that a picture is moved by, and most that its contrast is changed by: people are few, and should not be known by their place. */
const [MOST_SHIFT, MOST_CONTRAST] = [5, 0.15];

/** A picture moved a little within a white frame, darker or paler by a little. */
function jitter(random: Random, image: Float32Array): void {
  const size = JUDGED_SIZE;
  const [right, down] = [0, 1].map(() => random.int(2 * MOST_SHIFT + 1) - MOST_SHIFT);
  const contrast = 1 + MOST_CONTRAST * (2 * random.uniform() - 1);
  const from = image.slice();
  for (let c = 0; c < 3; c++) {
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const [u, v] = [x - right, y - down];
        const inside = u >= 0 && v >= 0 && u < size && v < size;
        // Contrast about white, which the background stays.
        image[c * PLANE + y * size + x] = inside ? 1 + (from[c * PLANE + v * size + u] - 1) * contrast : 1;
      }
    }
  }
}

/** Trains the judge on front and back views, mirrored half of the time, all moved a little, some softened. */
export function judgeTask(data: Dataset, people: number): TrainingTask {
  const pictures: { who: number; view: number; side: Side }[] = [];
  for (let who = 0; who < people; who++) {
    data.identities[who].views.forEach(({ azimuth }, view) => {
      const side = judgedSide(azimuth);
      if (side) pictures.push({ who, view, side });
    });
  }
  const targets = { shape: [BATCH, TRAIT_COLUMNS] };
  const scratch = new Uint8Array(PLANE * 4);
  const planes = new Float32Array(PLANE * 4);
  return {
    name: 'judge',
    specs: traceParameters((p) => judgeLogits(p, input('image', SHAPE))),
    batch: { image: { shape: SHAPE }, targets },
    loss: judgeLoss,
    draw(random) {
      const image = new Float32Array(BATCH * 3 * PLANE);
      const labels = new Float32Array(BATCH * TRAIT_COLUMNS);
      for (let i = 0; i < BATCH; i++) {
        const { who, view, side } = pictures[random.int(pictures.length)];
        data.image(who, view, scratch);
        if (random.uniform() < 0.5) mirror(scratch, JUDGED_SIZE);
        writePlanes(scratch, planes);
        const colour = planes.subarray(0, 3 * PLANE);
        jitter(random, colour);
        soften(random, colour);
        image.set(colour, i * 3 * PLANE);
        for (const column of labelsOf(data.identities[who].attributes, side)) {
          if (column >= 0) labels[i * TRAIT_COLUMNS + column] = 1;
        }
      }
      return { image: hostTensor(image, SHAPE), targets: hostTensor(labels, targets.shape) };
    },
  };
}

/** `npm run train -- judge`; with --export tests it on the people kept from training and writes its weights and scores. */
export async function run(options: TrainingOptions, signal: AbortSignal): Promise<void> {
  const data = new Dataset(options.data);
  const people = Math.floor(data.identities.length * (1 - HELD_OUT));
  try {
    if (options.export) await exportJudge(data, people, options);
    else await train(judgeTask(data, people), scheduleOf(SCHEDULE, options), options.run, signal);
  } finally {
    data.close();
  }
}

async function exportJudge(data: Dataset, people: number, { run: folder }: TrainingOptions): Promise<void> {
  const { weights, step } = await averagedWeights(folder);
  const judge = await openJudge(weights);
  const planes = new Float32Array(PLANE * 4);
  const right = TRAITS.map(() => 0);
  const asked = TRAITS.map(() => 0);
  for (let who = people; who < data.identities.length; who++) {
    const { attributes, views } = data.identities[who];
    for (const [view, { azimuth }] of views.entries()) {
      const side = judgedSide(azimuth);
      if (!side) continue;
      writePlanes(data.image(who, view), planes);
      const seen = await judge.look(planes.slice(0, 3 * PLANE));
      labelsOf(attributes, side).forEach((column, t) => {
        if (column < 0) return;
        asked[t]++;
        if (TRAITS[t].values[column - TRAIT_OFFSETS[t]] === seen[TRAITS[t].name].value) right[t]++;
      });
    }
  }
  await judge.close();
  const accuracy = Object.fromEntries(TRAITS.map(({ name }, t) => [name, right[t] / asked[t]]));
  const halved = new Map([...weights].map(([name, tensor]) => [name, toFloat16(tensor)]));
  const file = JUDGE_FILE;
  await writeSafetensors(file, halved, { step: String(step), accuracy: JSON.stringify(accuracy) });
  for (const [t, { name }] of TRAITS.entries()) {
    process.stderr.write(
      `${name}: ${right[t]} of ${asked[t]}, ${((100 * right[t]) / asked[t]).toFixed(1)} %\n`,
    );
  }
  process.stderr.write(`wrote ${file}\n`);
}
