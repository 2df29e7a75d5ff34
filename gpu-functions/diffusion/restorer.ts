import { concat } from '../graph/index.ts';
import type { Value } from '../graph/index.ts';
import type { Parameters } from '../nn/index.ts';
import { unet } from './unet.ts';
import type { UNetConfig } from './unet.ts';

/** A rectangle of a picture, in pixels from its top left corner. */
export interface Region {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** Configuration of a network that draws details again after the autoencoder, whose latents are too coarse for eyes. */
export interface RestorerConfig {
  /** Side S of the pictures. */
  readonly imageSize: number;
  /** What it sees and draws of pictures from the front; where it is missing, the whole of pictures from all sides. */
  readonly region?: Region;
  /** The change of colours in [−1, 1] is diffused times this, so that its deviation is about one. */
  readonly gain: number;
  /** Denoises the change; `latentChannels` are its colours, and `sampleSize` is the region's larger side. */
  readonly unet: UNetConfig;
}

/** Colours over white; with alpha, a picture. */
export const [COLOURS, CHANNELS] = [3, 4];

/**
 * Predicts the velocity of a noisy change of colours, by which a soft picture gets the details that it lacks: diffusion conditioned on
 * the coarse picture (Saharia et al. 2021, "SR3"), of the residual alone.
 *
 * @param noisy [N, 3, H, W]
 * @param pictures the region of the pictures, [N, 4, H, W] in [−1, 1]: colours over white, and alpha
 * @param timesteps [N]
 * @param context [N, T, E], states of the text from the pictures' side
 * @returns [N, 3, H, W]
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

/** The region of planes [N, C, S, S], as [N, C, H, W]. */
export function cutRegion(
  planes: Float32Array,
  size: number,
  { top, left, height, width }: Region,
): Float32Array {
  const count = planes.length / size ** 2;
  const out = new Float32Array(count * height * width);
  for (let row = 0; row < count * height; row++) {
    const from = (Math.floor(row / height) * size + top + (row % height)) * size + left;
    out.set(planes.subarray(from, from + width), row * width);
  }
  return out;
}

/** Planes [N, C, H, W] in the region of planes [N, C, S, S] that are 0 elsewhere. */
export function placedRegion(
  planes: Float32Array,
  size: number,
  { top, left, height, width }: Region,
): Float32Array {
  const count = planes.length / (height * width);
  const out = new Float32Array(count * size ** 2);
  for (let row = 0; row < count * height; row++) {
    const into = (Math.floor(row / height) * size + top + (row % height)) * size + left;
    out.set(planes.subarray(row * width, (row + 1) * width), into);
  }
  return out;
}

/** Pixels over which a region's share grows from nothing at its border. */
const FEATHER = 6;

/** The share of pixel i of n. */
const ramp = (i: number, n: number): number => Math.min(1, (Math.min(i, n - 1 - i) + 0.5) / FEATHER);

/** How much counts of what is drawn of a region, [S, S]: all in the middle, nothing outside. */
export function regionShare(size: number, region: Region): Float32Array {
  const { height, width } = region;
  const share = Float32Array.from(
    { length: height * width },
    (_, i) => ramp(Math.floor(i / width), height) * ramp(i % width, width),
  );
  return placedRegion(share, size, region);
}
