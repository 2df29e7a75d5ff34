import { join } from 'node:path';
import {
  CHANNELS,
  COLOURS,
  MINI,
  restorer,
  openRestorer,
  slotColumns,
} from '../../gpu-functions/diffusion/index.ts';
import type { RestorerConfig } from '../../gpu-functions/diffusion/index.ts';
import { hostTensor, input, mean, sizeOf, square, sub } from '../../gpu-functions/graph/index.ts';
import type { Value } from '../../gpu-functions/graph/index.ts';
import { Random, traceParameters } from '../../gpu-functions/nn/index.ts';
import type { Parameters, WeightMap } from '../../gpu-functions/nn/index.ts';
import { enlarged, shrunk } from '../../gpu-functions/stages/planes.ts';
import { loadProfile } from '../../gpu-functions/weights/index.ts';
import { Dataset, HELD_OUT, mirror, writePlanes } from './dataset.ts';
import { weightedChoice } from './diffusion-task.ts';
import { drawFrontalViews } from './drawings.ts';
import type { Drawings } from './drawings.ts';
import { exportNetwork } from './export.ts';
import type { TrainingOptions } from './main.ts';
import { drawTimesteps, noised, timestepShapes } from './noising.ts';
import { PERSON_SLOTS, contexts, drawSaid, statesOf } from './person-slots.ts';
import { FRONTAL_VIEWS } from './rays.ts';
import { writeSheet } from './sheet.ts';
import { scheduleOf, startingWeights } from './start.ts';
import { averagedWeights, train } from './trainer.ts';
import type { TrainingSchedule, TrainingTask } from './trainer.ts';

const BATCH = 4;
/** Share of pictures that are drawn ones from the front; the others are rendered, from all sides, and lose their details. */
const DRAWN = 0.5;
/** Pixels below which details are taken away. */
const BLURS = [2, 4, 8];
/** Of previews, as `imagine` has them. */
const SAMPLER_STEPS = 12;

const SCHEDULE: Omit<TrainingSchedule, 'seed' | 'threads'> = {
  steps: 6000,
  fused: 10,
  learningRate: 1e-3,
  warmup: 100,
  beta1: 0.9,
  beta2: 0.99,
  maxGradientNorm: 1,
  averageHalfLife: 150,
  checkpointSeconds: 300,
};

/** Mean squared error of the predicted velocity of the change from drawn to true colours. */
function restorerLoss(p: Parameters, config: RestorerConfig, batch: Record<string, Value>) {
  const { pictures, change, timesteps, context } = batch;
  const { noisy, velocity } = noised(change, batch);
  const found = restorer(p, noisy, pictures, timesteps, context, config);
  return { loss: mean(square(sub(found, velocity))), metrics: { size: mean(square(change)) } };
}

/** Soft pictures to true ones, told by what a caption says of the person: drawn ones from the front, and from all sides. */
export function restorerTask(data: Dataset, drawings: Drawings, config: RestorerConfig): TrainingTask {
  const { imageSize, gain } = config;
  if (data.size !== imageSize)
    throw new Error(
      `Details are restored in pictures of ${imageSize}²; render them: npm run synthetic -- --size ${imageSize}`,
    );
  const shapes = {
    pictures: [BATCH, CHANNELS, imageSize, imageSize],
    change: [BATCH, COLOURS, imageSize, imageSize],
    noise: [BATCH, COLOURS, imageSize, imageSize],
    ...timestepShapes(BATCH),
    context: [BATCH, PERSON_SLOTS.length, config.unet.contextChannels],
  };
  const leaves = () =>
    Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, input(name, shape)]));
  const people = data.identities.slice(HELD_OUT);
  const choose = weightedChoice(people);
  return {
    name: 'restorer',
    specs: traceParameters((p) => restorerLoss(p, config, leaves()).loss),
    batch: Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape }])),
    loss: (p, batch) => restorerLoss(p, config, batch),
    draw(random) {
      const parts = Array.from({ length: BATCH }, () => {
        const who = choose(random);
        const isDrawn = random.uniform() < DRAWN;
        const view = random.int(isDrawn ? FRONTAL_VIEWS : data.views);
        const isMirrored = random.uniform() < 0.5;
        const { attributes, views } = people[who]!;
        const wanted = readView(data, HELD_OUT + who, view, isMirrored);
        const picture = isDrawn
          ? readDrawing(data, drawings, HELD_OUT + who, view, isMirrored)
          : withoutDetails(wanted, imageSize, BLURS[random.int(BLURS.length)]!);
        const change = wanted.subarray(0, COLOURS * imageSize ** 2).map((x, i) => gain * (x - picture[i]!));
        return { picture, change, context: statesOf(drawSaid(random, attributes, views[view]!.azimuth)) };
      });
      return {
        pictures: hostTensor(joined(parts.map(({ picture }) => picture)), shapes.pictures),
        change: hostTensor(joined(parts.map(({ change }) => change)), shapes.change),
        ...drawTimesteps(random, BATCH),
        noise: hostTensor(random.normals(BATCH * COLOURS * imageSize ** 2), shapes.noise),
        context: contexts(parts.map(({ context }) => context)),
      };
    },
    preview: (weights, folder, step) =>
      preview(weights, data, drawings, config, join(folder, `preview-${step}.png`)),
  };
}

