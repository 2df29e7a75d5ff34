import type { Value } from '../graph/index.ts';
import { concat, slice } from '../graph/index.ts';
import type { Parameters } from '../nn/index.ts';
import type { GeneratorConfig } from './config.ts';
import { linearAntialiased, resample2d } from './resample.ts';
import { skipBlock, type Block } from './synthesis-block.ts';

/** Bring a picture [N, C, S, S] to another side: linear, antialiased when shrinking. */
export function resizePicture(x: Value, size: number): Value {
  return x.shape[3] === size ? x : resample2d(x, linearAntialiased(x.shape[3], size));
}

/**
 * Rendered colours [N, 3, S, S] and features [N, F, S, S] to the final picture, styled by the last row of ws in every layer, without
 * noise (EG3D's SuperresolutionHybrid family).
 *
 * @param p parameters below `superresolution`
 */
export function superResolve(
  p: Parameters,
  config: GeneratorConfig,
  image: Value,
  features: Value,
  ws: Value,
): Value {
  const { superResolution } = config;
  if (!superResolution) throw new Error('This generator has no super-resolution network.');
  const { inputResolution, blocks, clamp } = superResolution;
  const last = slice(ws, 1, ws.shape[1] - 1, ws.shape[1]);
  const style = concat([last, last, last], 1);
  let block: Block = {
    x: resizePicture(features, inputResolution),
    image: resizePicture(image, inputResolution),
  };
  for (const [i, { channels, up }] of blocks.entries()) {
    block = skipBlock(p.at(`block${i}`), block, style, 0, { channels, outputs: 3, noise: 'none', clamp, up });
  }
  return block.image;
}
