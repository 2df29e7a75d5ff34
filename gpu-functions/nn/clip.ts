import { add, constant, div, minimum, mul, sqrt, square, sum, type Value } from '../graph/index.ts';
import { mapValues, type Values } from './values.ts';

/** √Σ‖g‖² over all tensors. */
export function globalNorm(values: Values): Value {
  const squares = Object.values(values).map((g) => sum(square(g)));
  return sqrt(squares.length === 0 ? constant(0) : squares.reduce((a, b) => add(a, b)));
}

/** What clips gradients, min(1, max / (norm + eps)), norm being that of all of them together; it is given too. */
export function clippingFactor(grads: Values, max: number, eps = 1e-6): { factor: Value; norm: Value } {
  const norm = globalNorm(grads);
  return { factor: minimum(div(max, add(norm, eps)), 1), norm };
}

/** The gradients multiplied by their {@link clippingFactor}, and their norm before. */
export function clipByGlobalNorm(grads: Values, max: number, eps = 1e-6): { grads: Values; norm: Value } {
  const { factor, norm } = clippingFactor(grads, max, eps);
  return { grads: mapValues(grads, (g) => mul(g, factor)), norm };
}
