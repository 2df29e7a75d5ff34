import type { HostTensor } from '../graph/index.ts';
import type { DiffusionConfig } from './configs.ts';
import type { Region } from './restorer.ts';
import type { SamplingOptions } from './sampling.ts';
import type { Prediction } from './schedule.ts';
import type { Tokenizer } from './tokenizer.ts';

/** Predicts the noise or velocity in latents; latents [N, L, s, s], one timestep for all, context [N, T, E]. */
export interface Denoiser {
  readonly prediction: Prediction;
  /** [L, s, s] */
  readonly latentShape: readonly [number, number, number];
  /** Opens what `predict` needs for so many latents, so that the first run finds it open. */
  prepare(latents: number): Promise<void>;
  predict(latents: Float32Array, timestep: number, context: HostTensor): Promise<Float32Array>;
}

/** Pictures to normalised latents and back. */
export interface Autoencoder {
  /** [C, S, S]: of pictures that are encoded. */
  readonly imageShape: readonly [number, number, number];
  /** Side D of pictures that are decoded. */
  readonly decodedSide: number;
  /** [L, s, s] */
  readonly latentShape: readonly [number, number, number];
  /** Pictures [N, C, S, S] in [−1, 1] to latents: the posterior's mean, or a sample where standard normal noise is given. */
  encode(images: Float32Array, noise?: Float32Array): Promise<Float32Array>;
  /** Latents [N, L, s, s] to pictures [N, C, D, D], not clamped. */
  decode(latents: Float32Array): Promise<Float32Array>;
}

/** Texts to their states. */
export interface TextEncoder {
  readonly tokenizer: Tokenizer;
  /** Token ids, one list a text, to states [N, T, E]. */
  encode(ids: readonly (readonly number[])[]): Promise<HostTensor>;
}

/** Draws the details again that soft pictures lack: those of the autoencoder, whose latents are too coarse for eyes, and renders. */
export interface Restorer {
  /** Side S of the pictures that it sees. */
  readonly imageSize: number;
  /** What it draws of pictures from the front; where it is missing, the whole of pictures from all sides. */
  readonly region?: Region;
  /** [3, H, W] of the noise that it starts from. */
  readonly noiseShape: readonly [number, number, number];
  /** Opens what `change` needs for so many pictures, beside what other networks do meanwhile. */
  prepare(pictures: number): Promise<void>;
  /**
   * What is to be added to the colours of pictures [N, 4, S, S] in [−1, 1]: [N, 3, S, S], 0 outside of its region.
   * @param context [N, T, E], the texts' states from the pictures' sides
   * @param noise standard normal, [N, 3, H, W]
   */
  change(
    pictures: Float32Array,
    context: HostTensor,
    noise: Float32Array,
    options: SamplingOptions,
  ): Promise<Float32Array>;
}

/** The networks of one latent diffusion model, wherever they run. */
export interface DiffusionModel {
  readonly config: DiffusionConfig;
  readonly denoiser: Denoiser;
  readonly autoencoder: Autoencoder;
  readonly textEncoder: TextEncoder;
  /** In the order in which they draw, one over the other. */
  readonly restorers: readonly Restorer[];
  close(): Promise<void>;
}
