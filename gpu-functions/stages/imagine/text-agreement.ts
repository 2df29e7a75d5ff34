import {
  addNoise,
  combine,
  joinContexts,
  rates,
  repeatContext,
  velocity,
  type Denoiser,
  type NoiseSchedule,
} from '../../diffusion/index.ts';
import { sizeOf, type HostTensor } from '../../graph/index.ts';

/** What the denoiser says of a picture, both higher for better ones. */
export interface TextAgreement {
  /** How much the text helps: the fall of the squared error. Favours strong attributes, and caricatures. */
  gain: number;
  /** How well the picture is understood with the text: its negated squared error. Favours clean pictures, and plain ones. */
  plausibility: number;
}

/**
 * Asks the denoiser how well each latent fits the text: its mean squared errors with and without it, over a few
 * timesteps and one noise shared by all candidates (Li et al. 2023, "Your diffusion model is secretly a zero-shot
 * classifier").
 *
 * @param latents `[N, L, s, s]`
 */
export async function textAgreement(
  denoiser: Denoiser,
  schedule: NoiseSchedule,
  latents: Float32Array,
  texts: { positive: HostTensor; negative: HostTensor },
  timesteps: readonly number[],
  noises: readonly Float32Array[],
): Promise<TextAgreement[]> {
  const size = sizeOf(denoiser.latentShape);
  const n = latents.length / size;
  // Both in one run, of the batch that guided sampling has: its session is open.
  const context = joinContexts(repeatContext(texts.negative, n), repeatContext(texts.positive, n));
  const scores = Array.from({ length: n }, () => ({ gain: 0, plausibility: 0 }));
  for (const [index, timestep] of timesteps.entries()) {
    const noise = new Float32Array(latents.length);
    for (let i = 0; i < n; i++) noise.set(noises[index], i * size);
    const at = rates(schedule.alphasCumprod[timestep]);
    const noisy = addNoise(latents, noise, at);
    const target = denoiser.prediction === 'epsilon' ? noise : velocity(latents, noise, at);
    const predicted = await denoiser.predict(twice(noisy), timestep, context);
    const found = errors(predicted, twice(target), size);
    for (let i = 0; i < n; i++) {
      const [without, withText] = [found[i], found[n + i]];
      scores[i].gain += (without - withText) / timesteps.length;
      scores[i].plausibility -= withText / timesteps.length;
    }
  }
  return scores;
}

function twice(items: Float32Array): Float32Array {
  const both = new Float32Array(2 * items.length);
  both.set(items);
  both.set(items, items.length);
  return both;
}

/** Mean squared error of each item. */
function errors(predicted: Float32Array, target: Float32Array, size: number): number[] {
  const difference = combine(1, predicted, -1, target);
  return Array.from({ length: difference.length / size }, (_, i) => {
    const item = difference.subarray(i * size, (i + 1) * size);
    return item.reduce((sum, x) => sum + x * x, 0) / size;
  });
}
