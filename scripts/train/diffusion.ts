import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  MINI,
  dpmSolver,
  guided,
  latentSize,
  openDiffusion,
  repeatContext,
  scaledLinearSchedule,
  wordTokenizer,
  wordsOf,
} from '../../gpu-functions/diffusion/index.ts';
import type { DiffusionConfig, Tokenizer, VaeConfig } from '../../gpu-functions/diffusion/index.ts';
import { Random } from '../../gpu-functions/nn/index.ts';
import type { WeightMap } from '../../gpu-functions/nn/index.ts';
import { loadProfile } from '../../gpu-functions/weights/index.ts';
import { vocabulary as captionWords } from '../synthetic/captions.ts';
import { Dataset } from './dataset.ts';
import { TEXT, UNET, diffusionTask } from './diffusion-task.ts';
import { exportNetwork, updateManifest } from './export.ts';
import { datasetLatents } from './latents.ts';
import type { TrainingOptions } from './main.ts';
import { writeSheet } from './sheet.ts';
import { below, scheduleOf, startingWeights } from './start.ts';
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

/** Every word of the captions, and those of the views; a word's id is its place. */
const VOCABULARY = [
  ...new Set([...captionWords.flatMap(wordsOf), 'front', 'side', 'back', 'view']),
].toSorted();

const PREVIEW_PROMPTS = [
  'front view, an old man with a white beard, wearing a red turtleneck',
  'front view, a young woman with long blonde hair and glasses, in a blue t-shirt',
  'front view, a middle-aged man with black hair, wearing a suit',
  'front view, a young woman with pink hair, wearing a yellow v-neck',
  'front view, a man with a brown fedora and a ginger beard, in a green shirt',
  'front view, a black woman with an afro, wearing an orange turtleneck',
  'front view, a bald man with sunglasses, in a black t-shirt',
  'front view, a girl with red hair, wearing a white t-shirt',
  'side view, a young woman with long blonde hair, in a blue t-shirt',
  'side view, an old man with a white beard, wearing a red turtleneck',
  'back view, a young woman with long blonde hair, in a blue t-shirt',
  'back view, a man with black hair, wearing a green shirt',
];

/** `npm run train -- diffusion`; needs the profile's `vae`. With --export writes `unet`, `text-encoder` and `vocabulary`. */
export async function run(options: TrainingOptions, signal: AbortSignal): Promise<void> {
  const tokenizer = wordTokenizer(VOCABULARY, MINI.textEncoder.maxTokens);
  const profile = await loadProfile(options.profile);
  const config: DiffusionConfig = {
    vae: profile.config<VaeConfig>('vae'),
    unet: MINI.unet,
    textEncoder: { ...MINI.textEncoder, vocabularySize: tokenizer.vocabularySize },
  };
  if (options.export) return exportDiffusion(config, options);
  const vae = await profile.weights('vae');
  const data = new Dataset(options.data);
  const latents = await datasetLatents(data, vae, config.vae, 'data/latents');
  data.close();
  const { identities } = data;
  const task = diffusionTask({ identities, latents, tokenizer, config, batchSize: BATCH });
  task.preview = (weights, folder, step) => previewSamples(weights, vae, tokenizer, config, folder, step);
  const networks = { unet: `${UNET}.`, 'text-encoder': `${TEXT}.` };
  const start = options.from ? await startingWeights(options.from, networks) : undefined;
  await train(task, scheduleOf(SCHEDULE, options), options.run, signal, start);
}

async function exportDiffusion(config: DiffusionConfig, options: TrainingOptions): Promise<void> {
  const { weights, step } = await averagedWeights(options.run);
  const provenance = { step, seed: options.seed, data: options.data };
  await exportNetwork(options.profile, 'unet', config.unet, below(weights, `${UNET}.`), provenance);
  await exportNetwork(
    options.profile,
    'text-encoder',
    config.textEncoder,
    below(weights, `${TEXT}.`),
    provenance,
  );
  await writeFile(join(options.profile, 'vocabulary.json'), `${JSON.stringify(VOCABULARY)}\n`);
  await updateManifest(options.profile, 'vocabulary', 'vocabulary.json', {});
}

/** Samples of fixed prompts from fixed noise: the same sheet after every checkpoint, so that progress shows. */
async function previewSamples(
  weights: WeightMap,
  vae: WeightMap,
  tokenizer: Tokenizer,
  config: DiffusionConfig,
  folder: string,
  step: number,
): Promise<void> {
  const parts = { vae, unet: below(weights, `${UNET}.`), textEncoder: below(weights, `${TEXT}.`) };
  const model = openDiffusion(config, parts, tokenizer, { inline: true });
  const n = PREVIEW_PROMPTS.length;
  const positive = await model.textEncoder.encode(PREVIEW_PROMPTS.map((text) => tokenizer.encode(text).ids));
  const negative = repeatContext(await model.textEncoder.encode([tokenizer.encode('').ids]), n);
  const sampler = dpmSolver(scaledLinearSchedule(), config.unet.prediction);
  const noise = new Random(5).normals(n * config.vae.latentChannels * latentSize(config.vae) ** 2);
  const clean = await sampler(noise, guided(model.denoiser, { positive, negative, scale: 3 }), { steps: 12 });
  const decoded = await model.autoencoder.decode(clean);
  await model.close();
  const length = decoded.length / n;
  const images = Array.from({ length: n }, (_, i) => decoded.subarray(i * length, (i + 1) * length));
  const path = join(folder, `preview-${String(step).padStart(6, '0')}.png`);
  await writeSheet(path, images, config.vae.imageSize, 4);
}
