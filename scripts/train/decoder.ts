import { join } from 'node:path';
import { compile, float32, hostTensor, input, openSession } from '../../gpu-functions/graph/index.ts';
import type { Value } from '../../gpu-functions/graph/index.ts';
import { MINI, decodeLatents, decodedSize, latentSize } from '../../gpu-functions/diffusion/index.ts';
import type { VaeConfig } from '../../gpu-functions/diffusion/index.ts';
import { storedParameters, traceParameters } from '../../gpu-functions/nn/index.ts';
import type { Parameters, Random, WeightMap } from '../../gpu-functions/nn/index.ts';
import { loadProfile } from '../../gpu-functions/weights/index.ts';
import { adversarialLoss, drawHearing } from './adversarial.ts';
import type { Judge } from './adversarial.ts';
import { Dataset, mirror, writePlanes } from './dataset.ts';
import { drawnLatents } from './drawn-latents.ts';
import { exportNetwork } from './export.ts';
import { faceOf } from './face-weights.ts';
import { datasetLatents, latentOf } from './latents.ts';
import type { LatentSet } from './latents.ts';
import type { TrainingOptions } from './main.ts';
import { FRONTAL_VIEWS } from './rays.ts';
import { writeSheet } from './sheet.ts';
import { below, scheduleOf, startingWeights } from './start.ts';
import { averagedWeights, train } from './trainer.ts';
import type { TrainingSchedule, TrainingTask } from './trainer.ts';
import { pictureLoss, planes } from './vae-loss.ts';

const BATCH = 8;
/** Shares of frontal pictures, and among them of latents that the denoiser drew. */
const [FRONTAL, DRAWN] = [0.75, 0.6];
/** Standard deviation of noise on latents that were encoded. */
const NOISE = 0.05;
/** How much a drawn person is to agree with the true one pixel by pixel: details are the denoiser's own. */
const DRAWN_AGREEMENT = 0.4;
const SHARES = { features: 1, deception: 0.8 };

const SCHEDULE: Omit<TrainingSchedule, 'seed' | 'threads'> = {
  steps: 4000,
  fused: 10,
  learningRate: 1.5e-3,
  warmup: 100,
  beta1: 0.5,
  beta2: 0.99,
  maxGradientNorm: 1,
  averageHalfLife: 100,
  checkpointSeconds: 300,
};

interface Latents {
  /** Of the true pictures. */
  readonly encoded: LatentSet;
  /** Of the frontal ones, drawn again. */
  readonly drawn: LatentSet;
}

const JUDGES: readonly Judge[] = [
  { name: 'discriminator', part: (pictures) => pictures, patch: 4 },
  { name: 'face-discriminator', part: faceOf, patch: 2 },
];

/** What the decoder follows, and the losses of the discriminators of whole pictures and of faces; see {@link adversarialLoss}. */
export function decoderLoss(p: Parameters, config: VaeConfig, batch: Record<string, Value>) {
  const truth = planes(batch.rgba);
  const decoded = decodeLatents(p.at('vae'), batch.latents, config);
  const { agreement, haze, heard } = batch;
  const pixels = (made: Value) => pictureLoss(made, truth, agreement).loss;
  return adversarialLoss(p, JUDGES, decoded, truth.image, pixels, { agreement, haze, heard }, SHARES);
}

