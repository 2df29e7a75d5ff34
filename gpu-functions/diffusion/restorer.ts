import { concat } from '../graph/index.ts';
import type { Value } from '../graph/index.ts';
import type { Parameters } from '../nn/index.ts';
import { unet } from './unet.ts';
import type { UNetConfig } from './unet.ts';

/** Configuration of a network that draws details again after the autoencoder, whose latents are too coarse for eyes. */
export interface RestorerConfig {
  /** Side S of the pictures. */
  readonly imageSize: number;
  /** The change of colours in [−1, 1] is diffused times this, so that its deviation is about one. */
  readonly gain: number;
  /** Denoises the change; `latentChannels` are its colours, and `sampleSize` is S. */
  readonly unet: UNetConfig;
}

/** Colours over white; with alpha, a picture. */
export const [COLOURS, CHANNELS] = [3, 4];

/**
 * Predicts the velocity of a noisy change of colours, by which a soft picture gets the details that it lacks: diffusion conditioned on
 * the coarse picture (Saharia et al. 2021, "SR3"), of the residual alone.
 *
 * @param noisy [N, 3, S, S]
 * @param pictures [N, 4, S, S] in [−1, 1]: colours over white, and alpha
 * @param timesteps [N]
 * @param context [N, T, E], states of the text from the pictures' side
 * @returns [N, 3, S, S]
 */
export function restorer(
  p: Parameters,
  noisy: Value,
  pictures: Value,
  timesteps: Value,
  context: Value,
  config: RestorerConfig,
): Value {
  return unet(p, concat([noisy, pictures], 1), timesteps, context, config.unet);
}
