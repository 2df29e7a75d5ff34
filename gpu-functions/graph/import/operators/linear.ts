import { operand, type Importing, type Importers } from '../importing.ts';
import { einsum } from '../../ops/einsum.ts';
import * as e from '../../ops/elementwise.ts';
import { logSoftmax, matmul, softmax } from '../../ops/linear.ts';
import * as s from '../../ops/shape.ts';
import { dtypeOfCode } from '../tensor-reader.ts';
import type { Value } from '../../value.ts';
import { hardmax } from '../../ops/without-gradient.ts';

function gemm(node: Importing): Value {
  const [a, b, c] = [node.x, operand(node, 1), node.inputs[2]];
  const left = node.int('transA', 0) === 1 ? s.transposeLast(a) : a;
  const right = node.int('transB', 0) === 1 ? s.transposeLast(b) : b;
  const product = e.mul(matmul(left, right), node.float('alpha', 1));
  return c ? e.add(product, e.mul(c, node.float('beta', 1))) : product;
}

/** A vector on the left is a row, on the right a column; its axis goes again. */
function product(node: Importing): Value {
  const [a, b] = [node.x, operand(node, 1)];
  const [row, column] = [a.shape.length === 1, b.shape.length === 1];
  const y = matmul(row ? s.unsqueeze(a, [0]) : a, column ? s.unsqueeze(b, [1]) : b);
  return s.squeeze(y, [...(row ? [-2] : []), ...(column ? [-1] : [])]);
}

/** How scale and zero of a quantisation are for all elements of x, or for each place of an axis. */
function spreading(node: Importing): (v: Value) => Value {
  const { shape } = node.x;
  if (node.int('block_size', 0) !== 0) node.refuse('it scales by blocks');
  const axis = node.int('axis', 1);
  const a = axis < 0 ? axis + shape.length : axis;
  return (v) =>
    v.shape.length === 1 && v.shape[0] > 1 ? s.reshape(v, shape.map((d, i) => (i === a ? d : 1))) : s.reshape(v, []); // prettier-ignore
}

const BYTES = { uint8: [0, 255], int8: [-128, 127] } as const;

/** Integers from numbers: x / scale, rounded to even, plus zero, within the range of a byte. No gradient passes. */
function quantised(node: Importing): Value {
  const spread = spreading(node);
  const zero = node.inputs[2];
  const dtype =
    zero?.dtype ?? (node.has('output_dtype') ? dtypeOfCode(node.int('output_dtype', 2)) : 'uint8');
  if (dtype !== 'uint8' && dtype !== 'int8') return node.refuse(`it makes ${dtype}, not int8 or uint8`);
  const whole = e.round(e.div(node.x, spread(operand(node, 1))));
  const moved = zero ? e.add(whole, e.cast(spread(zero), whole.dtype)) : whole;
  const [least, most] = BYTES[dtype];
  return e.cast(e.clamp(moved, least, most), dtype);
}

/** Numbers from integers: (x − zero) · scale. */
function dequantised(node: Importing): Value {
  const { x } = node;
  const scale = operand(node, 1);
  const spread = spreading(node);
  const zero = node.inputs[2];
  const whole = e.cast(x, scale.dtype);
  const centred = zero ? e.sub(whole, e.cast(spread(zero), scale.dtype)) : whole;
  return e.mul(centred, spread(scale));
}

/** Matrix products and what goes with them. */
export const linear: Importers = {
  MatMul: product,
  Gemm: gemm,
  Einsum: (node) => einsum(node.string('equation', ''), node.inputs as readonly Value[]),
  Softmax: (node) => softmax(node.x, node.int('axis', -1)),
  LogSoftmax: (node) => logSoftmax(node.x, node.int('axis', -1)),
  QuantizeLinear: quantised,
  DequantizeLinear: dequantised,
  Hardmax: (node) => hardmax(node.x, node.int('axis', -1)),
};
