import { join } from 'node:path';
import {
  MINI,
  cutRegion,
  decodedSize,
  restoreFaces,
  slotColumns,
  withRegion,
} from '../../gpu-functions/diffusion/index.ts';
import type { FaceRestorerConfig, VaeConfig } from '../../gpu-functions/diffusion/index.ts';
import {
  abs,
  add,
  averagePool2d,
  compile,
  float32,
  hostTensor,
  input,
  mean,
  mul,
  openSession,
  sub,
} from '../../gpu-functions/graph/index.ts';
import type { Value } from '../../gpu-functions/graph/index.ts';
import { storedParameters, traceParameters } from '../../gpu-functions/nn/index.ts';
import type { Parameters, Random, WeightMap } from '../../gpu-functions/nn/index.ts';
import { loadProfile } from '../../gpu-functions/weights/index.ts';
import { adversarialLoss, heardAt } from './adversarial.ts';
import type { Judge } from './adversarial.ts';
import { Dataset, mirror, writePlanes } from './dataset.ts';
import { drawFrontalViews } from './drawings.ts';
import type { Drawings } from './drawings.ts';
import { exportNetwork } from './export.ts';
import type { TrainingOptions } from './main.ts';
import { PERSON_SLOTS, drawSaid, statesOf } from './person-slots.ts';
import { FRONTAL_VIEWS } from './rays.ts';
import { writeSheet } from './sheet.ts';
import { below, scheduleOf, startingWeights } from './start.ts';
import { averagedWeights, train } from './trainer.ts';
import type { TrainingSchedule, TrainingTask } from './trainer.ts';

const BATCH = 8;
/** Identities at the start of the dataset that training never sees. */
const HELD_OUT = 40;
/** Share of faces that only went through the autoencoder: what the network learns to see through first, every pixel being known. */
const CODED = 0.5;
/** How much a drawn face is to agree with the true one pixel by pixel: details are the denoiser's own. */
const DRAWN_AGREEMENT = 0.3;
const SHARES = { features: 1, deception: 1 };
/** Standard deviation of noise on what the discriminator sees. */
const HAZE = 0.06;
/** Pixels by which the region is moved about, either way. */
const SHIFT = 4;
/** Side in pixels of the cells whose mean colours are to be the true ones. */
const CELL = 8;
/** Colours over white. */
const COLOURS = 3;

const SCHEDULE: Omit<TrainingSchedule, 'seed' | 'threads'> = {
  steps: 4000,
  fused: 10,
  learningRate: 1.5e-3,
  warmup: 100,
  beta1: 0.5,
  beta2: 0.99,
  maxGradientNorm: 1,
  averageHalfLife: 150,
  checkpointSeconds: 300,
};

const JUDGES: readonly Judge[] = [{ name: 'discriminator', part: (faces) => faces, patch: 2 }];

/** What the restorer follows, and the loss of the discriminator of faces; see {@link adversarialLoss}. */
export function faceRestorerLoss(p: Parameters, config: FaceRestorerConfig, batch: Record<string, Value>) {
  const restored = restoreFaces(p.at('restorer'), batch.faces, batch.context, config);
  const { truth, agreement, haze, heard } = batch;
  const pixels = (made: Value) => {
    const error = sub(made, truth);
    return add(mean(abs(mul(error, agreement))), mean(abs(averagePool2d(error, CELL))));
  };
  return adversarialLoss(p, JUDGES, restored, truth, pixels, { agreement, haze, heard }, SHARES);
}

/** The frontal views of a dataset: as the denoiser drew them, and as they came out of the autoencoder. */
interface Faces {
  readonly drawn: Drawings;
  readonly coded: Drawings;
}

/** Drawn faces to true ones, told by what a caption says of the person. */
export function faceRestorerTask(
  data: Dataset,
  { drawn, coded }: Faces,
  config: FaceRestorerConfig,
): TrainingTask {
  const { imageSize: size, region } = config;
  if (data.size !== size)
    throw new Error(
      `Faces are restored in pictures of ${size}²; render them: npm run synthetic -- --size ${size}`,
    );
  const area = region.height * region.width;
  const shapes = {
    faces: [BATCH, 4, region.height, region.width],
    truth: [BATCH, COLOURS, region.height, region.width],
    context: [BATCH, PERSON_SLOTS.length, config.contextChannels],
    agreement: [BATCH, 1, 1, 1],
    haze: [1, COLOURS, region.height, region.width],
    heard: [],
  };
  const inputs = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, input(name, shape)]),
  );
  const loss = (p: Parameters, batch: Record<string, Value>) => faceRestorerLoss(p, config, batch);
  return {
    name: 'face-restorer',
    specs: traceParameters((p) => loss(p, inputs).loss),
    batch: Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape }])),
    loss,
    draw(random, step) {
      const faces = new Float32Array(BATCH * 4 * area);
      const truth = new Float32Array(BATCH * COLOURS * area);
      const agreement = new Float32Array(BATCH);
      const context = new Float32Array(BATCH * shapes.context[1] * shapes.context[2]);
      for (let i = 0; i < BATCH; i++) {
        const who = HELD_OUT + random.int(data.identities.length - HELD_OUT);
        const view = random.int(FRONTAL_VIEWS);
        const { attributes, views } = data.identities[who]!;
        const moved = shifted(region, random);
        const isCoded = random.uniform() < CODED;
        agreement[i] = isCoded ? 1 : DRAWN_AGREEMENT;
        const one = readPair(data, isCoded ? coded : drawn, who, view, random.uniform() < 0.5);
        faces.set(cutRegion(one.drawn, size, moved), i * 4 * area);
        truth.set(cutRegion(one.truth, size, moved).subarray(0, COLOURS * area), i * COLOURS * area);
        const states = statesOf(drawSaid(random, attributes, views[view]!.azimuth));
        context.set(states, i * states.length);
      }
      return {
        faces: hostTensor(faces, shapes.faces),
        truth: hostTensor(truth, shapes.truth),
        context: hostTensor(context, shapes.context),
        agreement: hostTensor(agreement, shapes.agreement),
        haze: hostTensor(
          random.normals(COLOURS * area).map((x) => HAZE * x),
          shapes.haze,
        ),
        heard: hostTensor(Float32Array.of(heardAt(step)), []),
      };
    },
    preview: (weights, folder, step) =>
      preview(
        below(weights, 'restorer.'),
        data,
        { drawn, coded },
        config,
        join(folder, `preview-${step}.png`),
      ),
  };
}

