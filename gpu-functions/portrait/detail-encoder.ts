import { concat, depthToSpace, mul, reshape, transpose, type Value } from '../graph/index.ts';
import type { Parameters } from '../nn/index.ts';
import type { CameraConfig, GeneratorConfig } from './config.ts';
import { planeChannels } from './config.ts';
import { decodePixels, pixelConvolution, type PixelDecoderConfig } from './pixel-decoder.ts';
import { linearAt, linearZeroPadded, resample2d, type ResampleMatrix } from './resample.ts';
import { dense } from './styled-layers.ts';

/**
 * What a latent of a few hundred numbers cannot hold of a picture, as one finer level of the tri-grid: the plane that
 * faces the camera is drawn by a convolutional network pixel by pixel, the other two row by row and column by column
 * (the idea of pixel-aligned features, Saito et al. 2019, with a tri-grid in their place).
 */

/** Sizes of the detail network. */
export interface DetailConfig extends PixelDecoderConfig {
  /** Channels whose rows and columns are spread over the planes seen from above and from the side. */
  across: number;
  /** Width of the layer between a row or column and what is drawn of it. */
  hidden: number;
  /** Texels in depth that those planes are drawn with. */
  depthTexels: number;
}

/** Distance in front of the origin at which faces are, in world units: where picture and front plane are brought to cover. */
const FACE_DEPTH = 0.15;

/**
 * @param image [N, 4, S, S] in [−1, 1], seen from the front.
 * @param features the encoder's, each of half the side of the one before; the first of S/4.
 * @returns the level of side S: [N, 3, features·depth, S, S]
 * @throws Error when the encoder's resolutions do not suit.
 */
export function encodeDetail(
  p: Parameters,
  config: DetailConfig,
  generator: GeneratorConfig,
  image: Value,
  features: readonly Value[],
): Value {
  const [n, , , side] = image.shape;
  if (4 * features[0].shape[2] !== side || config.channels.length !== features.length) {
    throw new Error(
      `details need an encoder of patch 4 and ${config.channels.length} resolutions, not of ` +
        `patch ${side / features[0].shape[2]} and ${features.length}`,
    );
  }
  const planes = planeChannels(generator) / 3;
  const drawn = decodePixels(p, config, image, features);
  const x = drawn.at(-1)!;
  const across = drawn.at(-2)!;
  const front = depthToSpace(pixelConvolution(p.at('front'), x, 4 * planes, true), 2);
  const coverage = frontCoverage(generator.camera, generator.rendering.boxWarp, side, side);
  const level = resample2d(mul(front, FRONT_GAIN), coverage.rows, coverage.columns);

  // Rows and columns of the picture keep their places along y and x; depth is inferred from all of a row or column.
  const narrow = pixelConvolution(p.at('across'), across, config.across);
  const size = narrow.shape[2];
  const half = frontCoverage(generator.camera, generator.rendering.boxWarp, size, side);
  const deep = linearZeroPadded(config.depthTexels, side);
  const spread = (scope: Parameters, lines: Value, places: ResampleMatrix): Value => {
    const flat = reshape(lines, [n, size, config.across * size]);
    const hidden = dense(scope.at('hidden'), flat, config.hidden, { activation: 'leakyRelu' });
    const weight = dense(scope.at('out'), hidden, planes * config.depthTexels);
    const drawn = transpose(
      reshape(mul(weight, DEPTH_GAIN), [n, size, planes, config.depthTexels]),
      [0, 2, 3, 1],
    );
    return resample2d(drawn, deep, places);
  };
  const above = spread(p.at('above'), transpose(narrow, [0, 3, 1, 2]), half.columns);
  const aside = spread(p.at('aside'), transpose(narrow, [0, 2, 1, 3]), half.rows);
  const shape = [n, 1, planes, side, side];
  return concat([reshape(level, shape), reshape(above, shape), reshape(aside, shape)], 1);
}

/** Gains of the last layers: levels of a trained generator are tens large, and training should reach that in hundreds of steps. */
const [FRONT_GAIN, DEPTH_GAIN] = [4, 4];

/** Where in a frontal picture of side `from` the texels of the front plane lie: its columns along x, its rows along y. */
export function frontCoverage(
  { focal, radius, lookAt }: CameraConfig,
  boxWarp: number,
  from: number,
  to: number,
): { rows: ResampleMatrix; columns: ResampleMatrix } {
  const scale = focal / (radius - FACE_DEPTH);
  const world = Array.from({ length: to }, (_, i) => ((i + 0.5) / to - 0.5) * boxWarp);
  return {
    columns: linearAt(
      from,
      world.map((x) => 0.5 + scale * (x - lookAt[0])),
    ),
    rows: linearAt(
      from,
      world.map((y) => 0.5 - scale * (y - lookAt[1])),
    ),
  };
}
