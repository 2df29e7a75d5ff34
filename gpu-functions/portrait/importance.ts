import {
  add,
  cast,
  concat,
  cumsum,
  div,
  gatherElements,
  less,
  lessOrEqual,
  clamp,
  maximum,
  mul,
  reshape,
  slice,
  stopGradient,
  sub,
  sum,
  where,
  zeros,
  type Value,
} from '../graph/index.ts';
import { midpoints } from './ray-marcher.ts';

/** Smooth the weights of K−1 intervals: maximum of neighbours, mean of neighbours, plus 0.01 (mip-NeRF). */
function blur(weights: Value): Value {
  const [, k] = weights.shape;
  const inner = maximum(slice(weights, 1, 0, k - 1), slice(weights, 1, 1, k));
  const peaks = concat([slice(weights, 1, 0, 1), inner, slice(weights, 1, k - 1, k)], 1);
  return add(midpoints(peaks), 0.01);
}

/** Entries of x [R, K] at indices i [R, M]. */
function at(x: Value, i: Value): Value {
  return gatherElements(x, i, 1);
}

/**
 * Distances drawn where the first pass found weight, by inverting its piecewise linear distribution. No gradient passes.
 * As in EG3D the distribution has one entry fewer than there are bins, so the last bin's middle is never reached.
 *
 * @param t [R, K] ascending @param weights [R, K−1] @param u [R, M] uniform in [0, 1) @returns [R, M], unsorted
 */
export function importanceDepths(t: Value, weights: Value, u: Value): Value {
  const [r, k] = t.shape;
  const draws = u.shape[1];
  const bins = midpoints(t);
  const mass = add(slice(blur(weights), 1, 1, k - 2), 1e-5);
  const density = div(mass, sum(mass, [1], true));
  const cdf = concat([zeros([r, 1]), cumsum(density, 1)], 1);
  // searchsorted(cdf, u, right): how many entries are ≤ u.
  const index = sum(
    cast(lessOrEqual(reshape(cdf, [r, 1, k - 2]), reshape(u, [r, draws, 1])), 'float32'),
    [2],
  );
  const below = cast(clamp(sub(index, 1), 0, k - 3), 'int64');
  const above = cast(clamp(index, 0, k - 3), 'int64');
  const rise = sub(at(cdf, above), at(cdf, below));
  const fraction = div(sub(u, at(cdf, below)), where(less(rise, 1e-5), 1, rise));
  const [from, to] = [at(bins, below), at(bins, above)];
  return stopGradient(add(from, mul(fraction, sub(to, from))));
}
