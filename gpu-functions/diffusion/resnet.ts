import { add, reshape, silu } from '../graph/index.ts';
import type { Value } from '../graph/index.ts';
import type { Parameters } from '../nn/index.ts';
import { conv, groupNorm, linear } from './layers.ts';

export interface ResnetOptions {
  channels: number;
  groups: number;
  eps: number;
  /** Activated time embedding [N, E], added after the first convolution. */
  time?: Value;
}

/** The residual block of diffusers (`ResnetBlock2D`): norm, SiLU, conv, + time, norm, SiLU, conv, + shortcut. */
export function resnetBlock(p: Parameters, x: Value, options: ResnetOptions): Value {
  const { channels, groups, eps, time } = options;
  let h = conv(p.at('conv1'), silu(groupNorm(p.at('norm1'), x, groups, eps)), channels);
  if (time) {
    const shift = linear(p.at('time_emb_proj'), time, channels);
    h = add(h, reshape(shift, [shift.shape[0], channels, 1, 1]));
  }
  h = conv(p.at('conv2'), silu(groupNorm(p.at('norm2'), h, groups, eps)), channels, { zero: true });
  const shortcut = x.shape[1] === channels ? x : conv(p.at('conv_shortcut'), x, channels, { kernel: 1 });
  return add(shortcut, h);
}
