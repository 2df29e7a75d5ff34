import {
  abs,
  add,
  concat,
  constant,
  differentiated,
  gatherElements,
  greater,
  hostTensor,
  maximum,
  mul,
  reshape,
  scatterElements,
  slice,
  split,
  stopGradient,
  sum,
  topK,
  where,
  zeros,
  type Value,
} from '../graph/index.ts';
import type { RenderingConfig } from './config.ts';
import type { AffineFeatures } from './decoder.ts';
import { importanceDepths } from './importance.ts';
import { composite, expectedDepth, intervalWeights, sampleShares } from './ray-marcher.ts';
import { pointsAlong, type Rays } from './rays.ts';
import type { Field } from './trigrid.ts';

/** Samples of one pass over N·R rays; K samples each. */
export interface Samples {
  /** Distances, [N·R, K]. */
  t: Value;
  /** Raw density, removed outside the crop, [N·R, K]. */
  sigma: Value;
  /** [N·R, K, F] */
  features: Value;
  /** Of what the features are an affine function, [N·R, K, H], if they are. */
  affine?: AffineFeatures;
}

/** What rays gather. */
export interface Rendered {
  /** Σ w·c: [N, R, F] */
  features: Value;
  /** Expected distance: [N, R, 1] */
  depth: Value;
  /** Σ w, the alpha: [N, R, 1] */
  weight: Value;
  /** w of the intervals between neighbouring samples: [N, R, K−1] */
  intervalWeights: Value;
}

/** Raw density that a cropped point gets: the softplus makes it nothing. */
const EMPTY = -1000;

/** Where the crop removes density: |x| or |z| beyond box/2 − cropFraction·box; y is free. [N, M, 3] → bool [N, M] */
export function croppedAway(points: Value, { boxWarp, cropFraction }: RenderingConfig): Value {
  const [n, m] = points.shape;
  const limit = boxWarp / 2 - cropFraction * boxWarp;
  // Comparisons whose last axis has length 1 take several times as long.
  const reach = (axis: number): Value => abs(reshape(slice(points, 2, axis, axis + 1), [n, m]));
  return greater(maximum(reach(0), reach(2)), limit);
}

/** Stratified distances: jitter uniform in [0, 1), [N, R, K] (any shape of as many elements) → [N·R, K]. */
export function stratifiedDepths(
  jitter: Value,
  rays: number,
  { rayStart, rayEnd, samples }: RenderingConfig,
): Value {
  const step = (rayEnd - rayStart) / (samples - 1);
  const starts = Array.from({ length: samples }, (_, k) => rayStart + k * step);
  return add(constant(hostTensor(starts, [1, samples])), mul(reshape(jitter, [rays, samples]), step));
}

/** Query the field at distances t [N·R, K] along rays [N, R, 3]. */
export function sampleField(field: Field, rays: Rays, t: Value, rendering: RenderingConfig): Samples {
  const [n, r] = rays.directions.shape;
  const k = t.shape[1];
  const points = pointsAlong(rays, reshape(t, [n, r, k]));
  const { sigma, features, affine } = field(points);
  const byRay = (x: Value): Value => reshape(x, [n * r, k, x.shape[2]]);
  return {
    t,
    sigma: where(reshape(croppedAway(points, rendering), [n * r, k]), EMPTY, reshape(sigma, [n * r, k])),
    features: byRay(features),
    ...(affine ? { affine: { ...affine, of: byRay(affine.of) } } : {}),
  };
}

/** Σ w·c over one or two passes, given each pass's shares [N·R, K] and the sum of all of them [N·R, 1]: [N·R, F]. */
function gathered(passes: readonly { shares: Value; samples: Samples }[], total: Value): Value {
  const { affine } = passes[0].samples;
  const sums = passes.map(({ shares, samples }) => composite(shares, samples.affine?.of ?? samples.features));
  const all = sums.reduce((a, b) => add(a, b));
  return affine ? affine.apply(all, total) : all;
}

