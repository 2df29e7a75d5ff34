import { concat, expand, slice, type Value } from '../graph/index.ts';
import type { Parameters } from '../nn/index.ts';
import { blockResolutions, type BackgroundConfig, type GeneratorConfig } from './config.ts';
import { firstBlock, skipBlock, type Block } from './synthesis-block.ts';

/** Channels of the background's block at a resolution. */
export function backgroundChannels(
  { channelBase, channelMax }: BackgroundConfig,
  resolution: number,
): number {
  return Math.min(Math.floor(channelBase / resolution), channelMax);
}

/** The rows of ws [N, rows, wDim] that style the background: its first ones; the last is repeated where they do not suffice. */
export function backgroundRows({ resolution }: BackgroundConfig, ws: Value): Value {
  const wanted = 2 * blockResolutions(resolution).length;
  const rows = ws.shape[1];
  if (rows >= wanted) return slice(ws, 1, 0, wanted);
  const last = slice(ws, 1, rows - 1, rows);
  return concat([ws, expand(last, [ws.shape[0], wanted - rows, ws.shape[2]])], 1);
}

/**
 * Features of the backdrop, a plain StyleGAN2 network that knows nothing of the camera.
 *
 * @param p parameters below `bcg_synthesis` @param ws [N, rows, wDim], the rows of backgroundRows
 * @returns [N, decoder outputs, resolution, resolution]
 */
export function synthesiseBackground(p: Parameters, config: GeneratorConfig, ws: Value): Value {
  const { background, decoder, noise } = config;
  if (!background) throw new Error('This generator has no background network.');
  let block: Block | undefined;
  for (const [k, r] of blockResolutions(background.resolution).entries()) {
    const options = { channels: backgroundChannels(background, r), outputs: decoder.outputs, noise };
    const scope = p.at(`b${r}`);
    block = block
      ? skipBlock(scope, block, ws, 2 * k - 1, { ...options, up: 2 })
      : firstBlock(scope, ws, options);
  }
  return block!.image;
}
