import {
  addNoise,
  combine,
  predictBoth,
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
  // The batch is that of guided sampling, whose session is open.
  const predict = predictBoth(denoiser, {
    positive: repeatContext(texts.positive, n),
    negative: repeatContext(texts.negative, n),
  });
  const scores = Array.from({ length: n }, () => ({ gain: 0, plausibility: 0 }));
  for (const [index, timestep] of timesteps.entries()) {
    const noise = new Float32Array(latents.length);
    for (let i = 0; i < n; i++) noise.set(noises[index], i * size);
    const at = rates(schedule.alphasCumprod[timestep]);
    const noisy = addNoise(latents, noise, at);
    const target = denoiser.prediction === 'epsilon' ? noise : velocity(latents, noise, at);
    const [without, withText] = (await predict(noisy, timestep)).map((found) => errors(found, target, size));
    for (let i = 0; i < n; i++) {
      scores[i].gain += (without[i] - withText[i]) / timesteps.length;
      scores[i].plausibility -= withText[i] / timesteps.length;
    }
  }
  return scores;
}

/** Mean squared error of each item. */
function errors(predicted: Float32Array, target: Float32Array, size: number): number[] {
  const difference = combine(1, predicted, -1, target);
  return Array.from({ length: difference.length / size }, (_, i) => {
    const item = difference.subarray(i * size, (i + 1) * size);
    return item.reduce((sum, x) => sum + x * x, 0) / size;
  });
}
