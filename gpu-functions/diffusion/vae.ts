import {
  add,
  clamp,
  constant,
  depthToSpace,
  div,
  exp,
  hostTensor,
  mul,
  reshape,
  silu,
  spaceToDepth,
  split,
  sub,
  transpose,
} from '../graph/index.ts';
import type { Value } from '../graph/index.ts';
import type { Parameters } from '../nn/index.ts';
import { multiHeadAttention } from './attention.ts';
import { conv, enlargedConv, groupNorm, linear } from './layers.ts';
import { resnetBlock } from './resnet.ts';

/** What stands at the coarsest size; SD has two residual blocks with attention between. */
type MidBlock = 'none' | 'resnets' | 'resnets+attention';

/** A decoder that differs from its encoder. */
export interface VaeDecoderConfig {
  /** Channels of each level from the finest to the coarsest; each level but the last doubles the side. */
  readonly channels: readonly number[];
  /** Residual blocks a level. */
  readonly layersPerBlock: number;
  readonly midBlock: MidBlock;
  /** Depth-to-space factor after the last convolution. */
  readonly patch: number;
}

/** Configuration of a KL autoencoder, after diffusers' `AutoencoderKL`. */
export interface VaeConfig {
  /** Channels of a picture: 3 (RGB), or 4 (RGB over white, and alpha), all in [−1, 1]. */
  readonly imageChannels: number;
  readonly latentChannels: number;
  /** Side in pixels of the pictures that are encoded. */
  readonly imageSize: number;
  /** Channels of each level from the finest to the coarsest; each level but the last halves the side. */
  readonly blockChannels: readonly number[];
  /** The decoder, where it is not the encoder's mirror image. */
  readonly decoder?: VaeDecoderConfig;
  /** Residual blocks a level in the encoder; its mirror image has one more. */
  readonly layersPerBlock: number;
  readonly normGroups: number;
  readonly midBlock: MidBlock;
  /** Space-to-depth factor before the first convolution, undone after the last: convolutions at full size are dear on a CPU. */
  readonly patch: number;
  /** Mean and standard deviation of each latent channel: networks see (z − mean) / std. SD has one `scaling_factor` = 1 / std. */
  readonly latentMean: readonly number[];
  readonly latentStd: readonly number[];
}

/** Side of the latent grid: the picture's side over the patch and the levels' halvings. */
export function latentSize(config: VaeConfig): number {
  return config.imageSize / config.patch / 2 ** (config.blockChannels.length - 1);
}

/** The decoder's configuration: what is said of it, or the encoder's mirror image. */
function decoderConfig(config: VaeConfig): VaeDecoderConfig {
  const { blockChannels: channels, layersPerBlock, midBlock, patch } = config;
  return config.decoder ?? { channels, layersPerBlock: layersPerBlock + 1, midBlock, patch };
}

/** Side in pixels of the pictures that are decoded. */
export function decodedSize(config: VaeConfig): number {
  const { channels, patch } = decoderConfig(config);
  return latentSize(config) * 2 ** (channels.length - 1) * patch;
}

const EPS = 1e-6;

function attentionBlock(p: Parameters, x: Value, config: VaeConfig): Value {
  const [n, c, h, w] = x.shape;
  const normed = groupNorm(p.at('group_norm'), x, config.normGroups, EPS);
  const tokens = transpose(reshape(normed, [n, c, h * w]), [0, 2, 1]);
  const [q, k, v] = ['to_q', 'to_k', 'to_v'].map((name) => linear(p.at(name), tokens, c));
  const y = linear(p.at('to_out.0'), multiHeadAttention(q, k, v, 1), c);
  return add(x, reshape(transpose(y, [0, 2, 1]), x.shape));
}

function midBlock(p: Parameters, x: Value, config: VaeConfig, kind: MidBlock): Value {
  if (kind === 'none') return x;
  const options = { channels: x.shape[1], groups: config.normGroups, eps: EPS };
  let h = resnetBlock(p.at('resnets.0'), x, options);
  if (kind === 'resnets+attention') h = attentionBlock(p.at('attentions.0'), h, config);
  return resnetBlock(p.at('resnets.1'), h, options);
}

