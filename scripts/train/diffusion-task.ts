import { add, input, mean, mul, square, sub } from '../../gpu-functions/graph/index.ts';
import { hostTensor } from '../../gpu-functions/graph/index.ts';
import type { Value } from '../../gpu-functions/graph/index.ts';
import {
  latentSize,
  ratesAt,
  scaledLinearSchedule,
  textEncoder,
  unet,
  viewName,
  viewPrompt,
} from '../../gpu-functions/diffusion/index.ts';
import type { DiffusionConfig, Tokenizer } from '../../gpu-functions/diffusion/index.ts';
import { traceParameters } from '../../gpu-functions/nn/index.ts';
import type { Parameters, Random } from '../../gpu-functions/nn/index.ts';
import type { Identity } from './dataset.ts';
import { latentOf } from './latents.ts';
import type { LatentSet } from './latents.ts';
import type { TrainingTask } from './trainer.ts';

/** Share of samples without a text, for classifier-free guidance. */
const UNCONDITIONAL = 0.1;
/** Share of samples from the two frontal views, which every portrait starts from. */
const FRONTAL = 0.7;

const SCHEDULE = scaledLinearSchedule();

/** Parameters of both networks live in one training: `unet.…` and `text.…`. */
export const UNET = 'unet';
export const TEXT = 'text';

/** Mean squared error of the predicted velocity; the text encoder is trained with the UNet. */
function diffusionLoss(p: Parameters, batch: Record<string, Value>, config: DiffusionConfig) {
  const { latents, noise, timesteps, signal, noiseRate, ids } = batch;
  const context = textEncoder(p.at(TEXT), ids, config.textEncoder);
  const noisy = add(mul(latents, signal), mul(noise, noiseRate));
  const velocity = sub(mul(noise, signal), mul(latents, noiseRate));
  const predicted = unet(p.at(UNET), noisy, timesteps, context, config.unet);
  return { loss: mean(square(sub(predicted, velocity))) };
}

export interface DiffusionTaskOptions {
  readonly identities: readonly Identity[];
  readonly latents: LatentSet;
  readonly tokenizer: Tokenizer;
  readonly config: DiffusionConfig;
  readonly batchSize: number;
}

/** Trains UNet and text encoder on (latent, view, caption) triples. */
export function diffusionTask(options: DiffusionTaskOptions): TrainingTask {
  const { identities, latents, tokenizer, config, batchSize } = options;
  const side = latentSize(config.vae);
  const shape = [batchSize, config.vae.latentChannels, side, side];
  const batch: TrainingTask['batch'] = {
    latents: { shape },
    noise: { shape },
    timesteps: { shape: [batchSize] },
    signal: { shape: [batchSize, 1, 1, 1] },
    noiseRate: { shape: [batchSize, 1, 1, 1] },
    ids: { shape: [batchSize, tokenizer.maxTokens], dtype: 'int64' },
  };
  const build = (p: Parameters) => {
    const inputs = Object.entries(batch).map(
      ([name, { shape, dtype }]) => [name, input(name, shape, dtype)] as const,
    );
    return diffusionLoss(p, Object.fromEntries(inputs), config);
  };
  return {
    name: 'diffusion',
    specs: traceParameters(build),
    batch,
    loss: (p, values) => diffusionLoss(p, values, config),
    draw(random) {
      const clean = new Float32Array(batchSize * latents.length);
      const ids = new BigInt64Array(batchSize * tokenizer.maxTokens);
      // One timestep from each of N equal ranges: the loss varies less than with independent draws.
      const timesteps = Float32Array.from({ length: batchSize }, (_, i) =>
        Math.floor(((i + random.uniform()) / batchSize) * SCHEDULE.steps),
      );
      for (let i = 0; i < batchSize; i++) {
        const sample = drawSample(random, identities, latents);
        clean.set(sample.latent, i * latents.length);
        ids.set(tokenizer.encode(sample.text).ids.map(BigInt), i * tokenizer.maxTokens);
      }
      const rate = (key: 'signal' | 'noise') =>
        Float32Array.from(timesteps, (t) => ratesAt(SCHEDULE, t)[key]);
      return {
        latents: hostTensor(clean, shape),
        noise: hostTensor(random.normals(clean.length), shape),
        timesteps: hostTensor(timesteps, [batchSize]),
        signal: hostTensor(rate('signal'), [batchSize, 1, 1, 1]),
        noiseRate: hostTensor(rate('noise'), [batchSize, 1, 1, 1]),
        ids: hostTensor(ids, [batchSize, tokenizer.maxTokens]),
      };
    },
  };
}

/** One training pair: a view's latent and a text that says which side it shows and who it is. */
function drawSample(random: Random, identities: readonly Identity[], latents: LatentSet) {
  const who = random.int(identities.length);
  const { captions, views } = identities[who];
  const frontal = latents.mirrored;
  const view =
    random.uniform() < FRONTAL ? random.int(frontal) : frontal + random.int(latents.views - frontal);
  const latent = latentOf(latents, who, view, random.uniform() < 0.5);
  const caption = captions[random.int(captions.length)];
  const degrees = (views[view].azimuth * 180) / Math.PI;
  const text = random.uniform() < UNCONDITIONAL ? '' : viewPrompt(viewName(degrees), caption);
  return { latent, text };
}
