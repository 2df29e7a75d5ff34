import {
  concat,
  conv2d,
  leakyRelu,
  mul,
  spaceToDepth,
  upsampleNearest2d,
  type Value,
} from '../graph/index.ts';
import type { Parameters } from '../nn/index.ts';
import { LRELU_GAIN } from './styled-layers.ts';

/** Sizes of the half of a U-Net that goes from an encoder's features back to the pixels of its picture. */
export interface PixelDecoderConfig {
  /** Channels at half of the picture's side. */
  stem: number;
  /** Channels of the decoder at each of the encoder's resolutions but the coarsest, then at half of the picture's side. */
  channels: readonly number[];
}

/**
 * @param image [N, 4, S, S]
 * @param features the encoder's, each of half the side of the one before; the first of S/4.
 * @returns features of each resolution, from that above the encoder's coarsest to S/2: [N, channels[i], …, …]
 */
export function decodePixels(
  p: Parameters,
  config: PixelDecoderConfig,
  image: Value,
  features: readonly Value[],
): Value[] {
  const stem = pixelConvolution(p.at('stem'), spaceToDepth(image, 2), config.stem);
  const skips = [...features.toReversed(), stem];
  const decoded: Value[] = [];
  let x = skips[0];
  config.channels.forEach((width, i) => {
    x = pixelConvolution(p.at(`up${i}`), concat([upsampleNearest2d(x), skips[i + 1]], 1), width);
    decoded.push(x);
  });
  return decoded;
}

/** Equalised 3×3 convolution; leaky ReLU unless it is the last, which starts at zero. */
export function pixelConvolution(p: Parameters, x: Value, width: number, last = false): Value {
  const inputs = x.shape[1];
  const start = last ? ({ kind: 'constant', value: 0 } as const) : ({ kind: 'normal', std: 1 } as const);
  const weight = mul(p.get('weight', [width, inputs, 3, 3], start), 1 / Math.sqrt(9 * inputs));
  const y = conv2d(x, weight, { bias: p.get('bias', [width]), padding: 1 });
  return last ? y : mul(leakyRelu(y), LRELU_GAIN);
}
