import {
  add,
  concat,
  constant,
  depthToSpace,
  hostTensor,
  mean,
  mul,
  silu,
  slice,
  spaceToDepth,
  upsampleNearest2d,
} from '../graph/index.ts';
import type { Value } from '../graph/index.ts';
import type { Parameters } from '../nn/index.ts';
import { conv, groupNorm, linear } from './layers.ts';
import { resnetBlock } from './resnet.ts';

/** A rectangle of a picture, in pixels from its top left corner. */
export interface FaceRegion {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** Configuration of a network that draws faces again after the autoencoder, whose latents are too coarse for eyes. */
export interface FaceRestorerConfig {
  /** Side D of the pictures, and where a portrait from the front has the face. */
  readonly imageSize: number;
  readonly region: FaceRegion;
  /** Channels of each level from the finest to the coarsest; each level but the last halves the sides. */
  readonly blockChannels: readonly number[];
  readonly normGroups: number;
  /** Width of the text encoder's states. */
  readonly contextChannels: number;
  /** Space-to-depth factor before the first convolution, undone after the last. */
  readonly patch: number;
}

const EPS = 1e-6;
/** Pixels over which the change grows from nothing at the region's border. */
const FEATHER = 8;
const COLOURS = 3;

/**
 * Faces as they might have been before they went through the autoencoder: a U-Net of residual blocks with one a level,
 * told by the text's mean state, adds to the colours what fades out towards the border. (The idea: Wang et al. 2021,
 * "GFP-GAN", with a generator of our own.)
 *
 * @param faces the region of decoded pictures, [N, 4, H, W] in [−1, 1]: colours over white, and alpha
 * @param context [N, T, E], states of the text from the front
 * @returns colours over white [N, 3, H, W]
 */
export function restoreFaces(p: Parameters, faces: Value, context: Value, config: FaceRestorerConfig): Value {
  const { blockChannels, normGroups: groups, patch } = config;
  const last = blockChannels.length - 1;
  const width = 2 * blockChannels[last];
  const said = linear(p.at('text_embedding.linear_1'), mean(context, [1]), width);
  const time = silu(linear(p.at('text_embedding.linear_2'), silu(said), width));
  const block = (part: Parameters, x: Value, channels: number) =>
    resnetBlock(part, x, { channels, groups, eps: EPS, time });

  let h = conv(p.at('conv_in'), spaceToDepth(faces, patch), blockChannels[0]);
  const skips: Value[] = [];
  blockChannels.forEach((channels, i) => {
    const level = p.at(`down_blocks.${i}`);
    h = block(level.at('resnets.0'), h, channels);
    if (i === last) return;
    skips.push(h);
    h = conv(level.at('downsamplers.0.conv'), h, blockChannels[i + 1], { stride: 2, padding: 1 });
  });
  h = block(p.at('mid_block.resnets.0'), h, blockChannels[last]);
  for (let i = last - 1; i >= 0; i--) {
    const level = p.at(`up_blocks.${last - 1 - i}`);
    h = conv(level.at('upsamplers.0.conv'), upsampleNearest2d(h, 2), blockChannels[i]);
    h = block(level.at('resnets.0'), concat([h, skips[i]], 1), blockChannels[i]);
  }
  h = silu(groupNorm(p.at('conv_norm_out'), h, groups, EPS));
  const change = depthToSpace(conv(p.at('conv_out'), h, COLOURS * patch ** 2, { zero: true }), patch);
  return add(slice(faces, 1, 0, COLOURS), mul(change, feather(config.region)));
}

/** The share of pixel i of n. */
const ramp = (i: number, n: number): number => Math.min(1, (Math.min(i, n - 1 - i) + 0.5) / FEATHER);

/** 0 at the border, 1 from {@link FEATHER} pixels inside, [1, 1, H, W]. */
function feather({ height, width }: FaceRegion): Value {
  const weights = Float32Array.from(
    { length: height * width },
    (_, i) => ramp(Math.floor(i / width), height) * ramp(i % width, width),
  );
  return constant(hostTensor(weights, [1, 1, height, width]));
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

/** Planes [C, S, S] with the first c of them replaced in the region by [c, H, W]. */
export function withRegion(
  planes: Float32Array,
  size: number,
  { top, left, height, width }: FaceRegion,
  region: Float32Array,
): Float32Array {
  const out = planes.slice();
  for (let row = 0; row < region.length / width; row++) {
    const into = (Math.floor(row / height) * size + top + (row % height)) * size + left;
    out.set(region.subarray(row * width, (row + 1) * width), into);
  }
  return out;
}
