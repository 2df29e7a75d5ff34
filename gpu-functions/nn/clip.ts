import { add, constant, div, minimum, mul, sqrt, square, sum, type Value } from '../graph/index.ts';
import { mapValues, type Values } from './values.ts';

/** √Σ‖g‖² over all tensors. */
export function globalNorm(values: Values): Value {
  const squares = Object.values(values).map((g) => sum(square(g)));
  return sqrt(squares.length === 0 ? constant(0) : squares.reduce((a, b) => add(a, b)));
}

/** Scale the gradients by min(1, max / (norm + eps)), norm being that of all of them together; it is given too. */
export function clipByGlobalNorm(grads: Values, max: number, eps = 1e-6): { grads: Values; norm: Value } {
  const norm = globalNorm(grads);
  const factor = minimum(div(max, add(norm, eps)), 1);
  return { grads: mapValues(grads, (g) => mul(g, factor)), norm };
}