function rendered(n: number, t: Value, weights: Value, total: Value, features: Value): Rendered {
  const r = t.shape[0] / n;
  return {
    features: reshape(features, [n, r, features.shape[1]]),
    depth: reshape(expectedDepth(t, weights, total), [n, r, 1]),
    weight: reshape(total, [n, r, 1]),
    intervalWeights: reshape(weights, [n, r, weights.shape[1]]),
  };
}

/** One pass over given distances t [N·R, K], ascending: rays [N, R, 3]. */
export function renderDepths(field: Field, rays: Rays, t: Value, rendering: RenderingConfig): Rendered {
  const samples = sampleField(field, rays, t, rendering);
  const weights = intervalWeights(t, samples.sigma, rendering.densityBias);
  const total = sum(weights, [1], true);
  const features = gathered([{ shares: sampleShares(weights), samples }], total);
  return rendered(rays.directions.shape[0], t, weights, total, features);
}

/** One pass of stratified samples: for training and cheap inner loops. Rays [N, R, 3], jitter [N, R, samples]. */
export function renderRaysOnce(
  field: Field,
  rays: Rays,
  jitter: Value,
  rendering: RenderingConfig,
): Rendered {
  const [n, r] = rays.directions.shape;
  return renderDepths(field, rays, stratifiedDepths(jitter, n * r, rendering), rendering);
}

/** Draws of the two passes, uniform in [0, 1). */
export interface Draws {
  /** [N, R, samples] */
  jitter: Value;
  /** [N, R, importanceSamples] */
  u: Value;
}

/** Values [rays, K] in the order of `indices` [rays, K], each ray's own. Its gradient puts them back, which is no scatter that adds. */
function ordered(x: Value, indices: Value): Value {
  return differentiated(gatherElements(x, indices, 1), [x], (g) => [() => putBack(g, indices)]);
}

/** The inverse of {@link ordered}: what stands at k goes to the place indices[k]. */
function putBack(x: Value, indices: Value): Value {
  const placed = scatterElements(zeros(x.shape), indices, x, 1, 'none');
  return differentiated(placed, [x], (g) => [() => ordered(g, indices)]);
}

function ascending(x: Value): Value {
  return topK(x, x.shape[1], 1, { largest: false }).indices;
}

/**
 * Two passes: stratified samples, then samples where those found weight; both are composited together in order of distance.
 * Distances are constants: gradients flow through what the field says at them.
 *
 * @param rays [N, R, 3]
 * @returns the picture, and both passes' samples with the first pass's weights
 */
export function renderRays(
  field: Field,
  rays: Rays,
  { jitter, u }: Draws,
  rendering: RenderingConfig,
): Rendered & { coarse: Samples & { weights: Value }; fine: Samples } {
  const [n, r] = rays.directions.shape;
  const { densityBias, samples, importanceSamples } = rendering;
  const coarse = sampleField(field, rays, stratifiedDepths(jitter, n * r, rendering), rendering);
  const coarseWeights = intervalWeights(coarse.t, coarse.sigma, densityBias);
  const draws = reshape(u, [n * r, importanceSamples]);
  const t = importanceDepths(coarse.t, stopGradient(coarseWeights), draws);
  const fine = sampleField(field, rays, t, rendering);

  const all = concat([coarse.t, fine.t], 1);
  const order = ascending(all);
  const sorted = ordered(all, order);
  const weights = intervalWeights(sorted, ordered(concat([coarse.sigma, fine.sigma], 1), order), densityBias);
  // The shares go back to the samples' own places, which are far less than the features would be to sort.
  const shares = putBack(sampleShares(weights), order);
  const [first, second] = split(shares, 1, [samples, importanceSamples]);
  const total = sum(weights, [1], true);
  const features = gathered(
    [
      { shares: first, samples: coarse },
      { shares: second, samples: fine },
    ],
    total,
  );
  return {
    ...rendered(n, sorted, weights, total, features),
    coarse: { ...coarse, weights: coarseWeights },
    fine,
  };
}
