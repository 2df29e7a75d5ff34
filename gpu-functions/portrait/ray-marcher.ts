import {
  add,
  cumsum,
  div,
  exp,
  greater,
  log,
  matmul,
  mul,
  neg,
  pad,
  reduceMax,
  reduceMin,
  maximum,
  minimum,
  reshape,
  slice,
  softplus,
  sub,
  sum,
  where,
  type Value,
} from '../graph/index.ts';

/** Quadrature along rays (mip-NeRF's marcher as EG3D uses it): every interval between neighbouring samples is one slab. */

/** Arithmetic mean of neighbours along the last axis: [R, K] → [R, K−1]. */
export function midpoints(x: Value): Value {
  const [, k] = x.shape;
  return mul(add(slice(x, 1, 0, k - 1), slice(x, 1, 1, k)), 0.5);
}

/**
 * Weights of the intervals: δ = t_{i+1} − t_i, σ' = softplus(σ̄ + bias), α = 1 − exp(−σ'δ), T_i = Π_{j<i} (1 − α_j + 1e-10),
 * w = α·T. The product is the exponential of an exclusive sum, whose gradient divides by nothing.
 *
 * @param t, sigma [R, K], t ascending @returns [R, K−1]
 */
export function intervalWeights(t: Value, sigma: Value, densityBias: number): Value {
  const [, k] = t.shape;
  const delta = sub(slice(t, 1, 1, k), slice(t, 1, 0, k - 1));
  const passed = exp(neg(mul(softplus(add(midpoints(sigma), densityBias)), delta)));
  const transmittance = exp(cumsum(log(add(passed, 1e-10)), 1, { exclusive: true }));
  return mul(sub(1, passed), transmittance);
}

/** Share of each sample when intervals carry the mean of their ends: [R, K−1] → [R, K]. */
export function sampleShares(weights: Value): Value {
  return mul(add(pad(weights, [0, 1], [0, 0]), pad(weights, [0, 0], [0, 1])), 0.5);
}

/** Σ_k shares·features: [R, K], [R, K, F] → [R, F]. */
export function composite(shares: Value, features: Value): Value {
  const [r, k, f] = features.shape;
  return reshape(matmul(reshape(shares, [r, 1, k]), features), [r, f]);
}

/** Expected distance [R, 1]: Σ w·t̄ / Σ w, the farthest where nothing was met, bounded by all distances of the call. */
export function expectedDepth(t: Value, weights: Value, total: Value): Value {
  const [near, far] = [reduceMin(t), reduceMax(t)];
  const met = greater(total, 0);
  const mean = div(sum(mul(weights, midpoints(t)), [1], true), where(met, total, 1));
  return minimum(maximum(where(met, mean, far), near), far);
}
