import { join } from 'node:path';
import {
  MINI,
  contextShape,
  decodedSize,
  dpmSolver,
  guided,
  latentSize,
  openDiffusion,
  scaledLinearSchedule,
  slotColumns,
  wordTokenizer,
} from '../../gpu-functions/diffusion/index.ts';
import type { DiffusionConfig, VaeConfig } from '../../gpu-functions/diffusion/index.ts';
import { hostTensor } from '../../gpu-functions/graph/index.ts';
import { Random } from '../../gpu-functions/nn/index.ts';
import type { WeightMap } from '../../gpu-functions/nn/index.ts';
import { loadProfile } from '../../gpu-functions/weights/index.ts';
import { Dataset } from './dataset.ts';
import { diffusionTask } from './diffusion-task.ts';
import { exportNetwork } from './export.ts';
import { datasetLatents } from './latents.ts';
import type { TrainingOptions } from './main.ts';
import { PERSON_SLOTS, statesOf } from './person-slots.ts';
import type { Said } from './person-slots.ts';
import { writeSheet } from './sheet.ts';
import { scheduleOf, startingWeights } from './start.ts';
import { averagedWeights, train } from './trainer.ts';
import type { TrainingSchedule } from './trainer.ts';

const SCHEDULE: Omit<TrainingSchedule, 'seed' | 'threads'> = {
  steps: 7000,
  fused: 20,
  learningRate: 1e-3,
  warmup: 200,
  beta1: 0.9,
  beta2: 0.99,
  maxGradientNorm: 1,
  averageHalfLife: 300,
  checkpointSeconds: 240,
};

const BATCH = 32;

/** People of the preview, seen from the front unless said otherwise. */
const PREVIEW: readonly Said[] = [
  { age: 'old', sex: 'male', beard: 'full', beardColour: 'white', top: 'turtleneck', topColour: 'red' },
  {
    age: 'young',
    sex: 'female',
    hair: ['long', 'long wavy'],
    hairColour: 'blonde',
    top: 't-shirt',
    topColour: 'blue',
  },
  {
    age: 'middle-aged',
    sex: 'male',
    glasses: ['round', 'rectangular', 'oval'],
    hairColour: 'brown',
    topColour: 'green',
  },
  {
    age: 'young',
    sex: 'male',
    hairColour: 'red',
    beard: 'full',
    beardColour: 'red',
    top: 't-shirt',
    topColour: 'black',
  },
  { age: 'old', sex: 'female', hairColour: 'grey', glasses: 'round', top: 'turtleneck', topColour: 'purple' },
  { sex: 'male', hair: 'bald', beard: 'goatee', beardColour: 'black', top: 'suit' },
  { sex: 'male', headwear: 'fedora', headwearColour: 'black', top: 'shirt', topColour: 'red' },
  { age: 'teen', sex: 'female', hair: 'ponytail', hairColour: 'brown', top: 't-shirt', topColour: 'pink' },
  { sex: 'male', ethnicity: 'black', hairColour: 'black', top: 't-shirt', topColour: 'orange' },
  { age: 'young', sex: 'male', glasses: 'sunglasses', hairColour: 'blonde', topColour: 'blue' },
  { sex: 'female', headwear: 'beanie', headwearColour: 'yellow', glasses: 'rectangular', topColour: 'white' },
  { age: 'old', sex: 'male', headwear: 'cap', headwearColour: 'blue', beard: 'full', beardColour: 'grey' },
  {
    view: 'side',
    age: 'young',
    sex: 'female',
    hair: ['long', 'long wavy'],
    hairColour: 'blonde',
    topColour: 'blue',
  },
  { view: 'side', age: 'old', sex: 'male', beard: 'full', beardColour: 'white', topColour: 'red' },
  { view: 'back', age: 'teen', sex: 'female', hair: 'ponytail', hairColour: 'brown', topColour: 'pink' },
  { view: 'back', sex: 'male', hair: 'bald', top: 'suit' },
];

/** `npm run train -- diffusion`; needs the profile's `vae`. With --export writes `unet`. */
export async function run(options: TrainingOptions, signal: AbortSignal): Promise<void> {
  const profile = await loadProfile(options.profile);
  const config: DiffusionConfig = {
    vae: profile.config<VaeConfig>('vae'),
    unet: { ...MINI.unet, contextChannels: slotColumns(PERSON_SLOTS) },
    textEncoder: { ...MINI.textEncoder, slots: PERSON_SLOTS },
  };
  if (options.export) {
    const { weights, step } = await averagedWeights(options.run);
    const provenance = { step, seed: options.seed, data: options.data };
    return exportNetwork(options.profile, 'unet', config.unet, weights, provenance);
  }
  const vae = await profile.weights('vae');
  const data = new Dataset(options.data);
  const latents = await datasetLatents(data, vae, config.vae, 'data/latents', { signal });
  data.close();
  const { identities } = data;
  const task = diffusionTask({ identities, latents, config, batchSize: BATCH });
  task.preview = (weights, folder, step) => previewSamples(weights, vae, config, folder, step);
  const start = options.from ? await startingWeights(options.from, { unet: '' }) : undefined;
  await train(task, scheduleOf(SCHEDULE, options), options.run, signal, start);
}

/** Samples of fixed people from fixed noise: the same sheet after every checkpoint, so that progress shows. */
async function previewSamples(
  unet: WeightMap,
  vae: WeightMap,
  config: DiffusionConfig,
  folder: string,
  step: number,
): Promise<void> {
  const n = PREVIEW.length;
  const [rows, columns] = contextShape(config.textEncoder);
  const states = (said: readonly Said[]) => {
    const data = new Float32Array(said.length * rows * columns);
    said.forEach((one, i) => data.set(statesOf(one), i * rows * columns));
    return hostTensor(data, [said.length, rows, columns]);
  };
  const positive = states(PREVIEW.map((said) => ({ view: 'front', ...said })));
  const negative = states(PREVIEW.map(() => ({})));
  const tokenizer = wordTokenizer([], config.textEncoder.maxTokens);
  const model = openDiffusion(config, { vae, unet, textEncoder: new Map() }, tokenizer, { inline: true });
  const sampler = dpmSolver(scaledLinearSchedule(), config.unet.prediction);
  const noise = new Random(5).normals(n * config.vae.latentChannels * latentSize(config.vae) ** 2);
  const clean = await sampler(noise, guided(model.denoiser, { positive, negative, scale: 3 }), { steps: 12 });
  const decoded = await model.autoencoder.decode(clean);
  await model.close();
  const length = decoded.length / n;
  const images = Array.from({ length: n }, (_, i) => decoded.subarray(i * length, (i + 1) * length));
  const path = join(folder, `preview-${String(step).padStart(6, '0')}.png`);
  await writeSheet(path, images, decodedSize(config.vae), 4);
}
