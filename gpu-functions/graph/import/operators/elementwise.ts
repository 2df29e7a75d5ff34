import { binary, operand, unary, type Importer, type Importers } from '../importing.ts';
import { dtypeOfCode } from '../tensor-reader.ts';
import { fmod, tan, asin, acos, atan, sinh, cosh, asinh, acosh, atanh } from '../../ops/activations.ts';
import * as e from '../../ops/elementwise.ts';
import { bitwiseNot, ceil, integerOperation, isInf, isNaN } from '../../ops/without-gradient.ts';
import { isFloat } from '../../tensor.ts';
import type { Value } from '../../value.ts';

/** Operators of any number of operands, from left to right. */
const variadic =
  (f: (a: Value, b: Value) => Value): Importer =>
  ({ inputs }) =>
    (inputs as readonly Value[]).reduce(f);

const integers: Importer = (node) => integerOperation(node.op, node.x, operand(node, 1));

/** Arithmetic, comparison, logic and functions of single elements. */
export const elementwise: Importers = {
  Add: binary(e.add),
  Sub: binary(e.sub),
  Mul: binary(e.mul),
  Div: binary(e.div),
  Pow: (node) => {
    const exponent = operand(node, 1);
    // Exponents may be of another type than the base.
    return e.pow(
      node.x,
      node.known(1)?.data.length === 1 && exponent.node.name === undefined
        ? node.number(1)!
        : e.cast(exponent, node.x.dtype),
    );
  },
  Mod: (node) => {
    const [a, b] = [node.x, operand(node, 1)];
    return isFloat(a.dtype) ? fmod(a, b) : integerOperation('Mod', a, b, { fmod: node.int('fmod', 0) });
  },
  Min: variadic(e.minimum),
  Max: variadic(e.maximum),
  Sum: variadic(e.add),
  Mean: (node) =>
    e.mul(
      (node.inputs as readonly Value[]).reduce((a, b) => e.add(a, b)),
      1 / node.inputs.length,
    ),
  Equal: binary(e.equal),
  Less: binary(e.less),
  LessOrEqual: binary(e.lessOrEqual),
  Greater: binary(e.greater),
  GreaterOrEqual: binary(e.greaterOrEqual),
  And: binary(e.and),
  Or: binary(e.or),
  Not: unary(e.not),
  Xor: integers,
  BitwiseAnd: integers,
  BitwiseOr: integers,
  BitwiseXor: integers,
  BitwiseNot: unary(bitwiseNot),
  BitShift: (node) =>
    integerOperation(node.op, node.x, operand(node, 1), { direction: node.string('direction', 'LEFT') }),
  IsNaN: unary(isNaN),
  IsInf: (node) =>
    isInf(node.x, {
      positive: node.int('detect_positive', 1) === 1,
      negative: node.int('detect_negative', 1) === 1,
    }),
  Where: (node) => e.where(node.x, operand(node, 1), operand(node, 2)),
  Neg: unary(e.neg),
  Abs: unary(e.abs),
  Sign: unary(e.sign),
  Sqrt: unary(e.sqrt),
  Exp: unary(e.exp),
  Log: unary(e.log),
  Sin: unary(e.sin),
  Cos: unary(e.cos),
  Tan: unary(tan),
  Asin: unary(asin),
  Acos: unary(acos),
  Atan: unary(atan),
  Sinh: unary(sinh),
  Cosh: unary(cosh),
  Tanh: unary(e.tanh),
  Asinh: unary(asinh),
  Acosh: unary(acosh),
  Atanh: unary(atanh),
  Erf: unary(e.erf),
  Ceil: unary(ceil),
  Floor: unary(e.floor),
  Round: unary(e.round),
  Reciprocal: unary(e.reciprocal),
  Clip: (node) => {
    const [lo, hi] = [1, 2].map((i) =>
      node.inputs[i] ? (node.known(i) ? node.number(i) : node.inputs[i]) : undefined,
    );
    if (typeof lo === 'number' && typeof hi === 'number') return e.clamp(node.x, lo, hi);
    const raised = lo === undefined ? node.x : e.maximum(node.x, lo);
    return hi === undefined ? raised : e.minimum(raised, hi);
  },
  Cast: (node) => e.cast(node.x, dtypeOfCode(node.int('to', 1))),
  CastLike: (node) => e.cast(node.x, operand(node, 1).dtype),
};
