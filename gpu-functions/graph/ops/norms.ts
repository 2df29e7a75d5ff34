import { gradients } from '../gradient.ts';
import { simpleRule } from '../rules.ts';
import { normaliseAxis, type Value } from '../value.ts';
import { differentiated } from './differentiated.ts';
import { abs, div, equal, exp, log, mul, square, sub, where } from './elementwise.ts';
import { reduce, sum, unreduced } from './reduce.ts';
import { concat, reshape, slice } from './shape.ts';

/** Σ |x| over axes (all by default). */
export function reduceL1(x: Value, axes?: readonly number[], keep = false): Value {
  return sum(abs(x), axes, keep);
}

/** √Σ x² over axes (all by default); its gradient at zero is zero. */
export function reduceL2(x: Value, axes?: readonly number[], keep = false): Value {
  const y = reduce('ReduceL2', x, axes, keep);
  return y.node.op === 'ReduceL2' ? y : abs(y);
}

/** Σ x² over axes (all by default). */
export function reduceSumSquare(x: Value, axes?: readonly number[], keep = false): Value {
  return sum(square(x), axes, keep);
}

/** log Σ x over axes (all by default). */
export function reduceLogSum(x: Value, axes?: readonly number[], keep = false): Value {
  return log(sum(x, axes, keep));
}

/** log Σ eˣ over axes (all by default). */
export function reduceLogSumExp(x: Value, axes?: readonly number[], keep = false): Value {
  return reduce('ReduceLogSumExp', x, axes, keep);
}

/** The product of an axis's elements, kept as length 1, by halves: differentiable at zeros to any order. */
function productByHalves(x: Value, axis: number): Value {
  let y = x;
  while (y.shape[axis] > 1) {
    const half = y.shape[axis] >> 1;
    const paired = mul(slice(y, axis, 0, half), slice(y, axis, half, 2 * half));
    const odd = y.shape[axis] % 2 === 1 ? slice(y, axis, 2 * half, 2 * half + 1) : undefined;
    // An odd one out joins the first pair.
    y = odd ? joined(paired, odd, axis) : paired;
  }
  return y;
}

function joined(paired: Value, odd: Value, axis: number): Value {
  const n = paired.shape[axis];
  const first = mul(slice(paired, axis, 0, 1), odd);
  return n === 1 ? first : concat([first, slice(paired, axis, 1, n)], axis);
}

/** Π x over axes (all by default). */
export function reduceProd(x: Value, axes?: readonly number[], keep = false): Value {
  const y = reduce('ReduceProd', x, axes, keep);
  if (y.node.op !== 'ReduceProd') return y;
  const over = axes ?? [...x.shape.keys()];
  return differentiated(y, [x], (g) => [
    () => {
      const product = over.reduce(
        (v, a) => productByHalves(v, normaliseAxis(a, x.shape.length, 'reduceProd')),
        x,
      );
      return gradients([reshape(product, y.shape)], [x], [g])[0];
    },
  ]);
}

/** x over its norm (Σ|x|ᵖ)^(1/p) along an axis, p being 1 or 2; zeros stay zeros. */
export function lpNormalise(x: Value, axis: number, p: 1 | 2): Value {
  const norm = p === 1 ? reduceL1(x, [axis], true) : reduceL2(x, [axis], true);
  return div(x, where(equal(norm, 0), 1, norm));
}

simpleRule('ReduceL2', (g, [x], y, node) => [
  () => {
    const zero = equal(y, 0);
    const scaled = where(zero, 0, div(g, where(zero, 1, y)));
    return mul(x, unreduced(scaled, node));
  },
  null,
]);
simpleRule('ReduceLogSumExp', (g, [x], y, node) => [
  () => mul(exp(sub(x, unreduced(y, node))), unreduced(g, node)),
  null,
]);
