import { add, depthToSpace, mul, slice, type Value } from '../graph/index.ts';
import type { Parameters } from '../nn/index.ts';
import { encodeFeatures, type FeaturesConfig } from './encoder.ts';
import { decodePixels, pixelConvolution, type PixelDecoderConfig } from './pixel-decoder.ts';

/** Sizes of the network that draws what a frontal picture hides. */
export interface HiddenSideConfig extends FeaturesConfig {
  decoder: PixelDecoderConfig;
  /** Distance along the camera's axis that depths are drawn around, world units. */
  middle: number;
}

/** Colours of the hidden side, then both depths. */
const [COLOURS, DEPTHS] = [3, 2];

/** Gains of the last layer, which starts at zero: of colours in [−1, 1], and of depths in world units. */
const [COLOUR_GAIN, DEPTH_GAIN] = [0.25, 0.0625];

/**
 * What one picture tells of both sides of somebody (double depth maps, Gabeur et al. 2019, "Moulding Humans"): how far along the camera's axis a
 * pixel's ray enters and leaves, and the colour of where it leaves, which a U-Net draws pixel by pixel. Where nobody is, they mean nothing.
 *
 * @param image [N, 4, S, S] in [−1, 1], colour over white, then alpha; seen from the front.
 * @returns near and far [N, 1, S, S], world units; colour [N, 3, S, S] in [−1, 1], of the far side.
 */
export function drawHiddenSide(
  p: Parameters,
  config: HiddenSideConfig,
  image: Value,
): { near: Value; far: Value; colour: Value } {
  const pixels = decodePixels(p, config.decoder, image, encodeFeatures(p, config, image)).at(-1)!;
  const out = depthToSpace(pixelConvolution(p.at('out'), pixels, 4 * (COLOURS + DEPTHS), true), 2);
  const depth = (channel: number) => add(mul(slice(out, 1, channel, channel + 1), DEPTH_GAIN), config.middle);
  return {
    colour: mul(slice(out, 1, 0, COLOURS), COLOUR_GAIN),
    near: depth(COLOURS),
    far: depth(COLOURS + 1),
  };
}
