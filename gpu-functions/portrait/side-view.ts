import { add, depthToSpace, mul, slice, type Value } from '../graph/index.ts';
import type { Parameters } from '../nn/index.ts';
import { encodeFeatures, type FeaturesConfig } from './encoder.ts';
import { decodePixels, pixelConvolution, type PixelDecoderConfig } from './pixel-decoder.ts';

/** Sizes of the network that draws what somebody looks like from the side. */
export interface SideViewConfig extends FeaturesConfig {
  decoder: PixelDecoderConfig;
}

/** Planes of what is known of a side: colour over white, alpha, depth; then of the frontal picture: colour over white, alpha. */
export const SIDE_VIEW_PLANES = 9;

/** Planes of what is known that are changed. */
const [COLOURS, ALPHA, DEPTH] = [3, 1, 1];

/** Gains of the last layer, which starts at zero: of colours and alpha in [−1, 1], and of depths in world units. */
const [PICTURE_GAIN, DEPTH_GAIN] = [0.25, 0.0625];

/** How much depths are raised where they are seen beside colours. */
export const SIDE_DEPTH_GAIN = 4;

/**
 * What somebody looks like from the side, by what a frontal picture and what it hides show from there: a U-Net draws what is to be changed, pixel by pixel.
 *
 * @param seen [N, 9, S, S] in [−1, 1], of which the fifth plane is a depth from the middle of the world, times {@link SIDE_DEPTH_GAIN}.
 * @returns colour [N, 3, S, S] in [−1, 1], and alpha [N, 1, S, S] from −1 to 1; depth [N, 1, S, S], world units from the middle.
 */
export function drawSideView(
  p: Parameters,
  config: SideViewConfig,
  seen: Value,
): { colour: Value; alpha: Value; depth: Value } {
  const pixels = decodePixels(p, config.decoder, seen, encodeFeatures(p, config, seen)).at(-1)!;
  const drawn = (name: string, channels: number): Value =>
    depthToSpace(pixelConvolution(p.at(name), pixels, 4 * channels, true), 2);
  const out = drawn('out', COLOURS + ALPHA + DEPTH);
  const colours = slice(seen, 1, 0, COLOURS);
  // What is known can be left out as a whole: to draw against its every pixel is harder.
  const changed = add(slice(out, 1, 0, COLOURS), mul(drawn('kept', 1), colours));
  return {
    colour: add(colours, mul(changed, PICTURE_GAIN)),
    alpha: add(slice(seen, 1, 3, 4), mul(slice(out, 1, 3, 4), PICTURE_GAIN)),
    depth: add(mul(slice(seen, 1, 4, 5), 1 / SIDE_DEPTH_GAIN), mul(slice(out, 1, 4, 5), DEPTH_GAIN)),
  };
}
