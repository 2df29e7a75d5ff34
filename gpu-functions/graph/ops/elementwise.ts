import { noGradient, simpleRule } from '../rules.ts';
import { GraphError, isFloat, sameShape, type DType, type Shape } from '../tensor.ts';
import { asValue, broadcastShape, constant, makeValue, uniformValue, Value, type Arg } from '../value.ts';
import { onnxTypes } from '../onnx-types.ts';
import { full, zerosLike } from './create.ts';
import { unbroadcast } from './reduce.ts';
import { differentiated } from './differentiated.ts';
import { expand } from './shape.ts';

function operands(op: string, a: Arg, b: Arg): { x: Value; y: Value; shape: Shape } {
  const x = asValue(a, b);
  const y = asValue(b, x);
  if (x.dtype !== y.dtype)
    throw new GraphError(`${op}: ${x.dtype} and ${y.dtype} do not mix; cast one of them`);
  const shape = broadcastShape(x.shape, y.shape, op);
  // An operand that was expanded to the other's shape broadcasts just as well before that.
  if (x.node.op === 'Expand' && sameShape(shape, y.shape)) return { x: x.node.inputs[0]!, y, shape };
  if (y.node.op === 'Expand' && sameShape(shape, x.shape)) return { x, y: y.node.inputs[0]!, shape };
  return { x, y, shape };
}

/** Fold an operation on two uniform values, so that seeds and zero cotangents cost nothing. */
function folded(x: Value, y: Value, shape: Shape, f: (a: number, b: number) => number): Value | undefined {
  if (!isFloat(x.dtype)) return undefined;
  const a = uniformValue(x);
  const b = a === undefined ? undefined : uniformValue(y);
  return b === undefined ? undefined : full(shape, f(a!, b), x.dtype);
}

function isUniform(x: Value, value: number): boolean {
  return uniformValue(x) === value;
}

/** a + b, broadcasting. */
export function add(a: Arg, b: Arg): Value {
  const { x, y, shape } = operands('add', a, b);
  if (isUniform(y, 0) && sameShape(shape, x.shape)) return x;
  if (isUniform(x, 0) && sameShape(shape, y.shape)) return y;
  return folded(x, y, shape, (p, q) => p + q) ?? makeValue('Add', [x, y], {}, shape, x.dtype);
}

/** a − b, broadcasting. */
export function sub(a: Arg, b: Arg): Value {
  const { x, y, shape } = operands('sub', a, b);
  if (isUniform(y, 0) && sameShape(shape, x.shape)) return x;
  return folded(x, y, shape, (p, q) => p - q) ?? makeValue('Sub', [x, y], {}, shape, x.dtype);
}

/** a · b, broadcasting. */
export function mul(a: Arg, b: Arg): Value {
  const { x, y, shape } = operands('mul', a, b);
  if (isUniform(y, 1)) return expand(x, shape);
  if (isUniform(x, 1)) return expand(y, shape);
  return folded(x, y, shape, (p, q) => p * q) ?? makeValue('Mul', [x, y], {}, shape, x.dtype);
}

/** a / b, broadcasting. */
export function div(a: Arg, b: Arg): Value {
  const { x, y, shape } = operands('div', a, b);
  if (isUniform(y, 1)) return expand(x, shape);
  return makeValue('Div', [x, y], {}, shape, x.dtype);
}

/** a to the power b, broadcasting. */
export function pow(a: Arg, b: Arg): Value {
  const { x, y, shape } = operands('pow', a, b);
  if (isUniform(y, 1)) return expand(x, shape);
  if (isUniform(y, 2)) return expand(square(x), shape);
  if (isUniform(y, 0.5)) return expand(sqrt(x), shape);
  if (isUniform(y, -1)) return expand(reciprocal(x), shape);
  return makeValue('Pow', [x, y], {}, shape, x.dtype);
}

/** The smaller of a and b, broadcasting; ties send the whole gradient to a. */
export function minimum(a: Arg, b: Arg): Value {
  const { x, y, shape } = operands('minimum', a, b);
  return makeValue('Min', [x, y], {}, shape, x.dtype);
}

