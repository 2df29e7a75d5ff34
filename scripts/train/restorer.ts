import { join } from 'node:path';
import {
  CHANNELS,
  COLOURS,
  MINI,
  cutRegion,
  restorer,
  openRestorer,
  slotColumns,
} from '../../gpu-functions/diffusion/index.ts';
import type { Region, RestorerConfig } from '../../gpu-functions/diffusion/index.ts';
import { hostTensor, mean, sizeOf, square, sub } from '../../gpu-functions/graph/index.ts';
import type { Value } from '../../gpu-functions/graph/index.ts';
import { Random, traceParameters } from '../../gpu-functions/nn/index.ts';
import type { Parameters, WeightMap } from '../../gpu-functions/nn/index.ts';
import { enlarged, shrunk } from '../../gpu-functions/stages/planes.ts';
import { toVaeImage } from '../../gpu-functions/stages/vae-pictures.ts';
import { fromRgba } from '../../gpu-functions/stages/picture.ts';
import type { Picture } from '../../gpu-functions/stages/picture.ts';
import { loadProfile } from '../../gpu-functions/weights/index.ts';
import { Dataset, HELD_OUT, mirror } from './dataset.ts';
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
import { averagedWeights, batchOf, leavesOf, train } from './trainer.ts';
import type { TrainingSchedule, TrainingTask } from './trainer.ts';

/** Which network is trained, and on what. */
export interface RestorerTraining {
  readonly network: string;
  readonly batch: number;
  /** Share of pictures that are drawn ones from the front; the others are rendered, from all sides, and lose their details. */
  readonly drawn: number;
  /** Pixels by which its region is moved about, either way. */
  readonly shift: number;
}

const WHOLE: RestorerTraining = { network: 'restorer', batch: 4, drawn: 0.5, shift: 0 };

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
export function restorerTask(
  data: Dataset,
  drawings: Drawings,
  config: RestorerConfig,
  { network, batch, drawn, shift }: RestorerTraining,
): TrainingTask {
  const { imageSize, gain } = config;
  const { height, width } = sizeOfRegion(config);
  if (data.size !== imageSize)
    throw new Error(
      `Details are restored in pictures of ${imageSize}²; render them: npm run synthetic -- --size ${imageSize}`,
    );
  const shapes = {
    pictures: [batch, CHANNELS, height, width],
    change: [batch, COLOURS, height, width],
    noise: [batch, COLOURS, height, width],
    ...timestepShapes(batch),
    context: [batch, PERSON_SLOTS.length, config.unet.contextChannels],
  };
  const people = data.identities.slice(HELD_OUT);
  const choose = weightedChoice(people);
  return {
    name: network,
    specs: traceParameters((p) => restorerLoss(p, config, leavesOf(shapes)).loss),
    batch: batchOf(shapes),
    loss: (p, batch) => restorerLoss(p, config, batch),
    draw(random) {
      const parts = Array.from({ length: batch }, () => {
        const who = choose(random);
        const isDrawn = random.uniform() < drawn;
        const view = random.int(isDrawn ? FRONTAL_VIEWS : data.views);
        const isMirrored = random.uniform() < 0.5;
        const { attributes, views } = people[who]!;
        const truth = readView(data, HELD_OUT + who, view, isMirrored);
        const picture = isDrawn
          ? readDrawing(drawings, imageSize, HELD_OUT + who, view, isMirrored)
          : toVaeImage(withoutDetails(truth, BLURS[random.int(BLURS.length)]!));
        const seen = movedRegion(config, shift, random);
        const [from, to] = [picture, toVaeImage(truth)].map((planes) => cutRegion(planes, imageSize, seen));
        const change = to!.subarray(0, COLOURS * height * width).map((x, i) => gain * (x - from![i]!));
        return {
          picture: from!,
          change,
          context: statesOf(drawSaid(random, attributes, views[view]!.azimuth)),
        };
      });
      return {
        pictures: hostTensor(joined(parts.map(({ picture }) => picture)), shapes.pictures),
        change: hostTensor(joined(parts.map(({ change }) => change)), shapes.change),
        ...drawTimesteps(random, batch),
        noise: hostTensor(random.normals(batch * COLOURS * height * width), shapes.noise),
        context: contexts(parts.map(({ context }) => context)),
      };
    },
    preview: (weights, folder, step) =>
      preview(weights, data, drawings, config, join(folder, `preview-${step}.png`)),
  };
}

