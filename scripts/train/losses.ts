import { add, mean, mul, sqrt, square } from '../../gpu-functions/graph/index.ts';
import type { Value } from '../../gpu-functions/graph/index.ts';

/** The mean Charbonnier loss √(x² + softness²) of errors of any shape, counted by weights of a shape that broadcasts to it. */
export function charbonnier(error: Value, softness: number, weights?: Value): Value {
  const each = sqrt(add(square(error), softness ** 2));
  return mean(weights ? mul(each, weights) : each);
}
