import {
  abs,
  add,
  averagePool2d,
  cast,
  concat,
  div,
  exp,
  mean,
  mul,
  slice,
  square,
  sub,
  transpose,
} from '../../gpu-functions/graph/index.ts';
import type { Value } from '../../gpu-functions/graph/index.ts';
import { samplePosterior, vaeDecode, vaeEncode } from '../../gpu-functions/diffusion/index.ts';
import type { Posterior, VaeConfig } from '../../gpu-functions/diffusion/index.ts';
import type { Parameters } from '../../gpu-functions/nn/index.ts';
import { faceWeights } from './face-weights.ts';

/** Weight of a covered pixel over one of the background, which is most of a picture and easy. */
const COVERED = 3;
const KL = 1e-4;
/** Regions along a picture's side. */
const REGIONS = 16;

/** Straight-alpha RGBA bytes [N, S, S, 4] to planes [N, 4, S, S] in [−1, 1]: colour over white, then alpha. */
export function planes(rgba: Value): { image: Value; alpha: Value } {
  const unit = mul(transpose(cast(rgba, 'float32'), [0, 3, 1, 2]), 1 / 255);
  const alpha = slice(unit, 1, 3, 4);
  const colour = sub(add(mul(slice(unit, 1, 0, 3), alpha), 1), alpha);
  return { image: sub(mul(concat([colour, alpha], 1), 2), 1), alpha };
}

/** Mean absolute difference of neighbouring pixels' differences along one axis: punishes blur that L1 forgives. */
function edgeLoss(error: Value, axis: number): Value {
  const n = error.shape[axis];
  return mean(abs(sub(slice(error, axis, 1, n), slice(error, axis, 0, n - 1))));
}

function klDivergence({ mean: mu, logVariance }: Posterior): Value {
  return mul(mean(sub(sub(add(square(mu), exp(logVariance)), 1), logVariance)), 0.5);
}

/** How wrong pictures are, [N, 4, S, S] against their truths; weights [N, 1, 1, 1] of what is to agree pixel by pixel. */
export function pictureLoss(decoded: Value, { image, alpha }: ReturnType<typeof planes>, agreement?: Value) {
  const weight = mul(add(mul(alpha, COVERED - 1), 1), faceWeights(image.shape[2]));
  const error = mul(sub(decoded, image), div(weight, mean(weight)));
  const exact = agreement ? mul(error, agreement) : error;
  const l1 = mean(abs(exact));
  const l2 = mean(square(exact));
  const edges = add(edgeLoss(exact, 2), edgeLoss(exact, 3));
  // Of small regions' mean colours: detail that the latents cannot hold would otherwise drown them.
  const regions = mean(abs(averagePool2d(error, image.shape[2] / REGIONS)));
  const loss = add(add(l1, mul(l2, 2)), add(mul(edges, 0.5), regions));
  return { loss, metrics: { l1, l2, edges, regions } };
}

/** L1 and L2 of pixels, L1 of edges and of regions, and a faint KL; covered pixels, and the face's, are weighed up. */
export function vaeLoss(p: Parameters, batch: Record<string, Value>, config: VaeConfig) {
  const truth = planes(batch.rgba);
  const posterior = vaeEncode(p, toImageSize(truth.image, config), config);
  const decoded = vaeDecode(p, samplePosterior(posterior, batch.noise), config);
  const { loss, metrics } = pictureLoss(decoded, truth);
  const kl = klDivergence(posterior);
  return { loss: add(loss, mul(kl, KL)), metrics: { ...metrics, kl } };
}

/** Pictures as large as they are decoded, as large as they are encoded. */
export function toImageSize(pictures: Value, { imageSize }: VaeConfig): Value {
  const factor = pictures.shape[2] / imageSize;
  return factor === 1 ? pictures : averagePool2d(pictures, factor);
}
