import { add, expand, type Value } from '../graph/index.ts';
import type { Parameters } from '../nn/index.ts';
import { firUpsample, resample2d } from './resample.ts';
import { rowOfW, styledConvolution, toRgb } from './styled-layers.ts';

/** Features [N, C, S, S] and picture [N, outputs, S, S] after a block of a StyleGAN2 network with skip pictures. */
export interface Block {
  x: Value;
  image: Value;
}

export interface BlockOptions {
  channels: number;
  outputs: number;
  noise: 'const' | 'none';
  /** Bound of activations and colours, where there is one. */
  clamp?: number;
}

/** The 4×4 block: learned constant, conv1, toRGB. Rows 0 and 1 of ws [N, rows, wDim]. */
export function firstBlock(
  p: Parameters,
  ws: Value,
  { channels, outputs, noise, clamp }: BlockOptions,
): Block {
  const shape = [1, channels, 4, 4];
  const start = expand(p.get('const', shape, { kind: 'normal', std: 1 }), [ws.shape[0], channels, 4, 4]);
  const x = styledConvolution(p.at('conv1'), start, rowOfW(ws, 0), { channels, noise, clamp });
  return { x, image: toRgb(p.at('torgb'), x, rowOfW(ws, 1), outputs, clamp) };
}

/** conv0 (doubling if up is 2), conv1, toRGB added to the picture so far. Rows first, first+1, first+2 of ws. */
export function skipBlock(
  p: Parameters,
  previous: Block,
  ws: Value,
  first: number,
  options: BlockOptions & { up: 1 | 2 },
): Block {
  const { channels, outputs, noise, clamp, up } = options;
  const y = styledConvolution(p.at('conv0'), previous.x, rowOfW(ws, first), { channels, noise, clamp, up });
  const x = styledConvolution(p.at('conv1'), y, rowOfW(ws, first + 1), { channels, noise, clamp });
  const rgb = toRgb(p.at('torgb'), x, rowOfW(ws, first + 2), outputs, clamp);
  const skip = up === 2 ? resample2d(previous.image, firUpsample(previous.image.shape[2])) : previous.image;
  return { x, image: add(skip, rgb) };
}
