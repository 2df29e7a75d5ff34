import { add, gelu, mul, reshape, split, transpose } from '../graph/index.ts';
import type { Value } from '../graph/index.ts';
import type { Parameters } from '../nn/index.ts';
import { multiHeadAttention } from './attention.ts';
import { conv, groupNorm, layerNorm, linear } from './layers.ts';

/** Attention from tokens to a context (the tokens themselves: self-attention), with the names of diffusers' `Attention`. */
function attention(p: Parameters, x: Value, context: Value, heads: number): Value {
  const channels = x.shape[2];
  const q = linear(p.at('to_q'), x, channels, { bias: false });
  const k = linear(p.at('to_k'), context, channels, { bias: false });
  const v = linear(p.at('to_v'), context, channels, { bias: false });
  return linear(p.at('to_out.0'), multiHeadAttention(q, k, v, heads), channels);
}

/** Feed-forward with a GELU gate (GEGLU), four times as wide inside. */
function feedForward(p: Parameters, x: Value): Value {
  const channels = x.shape[2];
  const [h, gate] = split(linear(p.at('net.0.proj'), x, 8 * channels), 2, [4 * channels, 4 * channels]);
  return linear(p.at('net.2'), mul(h, gelu(gate)), channels);
}

export interface SpatialTransformerOptions {
  heads: number;
  groups: number;
  /** Without it only the text is attended to, which is what fine levels can afford on a CPU. */
  selfAttention?: boolean;
}

/**
 * diffusers' `Transformer2DModel` with one block: self-attention, cross-attention to the text, feed-forward, each residual.
 * @param x [N, C, H, W]
 * @param context [N, T, E]
 */
export function spatialTransformer(
  p: Parameters,
  x: Value,
  context: Value,
  options: SpatialTransformerOptions,
): Value {
  const { heads, groups, selfAttention = true } = options;
  const [n, c, h, w] = x.shape;
  const projected = conv(p.at('proj_in'), groupNorm(p.at('norm'), x, groups, 1e-6), c, { kernel: 1 });
  let tokens = transpose(reshape(projected, [n, c, h * w]), [0, 2, 1]);
  const block = p.at('transformer_blocks.0');
  if (selfAttention) {
    const normed = layerNorm(block.at('norm1'), tokens);
    tokens = add(tokens, attention(block.at('attn1'), normed, normed, heads));
  }
  tokens = add(tokens, attention(block.at('attn2'), layerNorm(block.at('norm2'), tokens), context, heads));
  tokens = add(tokens, feedForward(block.at('ff'), layerNorm(block.at('norm3'), tokens)));
  const image = reshape(transpose(tokens, [0, 2, 1]), x.shape);
  return add(x, conv(p.at('proj_out'), image, c, { kernel: 1, zero: true }));
}
