import { binary, type Importing, type Importers } from '../importing.ts';
import * as e from '../../ops/elementwise.ts';
import { logSoftmax, matmul, softmax } from '../../ops/linear.ts';
import * as s from '../../ops/shape.ts';
import type { Value } from '../../value.ts';

function gemm(node: Importing): Value {
  const [a, b, c] = node.inputs as Value[];
  const left = node.int('transA', 0) === 1 ? s.transposeLast(a) : a;
  const right = node.int('transB', 0) === 1 ? s.transposeLast(b) : b;
  const product = e.mul(matmul(left, right), node.float('alpha', 1));
  return c ? e.add(product, e.mul(c, node.float('beta', 1))) : product;
}

/** Matrix products and what goes with them. */
export const linear: Importers = {
  MatMul: binary(matmul),
  Gemm: gemm,
  Softmax: (node) => softmax(node.x, node.int('axis', -1)),
  LogSoftmax: (node) => logSoftmax(node.x, node.int('axis', -1)),
};
