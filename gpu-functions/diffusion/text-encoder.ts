import {
  add,
  cast,
  concat,
  constant,
  equal,
  gather,
  gelu,
  hostTensor,
  mul,
  pad,
  reshape,
  sigmoid,
  slice,
  sub,
} from '../graph/index.ts';
import type { Value } from '../graph/index.ts';
import type { Parameters } from '../nn/index.ts';
import { multiHeadAttention } from './attention.ts';
import { layerNorm, linear } from './layers.ts';
import { slotColumns, slotLogits, statesOfLogits, type Slot } from './slots.ts';

/** Configuration of the text encoder, after CLIP's `CLIPTextModel`. */
export interface TextEncoderConfig {
  readonly vocabularySize: number;
  /** Tokens a text is padded to. */
  readonly maxTokens: number;
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  /** Width of the feed-forward layer. */
  readonly intermediate: number;
  readonly activation: 'quick_gelu' | 'gelu';
  /** Whether a token only sees those before it, as in CLIP. */
  readonly causal: boolean;
  /**
   * Words to each side of which every layer takes a linear part before its attention; then nothing else tells the order of words, and a text
   * is read alike wherever in it a phrase stands, and however long it is. Not CLIP's: which noun a colour belongs to, and what a "no" denies,
   * is told by the words beside it.
   */
  readonly window?: number;
  /**
   * What the encoder reads from a text. Given, its output are not the tokens' states but the slots' ({@link slotStates}): not CLIP's, but what
   * a small encoder can be trained to do almost without error, and what a denoiser learns to follow soonest.
   */
  readonly slots?: readonly Slot[];
}

/** Shape [T, E] of a text's states. */
export function contextShape({ slots, maxTokens, width }: TextEncoderConfig): [number, number] {
  return slots ? [slots.length, slotColumns(slots)] : [maxTokens, width];
}

function causalMask(n: number): Value {
  const mask = new Float32Array(n * n);
  for (let i = 0; i < n; i++) mask.fill(-1e9, i * n + i + 1, (i + 1) * n);
  return constant(hostTensor(mask, [1, 1, n, n]));
}

/** The id that pads a text; see `wordTokenizer`. */
const PADDING = 0;

/** 1 where an id pads, else 0; [N, T]. */
const isPadding = (ids: Value): Value => cast(equal(ids, constant(PADDING, 'int64')), 'float32');

/**
 * A text's states: the slots' where the configuration has slots, else the last hidden states of its tokens.
 * @param ids int64 [N, T], T at most `maxTokens`
 * @returns [N, …{@link contextShape}]
 */
export function textEncoder(p: Parameters, ids: Value, config: TextEncoderConfig): Value {
  return config.slots ? statesOfLogits(textSlotLogits(p, ids, config)) : hiddenStates(p, ids, config);
}

/**
 * Logits of what a text says, for each slot over "unsaid" and its values.
 * @param ids int64 [N, T]
 * @returns [N, S, columns]
 */
export function textSlotLogits(p: Parameters, ids: Value, config: TextEncoderConfig): Value {
  const [n, tokens] = ids.shape;
  const mask = reshape(mul(isPadding(ids), -1e9), [n, 1, 1, tokens]);
  return slotLogits(p.at('slots'), hiddenStates(p, ids, config, mask), mask, config.slots!, config.heads);
}

/** A linear part of the `window` words to each side of each; beyond the text's ends there are zeros. */
function besides(p: Parameters, h: Value, window: number): Value {
  const [, tokens, width] = h.shape;
  const shifted = Array.from({ length: window }, (_, i) => i + 1).flatMap((k) => [
    pad(slice(h, 1, 0, tokens - k), [0, k, 0], [0, 0, 0]),
    pad(slice(h, 1, k, tokens), [0, 0, 0], [0, k, 0]),
  ]);
  return linear(p, concat(shifted, 2), width, { zero: true });
}

/** Last hidden states, after the final layer norm, of token ids int64 [N, T]; [N, T, width]. */
function hiddenStates(p: Parameters, ids: Value, config: TextEncoderConfig, padding?: Value): Value {
  const { width, heads, layers, intermediate } = config;
  const tokens = ids.shape[1];
  const model = p.at('text_model');
  const embeddings = model.at('embeddings');
  const table = embeddings.get('token_embedding.weight', [config.vocabularySize, width], {
    kind: 'normal',
    std: 0.02,
  });
  const activate = config.activation === 'gelu' ? gelu : (x: Value): Value => mul(x, sigmoid(mul(x, 1.702)));
  const mask = config.causal ? causalMask(tokens) : padding;

  let h = gather(table, ids, 0);
  if (!config.window) {
    const shape = [config.maxTokens, width];
    const positions = embeddings.get('position_embedding.weight', shape, { kind: 'normal', std: 0.01 });
    h = add(h, slice(positions, 0, 0, tokens));
  }
  for (let i = 0; i < layers; i++) {
    const layer = model.at(`encoder.layers.${i}`);
    if (config.window) {
      const words = sub(1, reshape(isPadding(ids), [...ids.shape, 1]));
      const seen = mul(layerNorm(layer.at('layer_norm0'), h), words);
      h = add(h, besides(layer.at('besides'), seen, config.window));
    }
    const attention = layer.at('self_attn');
    const x = layerNorm(layer.at('layer_norm1'), h);
    const [q, k, v] = ['q_proj', 'k_proj', 'v_proj'].map((name) => linear(attention.at(name), x, width));
    h = add(h, linear(attention.at('out_proj'), multiHeadAttention(q, k, v, heads, mask), width));
    const y = activate(linear(layer.at('mlp.fc1'), layerNorm(layer.at('layer_norm2'), h), intermediate));
    h = add(h, linear(layer.at('mlp.fc2'), y, width));
  }
  return layerNorm(model.at('final_layer_norm'), h);
}
