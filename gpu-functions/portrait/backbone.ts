import { add, concat, reshape, split, type Value } from '../graph/index.ts';
import type { Parameters } from '../nn/index.ts';
import { awareConvolution, awareToRgb, type Planes } from './aware3d.ts';
import { blockResolutions, planeChannels, rowsOfW, type GeneratorConfig } from './config.ts';
import { rowOfW } from './styled-layers.ts';
import { firstBlock, skipBlock, type Block, type BlockOptions } from './synthesis-block.ts';

/** Levels of a tri-grid, coarse to fine: [N, 3 planes, features·depth, S, S] each, S = 8, 16, … . */
export type Pyramid = readonly Value[];

/** Cross-plane block: conv0 (doubling), conv1, colour layer; only the colours go on. One row of W+ styles all three. */
function awareBlock(p: Parameters, planes: Planes, w: Value, noise: 'const' | 'none'): Planes {
  const channels = planes[0].shape[1];
  const up = awareConvolution(p.at('conv0'), planes, w, { channels, noise, up: 2 });
  const x = awareConvolution(p.at('conv1'), up, w, { channels, noise });
  return awareToRgb(p.at('torgb'), x, w, channels);
}

/**
 * From latents to the pyramid tri-grid (Hierarchy3DAwareSynthesisNetwork of "Portrait3D").
 *
 * @param p parameters below `backbone.synthesis` (b4.const, b3d4.block.conv0.weight, …)
 * @param ws [N, rows, wDim], rows = rowsOfW(config)
 * @returns levels [N, 3, features·depth, S, S] for S = 8 … 2·backboneResolution
 * @throws Error where ws has another number of rows
 */
export function synthesisePyramid(p: Parameters, config: GeneratorConfig, ws: Value): Pyramid {
  const rows = rowsOfW(config);
  if (ws.shape[1] !== rows) throw new Error(`The backbone needs ${rows} rows of W+, not ${ws.shape[1]}.`);
  const channels = planeChannels(config);
  const options: BlockOptions = { channels, outputs: channels, noise: config.noise };
  const third = channels / 3;
  const n = ws.shape[0];
  const levels: Value[] = [];
  let block: Block | undefined;
  let previous: Planes | undefined;
  for (const [k, r] of blockResolutions(config.backboneResolution).entries()) {
    const scope = p.at(`b${r}`);
    block = block
      ? skipBlock(scope, block, ws, 2 * k - 1, { ...options, up: 2 })
      : firstBlock(scope, ws, options);
    const image = split(block.image, 1, [third, third, third]);
    const planes = image.map((x, q) => (previous ? add(x, previous[q]) : x)) as unknown as Planes;
    previous = awareBlock(p.at(`b3d${r}.block`), planes, rowOfW(ws, 2 * k + 1), config.noise);
    levels.push(reshape(concat([...previous], 1), [n, 3, third, 2 * r, 2 * r]));
  }
  return levels;
}
