import type { Autoencoder } from './networks.ts';
import type { Predict, Sampler, SamplingOptions } from './sampling.ts';
import { addNoise, rates } from './schedule.ts';
import type { NoiseSchedule } from './schedule.ts';

export interface SdEditOptions extends SamplingOptions {
  /** Timestep up to which noise is added; 200 of 1000 keeps the picture and renews its detail. */
  readonly from: number;
}

/**
 * SDEdit (Meng et al. 2022): adds noise to pictures up to a timestep and denoises them under a text.
 * @param images [N, C, S, S] in [−1, 1]
 * @param noise standard normal, in the latents' shape [N, L, s, s]
 * @returns pictures [N, C, D, D], not clamped
 */
export async function sdEdit(
  images: Float32Array,
  noise: Float32Array,
  networks: { autoencoder: Autoencoder; predict: Predict; sampler: Sampler; schedule: NoiseSchedule },
  options: SdEditOptions,
): Promise<Float32Array> {
  const { autoencoder, predict, sampler, schedule } = networks;
  const clean = await autoencoder.encode(images);
  const noisy = addNoise(clean, noise, rates(schedule.alphasCumprod[options.from]));
  return autoencoder.decode(await sampler(noisy, predict, options));
}
