import { simpleRule } from '../rules.ts';
import { GraphError, sizeOf } from '../tensor.ts';
import { broadcastShape, makeValue, normaliseAxis, type Value } from '../value.ts';
import { add, exp, mul, sub } from './elementwise.ts';
import { sum, unbroadcast } from './reduce.ts';
import { reshape, transposeLast } from './shape.ts';

/** Matrix product over the last two axes; the axes before them broadcast. */
export function matmul(a: Value, b: Value): Value {
  const [ra, rb] = [a.shape.length, b.shape.length];
  if (ra < 2 || rb < 2 || a.shape[ra - 1] !== b.shape[rb - 2] || a.dtype !== b.dtype) {
    throw new GraphError(`matmul: ${a.dtype} [${a.shape.join(', ')}] · ${b.dtype} [${b.shape.join(', ')}]`);
  }
  const shape = [
    ...broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2), 'matmul'),
    a.shape[ra - 2],
    b.shape[rb - 1],
  ];
  if (ra === 2 && rb === 2) {
    const [transA, transB] = [a.node.op === 'Transpose', b.node.op === 'Transpose'];
    // Gemm reads a transposed matrix in place, MatMul would have it copied first.
    if (transA || transB) {
      const inputs = [transA ? a.node.inputs[0] : a, transB ? b.node.inputs[0] : b];
      return makeValue('Gemm', inputs, { transA: transA ? 1 : 0, transB: transB ? 1 : 0 }, shape, a.dtype);
    }
  }
  return makeValue('MatMul', [a, b], {}, shape, a.dtype);
}

/** Dense layer: x [N, I] · weightᵀ + bias, with weight [O, I] and bias [O] as PyTorch has them; [N, O]. */
export function dense(x: Value, weight: Value, bias?: Value): Value {
  const product = matmul(x, transposeLast(weight));
  if (!bias) return product;
  const [, outputs] = product.shape;
  if (bias.shape.length !== 1 || bias.shape[0] !== outputs || bias.dtype !== x.dtype) {
    throw new GraphError(
      `dense: the bias is ${bias.dtype} [${bias.shape.join(', ')}], not ${x.dtype} [${outputs}]`,
    );
  }
  const { op, inputs, attributes } = product.node;
  return op === 'Gemm'
    ? makeValue('Gemm', [...inputs, bias], attributes, product.shape, x.dtype)
    : add(product, bias);
}

/** eˣ / Σ eˣ along an axis. */
export function softmax(x: Value, axis = -1): Value {
  return makeValue(
    'Softmax',
    [x],
    { axis: normaliseAxis(axis, x.shape.length, 'softmax') },
    x.shape,
    x.dtype,
  );
}

/** log softmax along an axis. */
export function logSoftmax(x: Value, axis = -1): Value {
  return makeValue(
    'LogSoftmax',
    [x],
    { axis: normaliseAxis(axis, x.shape.length, 'logSoftmax') },
    x.shape,
    x.dtype,
  );
}

const rowsOf = (x: Value): Value => reshape(x, [sizeOf(x.shape) / x.shape.at(-1)!, x.shape.at(-1)!]);

simpleRule('MatMul', (g, [a, b]) => [
  () => unbroadcast(matmul(g, transposeLast(b)), a.shape),
  () =>
    // One matrix shared by a batch: a single product over all rows instead of one a batch and a sum.
    b.shape.length === 2
      ? matmul(transposeLast(rowsOf(a)), rowsOf(g))
      : unbroadcast(matmul(transposeLast(a), g), b.shape),
]);
simpleRule('Gemm', (g, [a, b, bias], _, node) => {
  const { transA, transB } = node.attributes;
  const left = transA === 1 ? transposeLast(a) : a;
  const right = transB === 1 ? transposeLast(b) : b;
  return [
    () => (transA === 1 ? matmul(right, transposeLast(g)) : matmul(g, transposeLast(right))),
    () => (transB === 1 ? matmul(transposeLast(g), left) : matmul(transposeLast(left), g)),
    () => unbroadcast(g, bias.shape),
  ];
});
simpleRule('Softmax', (g, _, y, node) => [
  () => {
    const gy = mul(g, y);
    return sub(gy, mul(y, sum(gy, [node.attributes.axis as number], true)));
  },
]);
simpleRule('LogSoftmax', (g, _, y, node) => [
  () => sub(g, mul(exp(y), sum(g, [node.attributes.axis as number], true))),
]);
