import { join } from 'node:path';
import {
  CHANNELS,
  COLOURS,
  MINI,
  cutRegion,
  faceRestorer,
  openFaceRestorer,
  slotColumns,
} from '../../gpu-functions/diffusion/index.ts';
import type { FaceRegion, FaceRestorerConfig } from '../../gpu-functions/diffusion/index.ts';
import { hostTensor, input, mean, sizeOf, square, sub } from '../../gpu-functions/graph/index.ts';
import type { Value } from '../../gpu-functions/graph/index.ts';
import { Random, traceParameters } from '../../gpu-functions/nn/index.ts';
import type { Parameters, WeightMap } from '../../gpu-functions/nn/index.ts';
import { loadProfile } from '../../gpu-functions/weights/index.ts';
import { Dataset, HELD_OUT, mirror, writePlanes } from './dataset.ts';
import { weightedChoice } from './diffusion-task.ts';
import { drawFrontalViews } from './drawings.ts';
import type { Drawings } from './drawings.ts';
import { exportNetwork } from './export.ts';
import type { TrainingOptions } from './main.ts';
import { drawTimesteps, noised, timestepShapes } from './noising.ts';
import { PERSON_SLOTS, contexts, drawSaid, statesOf, type Said } from './person-slots.ts';
import { FRONTAL_VIEWS } from './rays.ts';
import { writeSheet } from './sheet.ts';
import { scheduleOf, startingWeights } from './start.ts';
import { averagedWeights, train } from './trainer.ts';
import type { TrainingSchedule, TrainingTask } from './trainer.ts';

const BATCH = 16;
/** Pixels by which the region is moved about, either way. */
const SHIFT = 2;
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
function faceRestorerLoss(p: Parameters, config: FaceRestorerConfig, batch: Record<string, Value>) {
  const { faces, change, timesteps, context } = batch;
  const { noisy, velocity } = noised(change, batch);
  const found = faceRestorer(p, noisy, faces, timesteps, context, config);
  return { loss: mean(square(sub(found, velocity))), metrics: { size: mean(square(change)) } };
}

/** Drawn faces to true ones, told by what a caption says of the person. */
export function faceRestorerTask(
  data: Dataset,
  drawings: Drawings,
  config: FaceRestorerConfig,
): TrainingTask {
  const { imageSize, region, gain } = config;
  if (data.size !== imageSize)
    throw new Error(
      `Faces are restored in pictures of ${imageSize}²; render them: npm run synthetic -- --size ${imageSize}`,
    );
  const { height, width } = region;
  const shapes = {
    faces: [BATCH, CHANNELS, height, width],
    change: [BATCH, COLOURS, height, width],
    noise: [BATCH, COLOURS, height, width],
    ...timestepShapes(BATCH),
    context: [BATCH, PERSON_SLOTS.length, config.unet.contextChannels],
  };
  const leaves = () =>
    Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, input(name, shape)]));
  const people = data.identities.slice(HELD_OUT);
  const choose = weightedChoice(people);
  return {
    name: 'face-restorer',
    specs: traceParameters((p) => faceRestorerLoss(p, config, leaves()).loss),
    batch: Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape }])),
    loss: (p, batch) => faceRestorerLoss(p, config, batch),
    draw(random) {
      const parts = Array.from({ length: BATCH }, () => {
        const who = choose(random);
        const view = random.int(FRONTAL_VIEWS);
        const { attributes, views } = people[who]!;
        const moved = shifted(region, random);
        const { drawn, truth } = readPair(data, drawings, HELD_OUT + who, view, random.uniform() < 0.5);
        const faces = cutRegion(drawn, imageSize, moved);
        const wanted = cutRegion(truth, imageSize, moved);
        const change = wanted.subarray(0, COLOURS * height * width).map((x, i) => gain * (x - faces[i]!));
        return { faces, change, context: statesOf(drawSaid(random, attributes, views[view]!.azimuth)) };
      });
      return {
        faces: hostTensor(joined(parts.map(({ faces }) => faces)), shapes.faces),
        change: hostTensor(joined(parts.map(({ change }) => change)), shapes.change),
        ...drawTimesteps(random, BATCH),
        noise: hostTensor(random.normals(BATCH * COLOURS * height * width), shapes.noise),
        context: contexts(parts.map(({ context }) => context)),
      };
    },
    preview: (weights, folder, step) =>
      preview(weights, data, drawings, config, join(folder, `preview-${step}.png`)),
  };
}

function shifted(region: FaceRegion, random: Random): FaceRegion {
  const by = () => random.int(2 * SHIFT + 1) - SHIFT;
  return { ...region, top: region.top + by(), left: region.left + by() };
}

/** A person as drawn and as rendered, planes [4, S, S]. */
function readPair(
  data: Dataset,
  drawings: Drawings,
  who: number,
  view: number,
  isMirrored = false,
): { drawn: Float32Array; truth: Float32Array } {
  const length = CHANNELS * data.size ** 2;
  const [drawn, truth] = [new Float32Array(length), new Float32Array(length)];
  drawings.writePlanes(who, view, isMirrored, drawn, 0);
  const rgba = data.image(who, view);
  if (isMirrored) mirror(rgba, data.size);
  writePlanes(rgba, truth);
  return { drawn, truth };
}

/** Of people never trained on, in rows: as rendered, as drawn, and restored. */
async function preview(
  weights: WeightMap,
  data: Dataset,
  drawings: Drawings,
  config: FaceRestorerConfig,
  path: string,
): Promise<void> {
  const count = 12;
  const { imageSize } = config;
  const pairs = Array.from({ length: count }, (_, who) => readPair(data, drawings, who, 1));
  const said = contexts(data.identities.slice(0, count).map(({ attributes }) => statesOf(allOf(attributes))));
  const restorer = openFaceRestorer(config, said.shape.slice(1), weights, { inline: true });
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

/** All that captions might say of a person. */
function allOf(attributes: Dataset['identities'][number]['attributes']): Said {
  const { hairVisible: _, ...said } = attributes;
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== null));
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

/** `npm run train -- face-restorer`: trains it on the faces that the profile's denoiser and decoder draw. */
export async function run(options: TrainingOptions, signal: AbortSignal): Promise<void> {
  const profile = await loadProfile(options.profile);
  const known = MINI.faceRestorer!;
  const config = { ...known, unet: { ...known.unet, contextChannels: slotColumns(PERSON_SLOTS) } };
  if (options.export) {
    const { weights, step } = await averagedWeights(options.run);
    const { seed, data } = options;
    return exportNetwork(options.profile, 'face-restorer', config, weights, { step, seed, data });
  }
  const data = new Dataset(options.data);
  try {
    const drawings = await drawFrontalViews(data, profile, FRONTAL_VIEWS, 'data/drawings');
    const start = options.from ? await startingWeights(options.from, { 'face-restorer': '' }) : undefined;
    const task = faceRestorerTask(data, drawings, config);
    await train(task, scheduleOf(SCHEDULE, options), options.run, signal, start);
    drawings.close();
  } finally {
    data.close();
  }
}