/** The posterior over latents, before normalisation: a diagonal Gaussian. */
export interface Posterior {
  readonly mean: Value;
  readonly logVariance: Value;
}

/** Encodes pictures [N, C, S, S] in [−1, 1] to the posterior over latents [N, L, s, s] (not yet normalised). */
export function vaeEncode(p: Parameters, image: Value, config: VaeConfig): Posterior {
  const { blockChannels, layersPerBlock, normGroups: groups, latentChannels } = config;
  const e = p.at('encoder');
  let h = config.patch > 1 ? spaceToDepth(image, config.patch) : image;
  h = conv(e.at('conv_in'), h, blockChannels[0]);
  blockChannels.forEach((channels, i) => {
    const block = e.at(`down_blocks.${i}`);
    for (let j = 0; j < layersPerBlock; j++) {
      h = resnetBlock(block.at(`resnets.${j}`), h, { channels, groups, eps: EPS });
    }
    if (i < blockChannels.length - 1) {
      h = conv(block.at('downsamplers.0.conv'), h, channels, { stride: 2, padding: [0, 0, 1, 1] });
    }
  });
  h = midBlock(e.at('mid_block'), h, config, config.midBlock);
  h = silu(groupNorm(e.at('conv_norm_out'), h, groups, EPS));
  h = conv(e.at('conv_out'), h, 2 * latentChannels);
  h = conv(p.at('quant_conv'), h, 2 * latentChannels, { kernel: 1 });
  const [mean, logVariance] = split(h, 1, [latentChannels, latentChannels]);
  return { mean, logVariance: clamp(logVariance, -30, 20) };
}

/** A sample of the posterior with the given standard normal noise (reparametrised: differentiable). */
export function samplePosterior({ mean, logVariance }: Posterior, noise: Value): Value {
  return add(mean, mul(exp(mul(logVariance, 0.5)), noise));
}

/** Decodes latents [N, L, s, s] (not normalised) to pictures [N, C, D, D] of {@link decodedSize}, about [−1, 1], not clamped. */
export function vaeDecode(p: Parameters, latent: Value, config: VaeConfig): Value {
  const { normGroups: groups } = config;
  const { channels: levels, layersPerBlock, midBlock: mid, patch } = decoderConfig(config);
  const channelsUp = levels.toReversed();
  const d = p.at('decoder');
  let h = conv(p.at('post_quant_conv'), latent, config.latentChannels, { kernel: 1 });
  h = conv(d.at('conv_in'), h, channelsUp[0]);
  h = midBlock(d.at('mid_block'), h, config, mid);
  channelsUp.forEach((channels, i) => {
    const block = d.at(`up_blocks.${i}`);
    for (let j = 0; j < layersPerBlock; j++) {
      h = resnetBlock(block.at(`resnets.${j}`), h, { channels, groups, eps: EPS });
    }
    if (i < channelsUp.length - 1) h = enlargedConv(block.at('upsamplers.0.conv'), h, channels);
  });
  h = silu(groupNorm(d.at('conv_norm_out'), h, groups, EPS));
  h = conv(d.at('conv_out'), h, config.imageChannels * patch ** 2);
  return patch > 1 ? depthToSpace(h, patch) : h;
}

const perChannel = (values: readonly number[]): Value =>
  constant(hostTensor(Float32Array.from(values), [1, values.length, 1, 1]));

/** Pictures [N, C, S, S] in [−1, 1] to normalised latents: the posterior's mean, or a sample where noise is given. */
export function encodeLatents(p: Parameters, image: Value, config: VaeConfig, noise?: Value): Value {
  const posterior = vaeEncode(p, image, config);
  const z = noise ? samplePosterior(posterior, noise) : posterior.mean;
  return div(sub(z, perChannel(config.latentMean)), perChannel(config.latentStd));
}

/** Normalised latents to pictures [N, C, D, D] of {@link decodedSize}. */
export function decodeLatents(p: Parameters, latent: Value, config: VaeConfig): Value {
  return vaeDecode(p, add(mul(latent, perChannel(config.latentStd)), perChannel(config.latentMean)), config);
}