export function decoderTask(data: Dataset, { encoded, drawn }: Latents, config: VaeConfig): TrainingTask {
  const size = decodedSize(config);
  if (data.size !== size)
    throw new Error(
      `The decoder draws pictures of ${size}²; render them: npm run synthetic -- --size ${size}`,
    );
  const side = latentSize(config);
  const shapes = {
    rgba: [BATCH, size, size, 4],
    latents: [BATCH, config.latentChannels, side, side],
    agreement: [BATCH, 1, 1, 1],
    haze: [1, config.imageChannels, size, size],
    heard: [],
  };
  const loss = (p: Parameters, batch: Record<string, Value>) => decoderLoss(p, config, batch);
  const inputs = {
    rgba: input('rgba', shapes.rgba, 'uint8'),
    latents: input('latents', shapes.latents),
    agreement: input('agreement', shapes.agreement),
    haze: input('haze', shapes.haze),
    heard: input('heard', []),
  };
  return {
    name: 'decoder',
    specs: traceParameters((p) => loss(p, inputs).loss),
    batch: {
      rgba: { shape: shapes.rgba, dtype: 'uint8' },
      latents: { shape: shapes.latents },
      agreement: { shape: shapes.agreement },
      haze: { shape: shapes.haze },
      heard: { shape: [] },
    },
    loss,
    draw(random, step) {
      const bytes = 4 * size * size;
      const rgba = new Uint8Array(BATCH * bytes);
      const latents = new Float32Array(BATCH * encoded.length);
      const agreement = new Float32Array(BATCH);
      for (let i = 0; i < BATCH; i++) {
        const into = rgba.subarray(i * bytes, (i + 1) * bytes);
        const { latent, isDrawn } = drawPicture(random, into);
        latents.set(latent, i * encoded.length);
        agreement[i] = isDrawn ? DRAWN_AGREEMENT : 1;
      }
      return {
        rgba: hostTensor(rgba, shapes.rgba),
        latents: hostTensor(latents, shapes.latents),
        agreement: hostTensor(agreement, shapes.agreement),
        ...drawHearing(random, step, shapes.haze),
      };
    },
    preview: (weights, folder, step) =>
      preview(below(weights, 'vae.'), data, { encoded, drawn }, config, join(folder, `preview-${step}.png`)),
  };

  /** A picture, into `rgba`, and the latent that it is to be decoded from. */
  function drawPicture(
    random: Random,
    rgba: Uint8Array<ArrayBuffer>,
  ): { latent: Float32Array; isDrawn: boolean } {
    const who = random.int(data.identities.length);
    const isFrontal = random.uniform() < FRONTAL;
    const view = isFrontal
      ? random.int(FRONTAL_VIEWS)
      : FRONTAL_VIEWS + random.int(data.views - FRONTAL_VIEWS);
    data.image(who, view, rgba);
    const isDrawn = isFrontal && random.uniform() < DRAWN;
    if (isDrawn) return { latent: latentOf(drawn, who, view), isDrawn };
    const isMirrored = isFrontal && random.uniform() < 0.5;
    if (isMirrored) mirror(rgba, size);
    const clean = latentOf(encoded, who, view, isMirrored);
    const noise = random.normals(clean.length);
    return { latent: clean.map((z, i) => z + NOISE * noise[i]!), isDrawn };
  }
}

/** Of the first people, in rows: true pictures, those decoded from their latents, and from drawn ones. */
async function preview(
  weights: WeightMap,
  data: Dataset,
  { encoded, drawn }: Latents,
  config: VaeConfig,
  path: string,
): Promise<void> {
  const count = 6;
  const length = config.imageChannels * data.size ** 2;
  const people = Array.from({ length: count }, (_, i) => i);
  const truths = people.map((who) => {
    const picture = new Float32Array(length);
    writePlanes(data.image(who, 1), picture);
    return picture;
  });
  const side = latentSize(config);
  const shape = [2 * count, config.latentChannels, side, side];
  const latents = new Float32Array(2 * count * encoded.length);
  people.forEach((who) => {
    latents.set(latentOf(encoded, who, 1), who * encoded.length);
    latents.set(latentOf(drawn, who, 1), (count + who) * encoded.length);
  });
  const decoded = decodeLatents(storedParameters(weights), input('latents', shape), config);
  const session = await openSession(compile({ decoded }), { inline: true });
  const result = float32((await session.run({ latents: hostTensor(latents, shape) })).decoded);
  await session.close();
  const pictures = Array.from({ length: 2 * count }, (_, i) => result.subarray(i * length, (i + 1) * length));
  await writeSheet(path, [...truths, ...pictures], data.size, count);
}

/**
 * `npm run train -- decoder`: trains the autoencoder's decoder alone, against a discriminator, on the latents of true pictures
 * and on those that the profile's denoiser draws of them. Latents stay what the denoiser knows.
 */
export async function run(options: TrainingOptions, signal: AbortSignal): Promise<void> {
  const profile = await loadProfile(options.profile);
  const known = profile.config<VaeConfig>('vae');
  const config: VaeConfig = { ...known, decoder: MINI.vae.decoder };
  const weights = await profile.weights('vae');
  if (options.export) return exportDecoder(config, weights, options);
  const data = new Dataset(options.data);
  try {
    const encoded = await datasetLatents(data, weights, known, 'data/latents', {
      mirrored: FRONTAL_VIEWS,
      signal,
    });
    const drawn = await drawnLatents(data, profile, encoded, FRONTAL_VIEWS, 'data/latents', signal);
    const start = options.from ? await startingWeights(options.from, { vae: 'vae.' }) : undefined;
    const task = decoderTask(data, { encoded, drawn }, config);
    await train(task, scheduleOf(SCHEDULE, options), options.run, signal, start);
  } finally {
    data.close();
  }
}

/** The profile's encoder, with the new decoder. */
async function exportDecoder(
  config: VaeConfig,
  weights: WeightMap,
  { run: folder, profile, seed, data }: TrainingOptions,
): Promise<void> {
  const trained = await averagedWeights(folder);
  const joined = new Map([
    ...[...weights].filter(([name]) => /^(encoder|quant_conv)\./.test(name)),
    ...below(trained.weights, 'vae.'),
  ]);
  await exportNetwork(profile, 'vae', config, joined, { step: trained.step, seed, data });
}
