import { concat } from '../graph/index.ts';
import type { Value } from '../graph/index.ts';
import type { Parameters } from '../nn/index.ts';
import { unet } from './unet.ts';
import type { UNetConfig } from './unet.ts';

/** A rectangle of a picture, in pixels from its top left corner. */
export interface FaceRegion {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** Configuration of a network that draws faces again after the autoencoder, whose latents are too coarse for eyes. */
export interface FaceRestorerConfig {
  /** Side S of the pictures, and where a portrait from the front has the face. */
  readonly imageSize: number;
  readonly region: FaceRegion;
  /** The change of colours in [−1, 1] is diffused times this, so that its deviation is about one. */
  readonly gain: number;
  /** Denoises the change; `latentChannels` are its colours, and `sampleSize` is the region's larger side. */
  readonly unet: UNetConfig;
}

/** Colours over white; with alpha, a picture. */
export const [COLOURS, CHANNELS] = [3, 4];

/**
 * Predicts the velocity of a noisy change of colours, by which a face out of the autoencoder becomes one that might have gone
 * into it: diffusion conditioned on the coarse picture (Saharia et al. 2021, "SR3"), of the residual alone.
 *
 * @param noisy [N, 3, H, W]
 * @param faces the region of the pictures, [N, 4, H, W] in [−1, 1]: colours over white, and alpha
 * @param timesteps [N]
 * @param context [N, T, E], states of the text from the front
 * @returns [N, 3, H, W]
 */
export function faceRestorer(
  p: Parameters,
  noisy: Value,
  faces: Value,
  timesteps: Value,
  context: Value,
  config: FaceRestorerConfig,
): Value {
  return unet(p, concat([noisy, faces], 1), timesteps, context, config.unet);
}

/** The region of planes [N, C, S, S], as [N, C, H, W]. */
export function cutRegion(
  planes: Float32Array,
  size: number,
  { top, left, height, width }: FaceRegion,
): Float32Array {
  const count = planes.length / size ** 2;
  const out = new Float32Array(count * height * width);
  for (let row = 0; row < count * height; row++) {
    const from = (Math.floor(row / height) * size + top + (row % height)) * size + left;
    out.set(planes.subarray(from, from + width), row * width);
  }
  return out;
}

/** Pixels over which a change grows from nothing at the region's border. */
const FEATHER = 6;

/** The share of pixel i of n. */
const ramp = (i: number, n: number): number => Math.min(1, (Math.min(i, n - 1 - i) + 0.5) / FEATHER);

/** Planes [N, C, H, W] in the region of planes [N, C, S, S] that are 0 elsewhere, fading out towards its border. */
export function fadedRegion(
  region: Float32Array,
  size: number,
  { top, left, height, width }: FaceRegion,
): Float32Array {
  const count = region.length / (height * width);
  const out = new Float32Array(count * size ** 2);
  for (let i = 0; i < region.length; i++) {
    const [row, column] = [Math.floor(i / width), i % width];
    const into = (Math.floor(row / height) * size + top + (row % height)) * size + left + column;
    out[into] = region[i] * ramp(row % height, height) * ramp(column, width);
  }
  return out;
}