function sizeOfRegion({ imageSize, region }: RestorerConfig): { height: number; width: number } {
  return region ?? { height: imageSize, width: imageSize };
}

/** The region that is seen, up to `shift` pixels off. */
function movedRegion(config: RestorerConfig, shift: number, random: Random): Region {
  const by = () => random.int(2 * shift + 1) - shift;
  const { top, left } = config.region ?? { top: 0, left: 0 };
  return { ...sizeOfRegion(config), top: top + by(), left: left + by() };
}

/** A person as rendered. */
function readView(data: Dataset, who: number, view: number, isMirrored = false): Picture {
  const rgba = data.image(who, view);
  if (isMirrored) mirror(rgba, data.size);
  return fromRgba(rgba, data.size, data.size);
}

/** A person as drawn, planes [4, S, S]. */
function readDrawing(
  drawings: Drawings,
  size: number,
  who: number,
  view: number,
  isMirrored = false,
): Float32Array {
  const planes = new Float32Array(CHANNELS * size ** 2);
  drawings.writePlanes(who, view, isMirrored, planes, 0);
  return planes;
}

/** A picture without what is smaller than `side` pixels, but for its outline, as a soft tri-grid shows it. */
function withoutDetails(picture: Picture, side: number): Picture {
  const { width, height, data } = picture;
  const area = width * height;
  const soft = enlarged(shrunk(data, width, width / side), width / side, width);
  const out = { width, height, data: data.slice() };
  for (let i = 0; i < COLOURS * area; i++) {
    const at = COLOURS * area + (i % area);
    out.data[i] = data[at]! * Math.min(1, soft[i]! / Math.max(1e-3, soft[at]!));
  }
  return out;
}

/**
 * Of people never trained on, in rows: as rendered, as a soft picture, and restored. Those of a region are all drawn; else half from the
 * front, half from anywhere without their details.
 */
async function preview(
  weights: WeightMap,
  data: Dataset,
  drawings: Drawings,
  config: RestorerConfig,
  path: string,
): Promise<void> {
  const count = 12;
  const { imageSize } = config;
  const people = data.identities.slice(0, count).map(({ attributes, views }, who) => {
    const isDrawn = config.region !== undefined || who < count / 2;
    const view = isDrawn ? 1 : FRONTAL_VIEWS + (who % (data.views - FRONTAL_VIEWS));
    const truth = readView(data, who, view);
    const soft = isDrawn
      ? readDrawing(drawings, imageSize, who, view)
      : toVaeImage(withoutDetails(truth, BLURS[who % BLURS.length]!));
    const said = drawSaid(new Random(who), attributes, views[view]!.azimuth);
    return { truth: toVaeImage(truth), soft, said };
  });
  const said = contexts(people.map((person) => statesOf(person.said)));
  const restorer = openRestorer(config, said.shape.slice(1), weights, { inline: true });
  const noise = new Random(1).normals(count * sizeOf(restorer.noiseShape));
  const soft = people.map((person) => person.soft);
  const changes = await restorer.change(joined(soft), said, noise, { steps: SAMPLER_STEPS });
  await restorer.close();
  const length = COLOURS * imageSize ** 2;
  const restored = soft.map((planes, i) =>
    planes.slice(0, length).map((x, k) => x + changes[i * length + k]!),
  );
  const rows = [...people.map(({ truth }) => truth), ...soft, ...restored];
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
export const run = (options: TrainingOptions, signal: AbortSignal): Promise<void> =>
  trainRestorer(WHOLE, options, signal);

export async function trainRestorer(
  training: RestorerTraining,
  options: TrainingOptions,
  signal: AbortSignal,
): Promise<void> {
  const { network } = training;
  const profile = await loadProfile(options.profile);
  const known = MINI.restorers![network]!;
  const config = { ...known, unet: { ...known.unet, contextChannels: slotColumns(PERSON_SLOTS) } };
  if (options.export) {
    const { weights, step } = await averagedWeights(options.run);
    const { seed, data } = options;
    return exportNetwork(options.profile, network, config, weights, { step, seed, data });
  }
  const data = new Dataset(options.data);
  try {
    const drawings = await drawFrontalViews(data, profile, FRONTAL_VIEWS, 'data/drawings', signal);
    const start = options.from ? await startingWeights(options.from, { [network]: '' }) : undefined;
    const task = restorerTask(data, drawings, config, training);
    await train(task, scheduleOf(SCHEDULE, options), options.run, signal, start);
    drawings.close();
  } finally {
    data.close();
  }
}
