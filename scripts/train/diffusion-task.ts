import { input, mean, mul, square, sub } from '../../gpu-functions/graph/index.ts';
import { hostTensor } from '../../gpu-functions/graph/index.ts';
import type { Value } from '../../gpu-functions/graph/index.ts';
import { latentSize, slotColumns, unet } from '../../gpu-functions/diffusion/index.ts';
import type { DiffusionConfig } from '../../gpu-functions/diffusion/index.ts';
import { traceParameters } from '../../gpu-functions/nn/index.ts';
import type { Parameters, Random } from '../../gpu-functions/nn/index.ts';
import type { Identity } from './dataset.ts';
import { faceWeights } from './face-weights.ts';
import { latentOf } from './latents.ts';
import type { LatentSet } from './latents.ts';
import { drawTimesteps, noised, timestepShapes } from './noising.ts';
import { PERSON_SLOTS, drawSaid, statesOf } from './person-slots.ts';
import type { Said } from './person-slots.ts';
import type { TrainingTask } from './trainer.ts';
import type { Attributes } from '../synthetic/people/attributes.ts';

/** Share of samples without a text, for classifier-free guidance. */
const UNCONDITIONAL = 0.1;
/** Share of samples from the two frontal views, which every portrait starts from. */
const FRONTAL = 0.7;

/** Mean squared error of the predicted velocity of noisy latents, the face's cells weighted. */
function diffusionLoss(p: Parameters, batch: Record<string, Value>, config: DiffusionConfig) {
  const { latents, timesteps, context } = batch;
  const { noisy, velocity } = noised(latents, batch);
  const errors = square(sub(unet(p, noisy, timesteps, context, config.unet), velocity));
  return { loss: mean(mul(errors, faceWeights(latentSize(config.vae)))), metrics: { plain: mean(errors) } };
}

export interface DiffusionTaskOptions {
  readonly identities: readonly Identity[];
  readonly latents: LatentSet;
  readonly config: DiffusionConfig;
  readonly batchSize: number;
}

/** Trains the UNet on latents and on what a text might say of them. */
export function diffusionTask(options: DiffusionTaskOptions): TrainingTask {
  const { identities, latents, config, batchSize } = options;
  const rows = PERSON_SLOTS.length;
  const columns = slotColumns(PERSON_SLOTS);
  const choose = weightedChoice(identities);
  const side = latentSize(config.vae);
  const shape = [batchSize, config.vae.latentChannels, side, side];
  const batch: TrainingTask['batch'] = {
    latents: { shape },
    noise: { shape },
    ...Object.fromEntries(
      Object.entries(timestepShapes(batchSize)).map(([name, dims]) => [name, { shape: dims }]),
    ),
    context: { shape: [batchSize, rows, columns] },
  };
  const build = (p: Parameters) => {
    const inputs = Object.entries(batch).map(([name, { shape: dims }]) => [name, input(name, dims)] as const);
    return diffusionLoss(p, Object.fromEntries(inputs), config);
  };
  return {
    name: 'diffusion',
    specs: traceParameters(build),
    batch,
    loss: (p, values) => diffusionLoss(p, values, config),
    draw(random) {
      const clean = new Float32Array(batchSize * latents.length);
      const context = new Float32Array(batchSize * rows * columns);
      const timesteps = drawTimesteps(random, batchSize);
      for (let i = 0; i < batchSize; i++) {
        const sample = drawSample(random, choose(random), identities, latents);
        clean.set(sample.latent, i * latents.length);
        context.set(statesOf(sample.said), i * rows * columns);
      }
      return {
        latents: hostTensor(clean, shape),
        noise: hostTensor(random.normals(clean.length), shape),
        ...timesteps,
        context: hostTensor(context, [batchSize, rows, columns]),
      };
    },
  };
}

/** How much more often than others those are drawn who have what is rare and small. */
const RARE: readonly [(a: Attributes) => boolean, number][] = [
  [(a) => a.glasses !== 'none', 0.7],
  [(a) => a.headwear !== 'none', 0.8],
  [(a) => a.beard !== 'none', 0.5],
  [(a) => a.hair === 'bald', 0.8],
  [(a) => a.hair === 'ponytail' || a.hair === 'braid', 0.5],
];

/** Draws the number of an identity, those with rare attributes more often. */
export function weightedChoice(identities: readonly Identity[]): (random: Random) => number {
  let total = 0;
  const ends = identities.map(({ attributes }) => {
    for (const [holds, extra] of RARE) if (holds(attributes)) total += extra;
    return ++total;
  });
  return (random) => {
    const at = random.uniform() * total;
    let low = 0;
    let high = ends.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ends[middle] > at) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

/** One training pair: a view's latent, and what is said of it. */
function drawSample(random: Random, who: number, identities: readonly Identity[], latents: LatentSet) {
  const { attributes, views } = identities[who];
  const frontal = latents.mirrored;
  const view =
    random.uniform() < FRONTAL ? random.int(frontal) : frontal + random.int(latents.views - frontal);
  const latent = latentOf(latents, who, view, random.uniform() < 0.5);
  const said: Said =
    random.uniform() < UNCONDITIONAL ? {} : drawSaid(random, attributes, views[view].azimuth);
  return { latent, said };
}