/** The larger of a and b, broadcasting; ties send the whole gradient to a. */
export function maximum(a: Arg, b: Arg): Value {
  const { x, y, shape } = operands('maximum', a, b);
  return makeValue('Max', [x, y], {}, shape, x.dtype);
}

function unary(op: string): (x: Value) => Value {
  return (x) => makeValue(op, [x], {}, x.shape, x.dtype);
}

/** −x. */
export function neg(x: Value): Value {
  if (x.node.op === 'Neg') return x.node.inputs[0]!;
  return makeValue('Neg', [x], {}, x.shape, x.dtype);
}
export const abs = unary('Abs');
/** −1, 0 or 1. */
export const sign = unary('Sign');
export const sqrt = unary('Sqrt');
export const exp = unary('Exp');
export const log = unary('Log');
export const sin = unary('Sin');
export const cos = unary('Cos');
export const tanh = unary('Tanh');
export const sigmoid = unary('Sigmoid');
/** log(1 + eˣ). */
export const erf = unary('Erf');
export const floor = unary('Floor');
/** To the nearest integer, ties to even. */
export const round = unary('Round');
/** 1 / x. */
export const reciprocal = unary('Reciprocal');
export const relu = unary('Relu');

/** x². */
export function square(x: Value): Value {
  return mul(x, x);
}

/** log(1 + eˣ), as max(x, 0) − log sigmoid |x|: ONNX Runtime's own takes twice as long on the CPU. */
export function softplus(x: Value): Value {
  const y = sub(relu(x), log(sigmoid(abs(x))));
  return differentiated(y, [x], (g) => [() => mul(g, sigmoid(x))]);
}

/** 1 / √x. */
export function rsqrt(x: Value): Value {
  return reciprocal(sqrt(x));
}

/** x where x ≥ 0, slope · x elsewhere. */
export function leakyRelu(x: Value, slope = 0.2): Value {
  // ONNX Runtime's LeakyRelu knows no float64 on the CPU.
  if (x.dtype === 'float64') return where(less(x, 0), mul(x, slope), x);
  return makeValue('LeakyRelu', [x], { alpha: { float: slope } }, x.shape, x.dtype);
}

/** x · sigmoid(x). */
export function silu(x: Value): Value {
  return mul(x, sigmoid(x));
}

/** x · Φ(x), exact (by erf), in the form that ONNX Runtime's extended optimisation makes one operator. */
export function gelu(x: Value): Value {
  return mul(mul(x, 0.5), add(erf(div(x, Math.SQRT2)), 1));
}

/** x limited to [lo, hi]; the gradient is that of x inside, bounds included, and zero outside. */
export function clamp(x: Value, lo: number, hi: number): Value {
  return makeValue('Clip', [x, asValue(lo, x), asValue(hi, x)], {}, x.shape, x.dtype);
}

/** a where the condition holds, else b; all three broadcast. */
export function where(condition: Value, a: Arg, b: Arg): Value {
  if (condition.dtype !== 'bool')
    throw new GraphError(`where: the condition is ${condition.dtype}, not bool`);
  const { x, y, shape } = operands('where', a, b);
  return makeValue('Where', [condition, x, y], {}, broadcastShape(condition.shape, shape, 'where'), x.dtype);
}

function comparison(op: string): (a: Arg, b: Arg) => Value {
  return (a, b) => {
    const { x, y, shape } = operands(op, a, b);
    return makeValue(op, [x, y], {}, shape, 'bool');
  };
}
export const equal = comparison('Equal');
export const less = comparison('Less');
export const lessOrEqual = comparison('LessOrEqual');
export const greater = comparison('Greater');
export const greaterOrEqual = comparison('GreaterOrEqual');
export const and = comparison('And');
export const or = comparison('Or');
export const not = unary('Not');

/** Convert the elements; floats are truncated towards zero. */
export function cast(x: Value, dtype: DType): Value {
  if (x.dtype === dtype) return x;
  return makeValue('Cast', [x], { to: onnxTypes[dtype] }, x.shape, dtype);
}

/** x, held constant for differentiation. */
export function stopGradient(x: Value): Value {
  return makeValue('StopGradient', [x], {}, x.shape, x.dtype);
}

