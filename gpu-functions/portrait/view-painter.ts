import { add, depthToSpace, mul, slice, type Value } from '../graph/index.ts';
import type { Parameters } from '../nn/index.ts';
import { encodeFeatures, type FeaturesConfig } from './encoder.ts';
import { decodePixels, pixelConvolution, type PixelDecoderConfig } from './pixel-decoder.ts';

/** Sizes of the network that paints views of a portrait from elsewhere. */
export interface ViewPainterConfig extends FeaturesConfig {
  decoder: PixelDecoderConfig;
}

const CHANNELS = 4;

/** Gain of the last layer, which starts at zero: of changes to values in [−1, 1]. */
const GAIN = 0.25;

/**
 * A view of somebody as it would be, out of one of a portrait that only one picture tells of: soft where this shows nothing. A U-Net draws what is to be
 * changed, pixel by pixel.
 *
 * @param image [N, 4, S, S] in [−1, 1], colour over white, then alpha; seen from any side.
 * @returns colour [N, 3, S, S] and alpha [N, 1, S, S], in [−1, 1] but for what they are beyond. Where nobody is, colours mean nothing; where
 *   somebody is, no ground shines through.
 */
export function paintView(
  p: Parameters,
  config: ViewPainterConfig,
  image: Value,
): { colour: Value; alpha: Value } {
  const pixels = decodePixels(p, config.decoder, image, encodeFeatures(p, config, image)).at(-1)!;
  const change = depthToSpace(pixelConvolution(p.at('out'), pixels, 4 * CHANNELS, true), 2);
  const painted = add(image, mul(change, GAIN));
  return { colour: slice(painted, 1, 0, CHANNELS - 1), alpha: slice(painted, 1, CHANNELS - 1, CHANNELS) };
}
