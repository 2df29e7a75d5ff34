import { makeValue, type Value } from '../value.ts';

/**
 * A value computed in one way and differentiated in another: where a cheap forward has an expensive gradient, or none that is needed.
 * @param of what the value is a function of
 * @param rule the cotangents of those, from that of the value
 */
export function differentiated(
  value: Value,
  of: readonly Value[],
  rule: (g: Value, of: readonly Value[]) => readonly (() => Value)[],
): Value {
  return makeValue('Differentiated', [value, ...of], {}, value.shape, value.dtype, {
    rule: (_, [g]) => [null, ...(g ? rule(g, of) : [])],
  });
}
