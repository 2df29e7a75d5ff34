import { foldBinary } from '../constant-folding.ts';
import { binary, known, numberOf, unary, type Importer, type Importers } from '../importing.ts';
import { dtypeOfCode } from '../model-reader.ts';
import * as e from '../../ops/elementwise.ts';
import { elementOf, hostTensor, sizeOf } from '../../tensor.ts';
import { constant, type Value } from '../../value.ts';

/** Arithmetic that shapes are computed with. */
const arithmetic =
  (f: (a: Value, b: Value) => Value): Importer =>
  ({ op, inputs: [a, b] }) => {
    const data = known(a, b);
    return data ? foldBinary(op, data[0], data[1]) : f(a!, b!);
  };

/** Arithmetic, comparison, logic and activations. */
export const elementwise: Importers = {
  Add: arithmetic(e.add),
  Sub: arithmetic(e.sub),
  Mul: arithmetic(e.mul),
  Div: arithmetic(e.div),
  Pow: (node) => {
    const exponent = node.inputs[1]!.node.tensor;
    if (exponent && sizeOf(exponent.shape) === 1) return e.pow(node.x, elementOf(exponent, 0));
    return e.pow(node.x, node.inputs[1]!);
  },
  Min: binary(e.minimum),
  Max: binary(e.maximum),
  Equal: binary(e.equal),
  Less: binary(e.less),
  LessOrEqual: binary(e.lessOrEqual),
  Greater: binary(e.greater),
  GreaterOrEqual: binary(e.greaterOrEqual),
  And: binary(e.and),
  Or: binary(e.or),
  Not: unary(e.not),
  Where: ({ inputs }) => e.where(inputs[0]!, inputs[1]!, inputs[2]!),
  Neg: unary(e.neg),
  Abs: unary(e.abs),
  Sign: unary(e.sign),
  Sqrt: unary(e.sqrt),
  Exp: unary(e.exp),
  Log: unary(e.log),
  Sin: unary(e.sin),
  Cos: unary(e.cos),
  Tanh: unary(e.tanh),
  Sigmoid: unary(e.sigmoid),
  Softplus: unary(e.softplus),
  Erf: unary(e.erf),
  Floor: unary(e.floor),
  Round: unary(e.round),
  Reciprocal: unary(e.reciprocal),
  Relu: unary(e.relu),
  LeakyRelu: (node) => e.leakyRelu(node.x, node.float('alpha', 0.01)),
  Clip: (node) => {
    const [lo, hi] = [numberOf(node, 1), numberOf(node, 2)];
    if (lo === undefined) return hi === undefined ? node.x : e.minimum(node.x, hi);
    return hi === undefined ? e.maximum(node.x, lo) : e.clamp(node.x, lo, hi);
  },
  Cast: (node) => {
    const dtype = dtypeOfCode(node.int('to', 1));
    const data = known(node.x);
    if (!data) return e.cast(node.x, dtype);
    const list = Array.from({ length: sizeOf(data[0].shape) }, (_, i) => elementOf(data[0], i));
    return constant(hostTensor(list, data[0].shape, dtype));
  },
};