function shifted(region: FaceRestorerConfig['region'], random: Random): FaceRestorerConfig['region'] {
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
  const length = 4 * data.size ** 2;
  const [drawn, truth] = [new Float32Array(length), new Float32Array(length)];
  drawings.writePlanes(who, view, isMirrored, drawn, 0);
  const rgba = data.image(who, view);
  if (isMirrored) mirror(rgba, data.size);
  writePlanes(rgba, truth);
  return { drawn, truth };
}

/** Of people never trained on, in rows: as rendered; out of the autoencoder, and restored; as drawn, and restored. */
async function preview(
  weights: WeightMap,
  data: Dataset,
  { drawn, coded }: Faces,
  config: FaceRestorerConfig,
  path: string,
): Promise<void> {
  const count = 6;
  const { region, imageSize: size } = config;
  const faces = input('faces', [2 * count, 4, region.height, region.width]);
  const context = input('context', [2 * count, PERSON_SLOTS.length, config.contextChannels]);
  const pairs = [coded, drawn].flatMap((drawings) =>
    Array.from({ length: count }, (_, who) => readPair(data, drawings, who, 1)),
  );
  const states = data.identities.slice(0, count).map(({ attributes }) => {
    const { hairVisible: _, ...said } = attributes;
    return statesOf(Object.fromEntries(Object.entries(said).filter(([, value]) => value !== null)));
  });
  const restored = restoreFaces(storedParameters(weights), faces, context, config);
  const session = await openSession(compile({ restored }), { inline: true });
  const feeds = {
    faces: hostTensor(joined(pairs.map(({ drawn }) => cutRegion(drawn, size, region))), faces.shape),
    context: hostTensor(joined([...states, ...states]), context.shape),
  };
  const out = float32((await session.run(feeds)).restored);
  await session.close();
  const length = out.length / pairs.length;
  const after = pairs.map(({ drawn }, i) =>
    withRegion(drawn, size, region, out.subarray(i * length, (i + 1) * length)),
  );
  const before = pairs.map(({ drawn }) => drawn);
  const rows = [
    pairs.slice(0, count).map(({ truth }) => truth),
    before.slice(0, count),
    after.slice(0, count),
    before.slice(count),
    after.slice(count),
  ];
  await writeSheet(path, rows.flat(), size, count);
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

/** `npm run train -- face-restorer`: trains it on the faces that the profile's denoiser and decoder draw, against a discriminator. */
export async function run(options: TrainingOptions, signal: AbortSignal): Promise<void> {
  const profile = await loadProfile(options.profile);
  const config: FaceRestorerConfig = {
    ...MINI.faceRestorer!,
    imageSize: decodedSize(profile.config<VaeConfig>('vae')),
    contextChannels: slotColumns(PERSON_SLOTS),
  };
  if (options.export) {
    const { weights, step } = await averagedWeights(options.run);
    const { seed, data } = options;
    return exportNetwork(options.profile, 'face-restorer', config, below(weights, 'restorer.'), {
      step,
      seed,
      data,
    });
  }
  const data = new Dataset(options.data);
  try {
    const drawings = (source: 'denoiser' | 'encoder') =>
      drawFrontalViews(data, profile, FRONTAL_VIEWS, 'data/drawings', source);
    const [drawn, coded] = [await drawings('denoiser'), await drawings('encoder')];
    const start = options.from
      ? await startingWeights(options.from, { 'face-restorer': 'restorer.' })
      : undefined;
    const task = faceRestorerTask(data, { drawn, coded }, config);
    await train(task, scheduleOf(SCHEDULE, options), options.run, signal, start);
    drawn.close();
    coded.close();
  } finally {
    data.close();
  }
}
