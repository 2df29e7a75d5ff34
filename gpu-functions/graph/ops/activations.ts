import { simpleRule } from '../rules.ts';
import { constant, makeValue, type Attributes, type Node, type Value } from '../value.ts';
import {
  abs,
  add,
  cast,
  div,
  greater,
  less,
  lessOrEqual,
  mul,
  neg,
  reciprocal,
  round,
  rsqrt,
  softplus,
  square,
  sub,
  tanh,
  where,
} from './elementwise.ts';
import { unbroadcast } from './reduce.ts';

const floatOf = (node: Node, name: string): number => (node.attributes[name] as { float: number }).float;

/** An operator of ONNX on every element, with its derivative from the argument x and the value y. */
function elementwise<A extends readonly number[]>(
  op: string,
  names: { readonly [K in keyof A]: string },
  derivative: (x: Value, y: Value, ...attributes: A) => Value,
): (x: Value, ...attributes: A) => Value {
  simpleRule(op, (g, [x], y, node) => [
    () => mul(g, derivative(x, y, ...(names.map((name) => floatOf(node, name)) as unknown as A))),
  ]);
  return (x, ...values) => {
    const attributes: Attributes = Object.fromEntries(
      names.map((name, i) => [name as string, { float: values[i] }]),
    );
    return makeValue(op, [x], attributes, x.shape, x.dtype);
  };
}

/** a where x > 0, else b; numbers become constants of x's dtype. */
function above(x: Value, a: Value | number, b: Value | number): Value {
  const of = (v: Value | number): Value => (typeof v === 'number' ? constant(v, x.dtype) : v);
  return where(greater(x, 0), of(a), of(b));
}

/** x above zero, alpha · (eˣ − 1) below. */
export const elu = elementwise<[alpha: number]>('Elu', ['alpha'], (x, y, alpha) =>
  above(x, 1, add(y, alpha)),
);
/** gamma · x above zero, gamma · alpha · (eˣ − 1) below. */
export const selu = elementwise<[alpha: number, gamma: number]>(
  'Selu',
  ['alpha', 'gamma'],
  (x, y, alpha, gamma) => above(x, gamma, add(y, gamma * alpha)),
);
/** x above zero, alpha · (exp(x / alpha) − 1) below. */
export const celu = elementwise<[alpha: number]>('Celu', ['alpha'], (x, y, alpha) =>
  above(x, 1, add(mul(y, 1 / alpha), 1)),
);
/** x where x > alpha, else 0. */
export const thresholdedRelu = elementwise<[alpha: number]>('ThresholdedRelu', ['alpha'], (x, _, alpha) =>
  cast(greater(x, alpha), x.dtype),
);
/** alpha · x + beta, limited to [0, 1]. */
export const hardSigmoid = elementwise<[alpha: number, beta: number]>(
  'HardSigmoid',
  ['alpha', 'beta'],
  (x, y, alpha) => {
    const inside = mul(cast(greater(y, 0), x.dtype), cast(less(y, 1), x.dtype));
    return mul(inside, alpha);
  },
);
/** x · hardSigmoid(x) of slope ⅙ about ½. */
export const hardSwish = elementwise<[]>('HardSwish', [], (x) => {
  const middle = add(mul(x, 1 / 3), 0.5);
  const top = where(lessOrEqual(x, 3), middle, constant(1, x.dtype));
  return where(less(x, -3), constant(0, x.dtype), top);
});
/** x / (1 + |x|). */
export const softsign = elementwise<[]>('Softsign', [], (x) => square(reciprocal(add(abs(x), 1))));
/** x − bias above lambd, x + bias below −lambd, 0 between. */
export const shrink = elementwise<[lambd: number, bias: number]>('Shrink', ['lambd', 'bias'], (x, _, lambd) =>
  cast(greater(abs(x), lambd), x.dtype),
);
export const tan = elementwise<[]>('Tan', [], (_, y) => add(square(y), 1));
export const asin = elementwise<[]>('Asin', [], (x) => rsqrt(sub(1, square(x))));
export const acos = elementwise<[]>('Acos', [], (x) => neg(rsqrt(sub(1, square(x)))));
export const atan = elementwise<[]>('Atan', [], (x) => reciprocal(add(square(x), 1)));
export const sinh = elementwise<[]>('Sinh', [], (x) => cosh(x));
export const cosh: (x: Value) => Value = elementwise<[]>('Cosh', [], (x) => sinh(x));
export const asinh = elementwise<[]>('Asinh', [], (x) => rsqrt(add(square(x), 1)));
export const acosh = elementwise<[]>('Acosh', [], (x) => rsqrt(sub(square(x), 1)));
export const atanh = elementwise<[]>('Atanh', [], (x) => reciprocal(sub(1, square(x))));

/** x · tanh(softplus x). */
export function mish(x: Value): Value {
  return mul(x, tanh(softplus(x)));
}

/** x · Φ(x) by the tanh approximation of Hendrycks and Gimpel. */
export function geluTanh(x: Value): Value {
  const inner = mul(add(x, mul(mul(square(x), x), 0.044715)), Math.sqrt(2 / Math.PI));
  return mul(mul(x, 0.5), add(tanh(inner), 1));
}

/** x where x > 0, else slope · x, the slope broadcasting to x. */
export function prelu(x: Value, slope: Value): Value {
  return where(greater(x, 0), x, mul(x, slope));
}

/** a − b · trunc(a / b), of a's sign, broadcasting (C's fmod). */
export function fmod(a: Value, b: Value): Value {
  const shape = mul(a, b).shape;
  return makeValue('Mod', [a, b], { fmod: 1 }, shape, a.dtype);
}

simpleRule('Mod', (g, [a, b], y) => [
  () => unbroadcast(g, a.shape),
  // The quotient is whole but for rounding, and constant between its jumps.
  () => unbroadcast(neg(mul(g, round(div(sub(a, y), b)))), b.shape),
]);
