import { add, gelu, mul, reshape, slice, transpose } from '../graph/index.ts';
import type { Value } from '../graph/index.ts';
import type { Parameters } from '../nn/index.ts';
import { multiHeadAttention } from './attention.ts';
import { applyDense, conv, denseOf, groupNorm, layerNormed, linear, type LayerNormed } from './layers.ts';

/**
 * Attention from normalised tokens to a context [N, S, E] (the tokens themselves where there is none: self-attention), with the names of
 * diffusers' `Attention`.
 */
function attention(p: Parameters, normed: LayerNormed, heads: number, context?: Value): Value {
  const channels = normed.rows.shape[2];
  const own = (name: string): Value =>
    applyDense(normed.into(denseOf(p.at(name), channels, channels, { bias: false })), normed.rows);
  const q = own('to_q');
  const [k, v] = ['to_k', 'to_v'].map((name) =>
    context ? linear(p.at(name), context, channels, { bias: false }) : own(name),
  );
  return linear(p.at('to_out.0'), multiHeadAttention(q, k, v, heads), channels);
}

/** Feed-forward with a GELU gate (GEGLU), four times as wide inside. */
function feedForward(p: Parameters, normed: LayerNormed): Value {
  const channels = normed.rows.shape[2];
  const { weight, bias } = normed.into(denseOf(p.at('net.0.proj'), channels, 8 * channels));
  // Cutting the weights, which are constants of a run, leaves nothing to cut of the tokens.
  const [h, gate] = [0, 4 * channels].map((start) => {
    const half = (x: Value): Value => slice(x, 0, start, start + 4 * channels);
    return applyDense({ weight: half(weight), bias: half(bias!) }, normed.rows);
  });
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
  const normed = (name: string): LayerNormed => layerNormed(block.at(name), tokens);
  if (selfAttention) tokens = add(tokens, attention(block.at('attn1'), normed('norm1'), heads));
  tokens = add(tokens, attention(block.at('attn2'), normed('norm2'), heads, context));
  tokens = add(tokens, feedForward(block.at('ff'), normed('norm3')));
  const image = reshape(transpose(tokens, [0, 2, 1]), x.shape);
  return add(x, conv(p.at('proj_out'), image, c, { kernel: 1, zero: true }));
}
