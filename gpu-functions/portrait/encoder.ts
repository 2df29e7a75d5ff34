import { add, concat, conv2d, leakyRelu, mul, reshape, slice, spaceToDepth } from '../graph/index.ts';
import type { Value } from '../graph/index.ts';
import type { Parameters } from '../nn/index.ts';
import type { GeneratorConfig } from './config.ts';
import { encodeDetail, type DetailConfig } from './detail-encoder.ts';
import { dense, LRELU_GAIN } from './styled-layers.ts';

/** Sizes of what reads pictures. */
export interface FeaturesConfig {
  /** Side of the RGBA picture it reads. */
  imageSize: number;
  /** Side of the squares folded into channels before the first convolution. */
  patch: number;
  /** Channels of each resolution, halving from imageSize / patch. */
  channels: readonly number[];
}

/** Sizes of the inversion encoder. */
export interface EncoderConfig extends FeaturesConfig {
  wDim: number;
  /** What it adds to the tri-grid beyond the latent; none when absent. */
  detail?: DetailConfig;
}

/**
 * First guess of an inversion: from a picture to a latent and the camera it was seen from.
 *
 * @param image [N, 4, S, S] in [−1, 1]: colour over white, then alpha.
 * @returns w [N, wDim]; camera [N, 2]: azimuth and elevation in radians; features of each resolution.
 */
export function encodePortrait(
  p: Parameters,
  config: EncoderConfig,
  image: Value,
): { w: Value; camera: Value; features: Value[] } {
  const { wDim } = config;
  const features = encodeFeatures(p, config, image);
  const x = features.at(-1)!;
  const [n, width, height] = x.shape;
  const flat = reshape(x, [n, width * height * height]);
  const hidden = dense(p.at('hidden'), flat, 2 * wDim, { activation: 'leakyRelu' });
  const out = dense(p.at('out'), hidden, wDim + 2);
  return { w: slice(out, 1, 0, wDim), camera: mul(slice(out, 1, wDim, wDim + 2), 0.3), features };
}

/** Features of a picture [N, 4, S, S], of each resolution from S / patch, each of half the side of the one before. */
export function encodeFeatures(p: Parameters, { patch, channels }: FeaturesConfig, image: Value): Value[] {
  const features: Value[] = [];
  let x = spaceToDepth(image, patch);
  channels.forEach((width, level) => {
    const scope = p.at(`level${level}`);
    x = convolution(scope.at('conv0'), x, width, level === 0 ? 1 : 2);
    const y = convolution(scope.at('conv1'), x, width, 1);
    x = mul(add(x, y), Math.SQRT1_2);
    features.push(x);
  });
  return features;
}

/**
 * First guess of an inversion with details: the latent, and a level of the tri-grid of the picture's side.
 *
 * @returns w [N, wDim]; camera [N, 2]; detail [N, 3, features·depth, S, S] when the encoder draws any.
 */
export function encodeWithDetail(
  p: Parameters,
  config: EncoderConfig,
  generator: GeneratorConfig,
  image: Value,
): { w: Value; camera: Value; detail?: Value } {
  const { w, camera, features } = encodePortrait(p, config, image);
  if (!config.detail) return { w, camera };
  return { w, camera, detail: encodeDetail(p.at('detail'), config.detail, generator, image, features) };
}

/** An encoder guess repeated for every row of W+: [N, wDim] → [N, rows, wDim]. */
export function broadcastLatent(w: Value, rows: number): Value {
  const [n, wDim] = w.shape;
  const row = reshape(w, [n, 1, wDim]);
  return concat(
    Array.from({ length: rows }, () => row),
    1,
  );
}

/** Equalised 3×3 convolution and leaky ReLU (Karras et al. 2018). */
function convolution(p: Parameters, x: Value, width: number, stride: number): Value {
  const inputs = x.shape[1];
  const weight = mul(
    p.get('weight', [width, inputs, 3, 3], { kind: 'normal', std: 1 }),
    1 / Math.sqrt(9 * inputs),
  );
  return mul(leakyRelu(conv2d(x, weight, { bias: p.get('bias', [width]), stride, padding: 1 })), LRELU_GAIN);
}
