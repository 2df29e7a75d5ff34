import {
  add,
  cast,
  concat,
  constant,
  depthToSpace,
  cos,
  hostTensor,
  mean,
  mul,
  reshape,
  silu,
  sin,
  spaceToDepth,
} from '../graph/index.ts';
import type { Value } from '../graph/index.ts';
import type { Parameters } from '../nn/index.ts';
import { conv, enlargedConv, groupNorm, linear } from './layers.ts';
import { resnetBlock } from './resnet.ts';
import type { Prediction } from './schedule.ts';
import { spatialTransformer } from './transformer.ts';

/** What attends at one level of the UNet. */
export type LevelAttention = 'none' | 'cross' | 'self+cross';

/** Configuration of the denoiser, after diffusers' `UNet2DConditionModel`. */
export interface UNetConfig {
  readonly latentChannels: number;
  /** Side of the latent grid. */
  readonly sampleSize: number;
  /** Channels of each level from the finest to the coarsest. */
  readonly blockChannels: readonly number[];
  /** Attention of each level, same order. */
  readonly attention: readonly LevelAttention[];
  /** Residual blocks a level on the way down; one more on the way up. */
  readonly layersPerBlock: number;
  /** Attention heads (diffusers calls this number `attention_head_dim` in SD 1.x). */
  readonly heads: number;
  readonly normGroups: number;
  /** Width of the text encoder's states. */
  readonly contextChannels: number;
  /** Whether the mean of the text's states is added to the time embedding (as SDXL adds its pooled text). */
  readonly pooledContext: boolean;
  /** Space-to-depth factor before the first convolution, undone after the last, as in DiT: cheaper where the latent grid is fine. */
  readonly patch: number;
  /**
   * Where `patch` is above 1: residual blocks at the latents' own resolution behind the rest, for what differs within a patch,
   * which the few channels of a folded one hold badly.
   */
  readonly fine?: { readonly channels: number; readonly blocks: number };
  readonly prediction: Prediction;
}

const EPS = 1e-5;

/** Sinusoidal features of timesteps [N] → [N, dim], cosines first, frequencies 10000^(−i/(dim/2)). */
export function timestepFeatures(timesteps: Value, dim: number): Value {
  const half = dim / 2;
  const frequencies = Float32Array.from({ length: half }, (_, i) => Math.exp((-Math.log(10000) * i) / half));
  const t = timesteps.dtype === 'float32' ? timesteps : cast(timesteps, 'float32');
  const angles = mul(reshape(t, [-1, 1]), constant(hostTensor(frequencies, [1, half])));
  return concat([cos(angles), sin(angles)], 1);
}

/**
 * Predicts noise or velocity (`config.prediction`) of noisy latents.
 * @param latents [N, L, s, s]
 * @param timesteps [N], float or integer, in 0..999
 * @param context [N, T, E], last hidden states of the text encoder
 * @returns [N, L, s, s]
 */
export function unet(
  p: Parameters,
  latents: Value,
  timesteps: Value,
  context: Value,
  config: UNetConfig,
): Value {
  const { blockChannels, layersPerBlock, heads, normGroups: groups } = config;
  const last = blockChannels.length - 1;
  const width = 4 * blockChannels[0];
  const features = timestepFeatures(timesteps, blockChannels[0]);
  const embedded = linear(p.at('time_embedding.linear_1'), features, width);
  const step = linear(p.at('time_embedding.linear_2'), silu(embedded), width);
  const time = silu(
    config.pooledContext ? add(step, linear(p.at('add_embedding'), mean(context, [1]), width)) : step,
  );

  const layer = (
    block: Parameters,
    j: number,
    x: Value,
    channels: number,
    attention: LevelAttention,
  ): Value => {
    const h = resnetBlock(block.at(`resnets.${j}`), x, { channels, groups, eps: EPS, time });
    if (attention === 'none') return h;
    const options = { heads, groups, selfAttention: attention === 'self+cross' };
    return spatialTransformer(block.at(`attentions.${j}`), h, context, options);
  };

  let h = config.patch > 1 ? spaceToDepth(latents, config.patch) : latents;
  h = conv(p.at('conv_in'), h, blockChannels[0]);
  const skips = [h];
  blockChannels.forEach((channels, i) => {
    const block = p.at(`down_blocks.${i}`);
    for (let j = 0; j < layersPerBlock; j++) {
      h = layer(block, j, h, channels, config.attention[i]);
      skips.push(h);
    }
    if (i < last) {
      h = conv(block.at('downsamplers.0.conv'), h, channels, { stride: 2, padding: 1 });
      skips.push(h);
    }
  });

  const mid = p.at('mid_block');
  h = layer(mid, 0, h, blockChannels[last], 'self+cross');
  h = layer(mid, 1, h, blockChannels[last], 'none');

  for (let i = 0; i <= last; i++) {
    const level = last - i;
    const block = p.at(`up_blocks.${i}`);
    for (let j = 0; j <= layersPerBlock; j++) {
      h = concat([h, skips.pop()!], 1);
      h = layer(block, j, h, blockChannels[level], config.attention[level]);
    }
    if (level > 0) {
      h = enlargedConv(block.at('upsamplers.0.conv'), h, blockChannels[level]);
    }
  }
  h = silu(groupNorm(p.at('conv_norm_out'), h, groups, EPS));
  const folded = conv(p.at('conv_out'), h, config.latentChannels * config.patch ** 2, { zero: true });
  const out = config.patch > 1 ? depthToSpace(folded, config.patch) : folded;
  return config.fine ? add(out, fineDetail(p.at('fine'), latents, h, time, config)) : out;
}

/**
 * What `config.fine` adds to the output; nothing before it is trained.
 * @param latents [N, L, s, s]
 * @param features of the last level, activated, [N, C, s/patch, s/patch]
 * @param time activated time embedding [N, E]
 * @returns [N, L, s, s]
 */
function fineDetail(
  p: Parameters,
  latents: Value,
  features: Value,
  time: Value,
  { fine, patch, normGroups: groups, latentChannels }: UNetConfig,
): Value {
  const { channels, blocks } = fine!;
  const unfolded = depthToSpace(conv(p.at('conv_up'), features, channels * patch ** 2, { kernel: 1 }), patch);
  let h = concat([unfolded, conv(p.at('conv_in'), latents, channels)], 1);
  for (let j = 0; j < blocks; j++) {
    h = resnetBlock(p.at(`resnets.${j}`), h, { channels, groups, eps: EPS, time });
  }
  h = silu(groupNorm(p.at('conv_norm_out'), h, groups, EPS));
  return conv(p.at('conv_out'), h, latentChannels, { zero: true });
}
