import { join } from 'node:path';
import { compile, float32, hostTensor, input, openSession } from '../../gpu-functions/graph/index.ts';
import { MINI, decodedSize, latentSize, vaeDecode, vaeEncode } from '../../gpu-functions/diffusion/index.ts';
import type { VaeConfig } from '../../gpu-functions/diffusion/index.ts';
import { storedParameters, traceParameters } from '../../gpu-functions/nn/index.ts';
import type { Parameters, WeightMap } from '../../gpu-functions/nn/index.ts';
import { Dataset, mirror, writePlanes } from './dataset.ts';
import { exportNetwork } from './export.ts';
import { latentStatistics } from './latents.ts';
import type { TrainingOptions } from './main.ts';
import { greyPlanes, writeSheet } from './sheet.ts';
import { scheduleOf, startingWeights } from './start.ts';
import { averagedWeights, train } from './trainer.ts';
import type { TrainingSchedule, TrainingTask } from './trainer.ts';
import { toImageSize, vaeLoss } from './vae-loss.ts';

export interface VaeTaskOptions {
  readonly batchSize?: number;
  readonly config?: VaeConfig;
}

/** Trains the autoencoder on all views, each mirrored half of the time. */
export function vaeTask(
  data: Dataset,
  { batchSize = 8, config = MINI.vae }: VaeTaskOptions = {},
): TrainingTask {
  const { latentChannels } = config;
  const size = decodedSize(config);
  if (data.size !== size)
    throw new Error(`The autoencoder draws pictures of ${size}²; render them with --size ${size}.`);
  const side = latentSize(config);
  const noiseShape = [batchSize, latentChannels, side, side];
  const shapes = { rgba: [batchSize, size, size, 4], noise: noiseShape };
  const build = (p: Parameters) =>
    vaeLoss(p, { rgba: input('rgba', shapes.rgba, 'uint8'), noise: input('noise', noiseShape) }, config);
  return {
    name: 'vae',
    specs: traceParameters(build),
    batch: { rgba: { shape: shapes.rgba, dtype: 'uint8' }, noise: { shape: noiseShape } },
    loss: (p, batch) => vaeLoss(p, batch, config),
    draw(random) {
      const bytes = size * size * 4;
      const rgba = new Uint8Array(batchSize * bytes);
      for (let i = 0; i < batchSize; i++) {
        const into = rgba.subarray(i * bytes, (i + 1) * bytes);
        data.image(random.int(data.identities.length), random.int(data.views), into);
        if (random.uniform() < 0.5) mirror(into, size);
      }
      const noise = random.normals(batchSize * latentChannels * side * side);
      return { rgba: hostTensor(rgba, shapes.rgba), noise: hostTensor(noise, noiseShape) };
    },
    preview: (weights, folder, step) => previewReconstructions(weights, data, folder, step, config),
  };
}

/** Three rows: pictures of the last identities from several sides, their reconstructions, and the reconstructed alpha. */
async function previewReconstructions(
  weights: WeightMap,
  data: Dataset,
  folder: string,
  step: number,
  config: VaeConfig,
): Promise<void> {
  const { imageChannels } = config;
  const size = data.size;
  const count = 8;
  const length = imageChannels * size * size;
  const originals = new Float32Array(count * length);
  for (let i = 0; i < count; i++) {
    const identity = data.identities.length - 1 - (i >> 1);
    writePlanes(data.image(identity, (i * 3) % data.views), originals, i * length);
  }
  const p = storedParameters(weights);
  const image = input('image', [count, imageChannels, size, size]);
  const decoded = vaeDecode(p, vaeEncode(p, toImageSize(image, config), config).mean, config);
  const session = await openSession(compile({ decoded }), { inline: true });
  const result = await session.run({ image: hostTensor(originals, image.shape) });
  await session.close();
  const cut = (all: Float32Array) =>
    Array.from({ length: count }, (_, i) => all.subarray(i * length, (i + 1) * length));
  const reconstructions = cut(float32(result.decoded));
  const alphas = reconstructions.map((r) => greyPlanes(r, size, 3));
  const path = join(folder, `preview-${String(step).padStart(6, '0')}.png`);
  await writeSheet(path, [...cut(originals), ...reconstructions, ...alphas], size, count);
}

const SCHEDULE: Omit<TrainingSchedule, 'seed' | 'threads'> = {
  steps: 2800,
  fused: 20,
  learningRate: 2.5e-3,
  warmup: 100,
  beta1: 0.9,
  beta2: 0.99,
  maxGradientNorm: 1,
  averageHalfLife: 60,
  checkpointSeconds: 120,
};

/** `npm run train -- vae`; with --export, measures the latents and writes the profile's `vae`. */
export async function run(options: TrainingOptions, signal: AbortSignal): Promise<void> {
  const data = new Dataset(options.data);
  try {
    if (options.export) return await exportVae(data, options);
    const start = options.from ? await startingWeights(options.from, { vae: '' }) : undefined;
    await train(vaeTask(data), scheduleOf(SCHEDULE, options), options.run, signal, start);
  } finally {
    data.close();
  }
}

async function exportVae(data: Dataset, options: TrainingOptions): Promise<void> {
  const { weights, step } = await averagedWeights(options.run);
  const statistics = await latentStatistics(data, weights, MINI.vae);
  const config: VaeConfig = { ...MINI.vae, ...statistics };
  await exportNetwork(options.profile, 'vae', config, weights, {
    step,
    seed: options.seed,
    data: options.data,
  });
}