/** 1 where x > 0, else `below`. By Clip of a huge multiple: half the time of a comparison and a Where on the CPU. */
function slope(x: Value, below: number): Value {
  if (x.dtype !== 'float32' || below < 0 || below > 1) {
    return where(greater(x, 0), constant(1, x.dtype), constant(below, x.dtype));
  }
  return stopGradient(clamp(mul(x, 1e38), below, 1));
}

noGradient(
  'Sign',
  'Floor',
  'Round',
  'Equal',
  'Less',
  'LessOrEqual',
  'Greater',
  'GreaterOrEqual',
  'And',
  'Or',
  'Not',
);
noGradient('StopGradient');
simpleRule('Add', (g, [a, b]) => [() => unbroadcast(g, a.shape), () => unbroadcast(g, b.shape)]);
simpleRule('Sub', (g, [a, b]) => [() => unbroadcast(g, a.shape), () => unbroadcast(neg(g), b.shape)]);
simpleRule('Mul', (g, [a, b]) =>
  a === b
    ? [() => mul(mul(g, 2), a), null]
    : [() => unbroadcast(mul(g, b), a.shape), () => unbroadcast(mul(g, a), b.shape)],
);
simpleRule('Div', (g, [a, b], y) => [
  () => unbroadcast(div(g, b), a.shape),
  () => unbroadcast(neg(div(mul(g, y), b)), b.shape),
]);
simpleRule('Pow', (g, [a, b], y) => [
  () => {
    const p = uniformValue(b);
    // Constant, also where the base is zero.
    if (p === 0) return zerosLike(a);
    const lowered = p === undefined ? pow(a, sub(b, 1)) : pow(a, p - 1);
    return unbroadcast(mul(mul(g, b), lowered), a.shape);
  },
  () => unbroadcast(mul(mul(g, y), log(a)), b.shape),
]);
simpleRule('Min', (g, [a, b]) => {
  const first = lessOrEqual(a, b);
  return [() => unbroadcast(where(first, g, 0), a.shape), () => unbroadcast(where(first, 0, g), b.shape)];
});
simpleRule('Max', (g, [a, b]) => {
  const first = greaterOrEqual(a, b);
  return [() => unbroadcast(where(first, g, 0), a.shape), () => unbroadcast(where(first, 0, g), b.shape)];
});
simpleRule('Neg', (g) => [() => neg(g)]);
simpleRule('Abs', (g, [x]) => [() => mul(g, sign(x))]);
simpleRule('Sqrt', (g, _, y) => [() => div(mul(g, 0.5), y)]);
simpleRule('Exp', (g, _, y) => [() => mul(g, y)]);
simpleRule('Log', (g, [x]) => [() => div(g, x)]);
simpleRule('Sin', (g, [x]) => [() => mul(g, cos(x))]);
simpleRule('Cos', (g, [x]) => [() => neg(mul(g, sin(x)))]);
simpleRule('Tanh', (g, _, y) => [() => mul(g, sub(1, square(y)))]);
simpleRule('Sigmoid', (g, _, y) => [() => mul(g, mul(y, sub(1, y)))]);
simpleRule('Erf', (g, [x]) => [() => mul(g, mul(exp(neg(square(x))), 2 / Math.sqrt(Math.PI)))]);
simpleRule('Reciprocal', (g, _, y) => [() => neg(mul(g, square(y)))]);
simpleRule('Relu', (g, _, y) => [() => mul(g, slope(y, 0))]);
simpleRule('LeakyRelu', (g, [x], _, node) => [
  () => mul(g, slope(x, (node.attributes.alpha as { float: number }).float)),
]);
// Inside the bounds, and on them, nothing was changed.
simpleRule('Clip', (g, [x], y) => [() => mul(g, cast(equal(x, y), g.dtype)), null, null]);
simpleRule('Where', (g, [condition, a, b]) => [
  null,
  () => unbroadcast(where(condition, g, 0), a.shape),
  () => unbroadcast(where(condition, 0, g), b.shape),
]);
simpleRule('Cast', (g, [x]) => [() => cast(g, x.dtype)]);