/** A person as rendered, planes [4, S, S]. */
function readView(data: Dataset, who: number, view: number, isMirrored = false): Float32Array {
  const planes = new Float32Array(CHANNELS * data.size ** 2);
  const rgba = data.image(who, view);
  if (isMirrored) mirror(rgba, data.size);
  writePlanes(rgba, planes);
  return planes;
}

/** A person as drawn, planes [4, S, S]. */
function readDrawing(
  data: Dataset,
  drawings: Drawings,
  who: number,
  view: number,
  isMirrored = false,
): Float32Array {
  const planes = new Float32Array(CHANNELS * data.size ** 2);
  drawings.writePlanes(who, view, isMirrored, planes, 0);
  return planes;
}

/** Planes [4, S, S] without what is smaller than `side` pixels, but for their outline, as a soft tri-grid shows them. */
function withoutDetails(planes: Float32Array, size: number, side: number): Float32Array {
  const area = size ** 2;
  const premultiplied = planes.slice();
  for (let i = 0; i < 3 * area; i++) {
    const alpha = (planes[3 * area + (i % area)]! + 1) / 2;
    premultiplied[i] = (planes[i]! + 1) / 2 + alpha - 1;
  }
  for (let i = 3 * area; i < 4 * area; i++) premultiplied[i] = (planes[i]! + 1) / 2;
  const soft = enlarged(shrunk(premultiplied, size, size / side), size / side, size);
  const out = planes.slice();
  for (let i = 0; i < 3 * area; i++) {
    const at = i % area;
    const alpha = (planes[3 * area + at]! + 1) / 2;
    const colour = Math.min(1, soft[i]! / Math.max(1e-3, soft[3 * area + at]!));
    out[i] = 2 * (alpha * colour + 1 - alpha) - 1;
  }
  return out;
}

/** Of people never trained on, in rows: as rendered, as drawn, and restored. */
async function preview(
  weights: WeightMap,
  data: Dataset,
  drawings: Drawings,
  config: RestorerConfig,
  path: string,
): Promise<void> {
  const count = 12;
  const { imageSize } = config;
  // Half of them as drawn from the front, half from anywhere without their details.
  const pairs = Array.from({ length: count }, (_, who) => {
    const view = who < count / 2 ? 1 : 4 + (who % 8);
    const truth = readView(data, who, view);
    return {
      view,
      truth,
      drawn:
        who < count / 2
          ? readDrawing(data, drawings, who, view)
          : withoutDetails(truth, imageSize, BLURS[who % BLURS.length]!),
    };
  });
  const said = contexts(
    pairs.map(({ view }, who) =>
      statesOf(
        drawSaid(
          new Random(who),
          data.identities[who]!.attributes,
          data.identities[who]!.views[view]!.azimuth,
        ),
      ),
    ),
  );
  const restorer = openRestorer(config, said.shape.slice(1), weights, { inline: true });
  const noise = new Random(1).normals(count * sizeOf(restorer.noiseShape));
  const drawn = joined(pairs.map((pair) => pair.drawn));
  const changes = await restorer.change(drawn, said, noise, { steps: SAMPLER_STEPS });
  await restorer.close();
  const length = COLOURS * imageSize ** 2;
  const restored = pairs.map((pair, i) =>
    pair.drawn.slice(0, length).map((x, k) => x + changes[i * length + k]!),
  );
  const rows = [...pairs.map(({ truth }) => truth), ...pairs.map((pair) => pair.drawn), ...restored];
  await writeSheet(path, rows, imageSize, count);
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** `npm run train -- restorer`: trains it on the pictures that the profile's denoiser and decoder draw, and on renderings. */
export async function run(options: TrainingOptions, signal: AbortSignal): Promise<void> {
  const profile = await loadProfile(options.profile);
  const known = MINI.restorer!;
  const config = { ...known, unet: { ...known.unet, contextChannels: slotColumns(PERSON_SLOTS) } };
  if (options.export) {
    const { weights, step } = await averagedWeights(options.run);
    const { seed, data } = options;
    return exportNetwork(options.profile, 'restorer', config, weights, { step, seed, data });
  }
  const data = new Dataset(options.data);
  try {
    const drawings = await drawFrontalViews(data, profile, FRONTAL_VIEWS, 'data/drawings');
    const start = options.from ? await startingWeights(options.from, { restorer: '' }) : undefined;
    const task = restorerTask(data, drawings, config);
    await train(task, scheduleOf(SCHEDULE, options), options.run, signal, start);
    drawings.close();
  } finally {
    data.close();
  }
}
