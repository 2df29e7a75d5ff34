import { hostTensor } from '../../gpu-functions/graph/index.ts';
import { positive, x, type OperatorCase } from './case.ts';

const float = (v: number): { float: number } => ({ float: v });
const einsum = (equation: string, ...inputs: OperatorCase['inputs']): OperatorCase => ({
  op: 'Einsum',
  form: equation,
  inputs,
  attributes: { equation },
  second: inputs.length > 1,
});

const labels = hostTensor([2, 0, 1, 2], [2, 2], 'int64');
const likelihood = (
  op: string,
  form: string,
  attributes: OperatorCase['attributes'],
  weights = false,
): OperatorCase => ({
  op,
  form,
  inputs: [x(2, 3, 2), labels, ...(weights ? [positive(3)] : [])],
  attributes,
  outputs: op.startsWith('Softmax') ? 2 : 1,
  second: op.startsWith('Softmax'),
});

/** Losses of classification. */
export const lossCases: OperatorCase[] = ['NegativeLogLikelihoodLoss', 'SoftmaxCrossEntropyLoss'].flatMap(
  (op) => [
    likelihood(op, 'mean', {}),
    likelihood(op, 'none, weights', { reduction: 'none' }, true),
    likelihood(op, 'sum, ignore_index', { reduction: 'sum', ignore_index: 0 }),
    likelihood(op, 'mean, weights, ignore_index', { ignore_index: 2 }, true),
  ],
);

/** Matrix products and what goes with them. */
export const linearCases: OperatorCase[] = [
  { op: 'MatMul', form: '2-D', inputs: [x(3, 4), x(4, 2)], second: true },
  { op: 'MatMul', form: 'broadcast batches', inputs: [x(2, 1, 3, 4), x(3, 4, 2)], second: true },
  { op: 'MatMul', form: 'row vector', inputs: [x(4), x(2, 4, 3)] },
  { op: 'MatMul', form: 'column vector', inputs: [x(2, 3, 4), x(4)] },
  { op: 'MatMul', form: 'two vectors', inputs: [x(4), x(4)] },
  { op: 'Gemm', form: '', inputs: [x(3, 4), x(4, 2), x(2)], second: true },
  {
    op: 'Gemm',
    form: 'transposed, scaled',
    inputs: [x(4, 3), x(2, 4), x(3, 1)],
    attributes: { transA: 1, transB: 1, alpha: float(0.5), beta: float(2) },
    second: true,
  },
  { op: 'Gemm', form: 'without C', inputs: [x(3, 4), x(2, 4)], attributes: { transB: 1 } },
  { op: 'Softmax', form: 'last axis', inputs: [x(3, 4)], second: true },
  { op: 'Softmax', form: 'inner axis', inputs: [x(2, 3, 2)], attributes: { axis: 1 }, second: true },
  { op: 'Softmax', form: 'opset 11', inputs: [x(2, 3, 2)], opset: 11 },
  { op: 'LogSoftmax', form: 'last axis', inputs: [x(3, 4)], second: true },
  { op: 'LogSoftmax', form: 'inner axis', inputs: [x(2, 3, 2)], attributes: { axis: 1 } },
  {
    op: 'DequantizeLinear',
    form: 'for all',
    inputs: [hostTensor([3, 250, 7, 128, 0, 9], [2, 3], 'uint8'), x(), hostTensor([128], [], 'uint8')],
  },
  {
    op: 'DequantizeLinear',
    form: 'axis, no zero',
    inputs: [hostTensor([3, -25, 7, 12, 0, 9], [2, 3], 'int8'), x(3)],
    attributes: { axis: -1 },
  },
  {
    op: 'QuantizeLinear',
    form: 'for all',
    inputs: [x(2, 3), hostTensor([0.1], []), hostTensor([3], [], 'uint8')],
    gradient: false,
  },
  {
    op: 'QuantizeLinear',
    form: 'axis, no zero',
    inputs: [x(2, 3), hostTensor([0.1, 0.02, 0.3], [3])],
    attributes: { axis: -1 },
    gradient: false,
  },
  { op: 'Hardmax', form: '', inputs: [x(3, 4)], gradient: false },
  einsum('ij,jk->ik', x(2, 3), x(3, 4)),
  einsum('bhid,bhjd->bhij', x(2, 2, 3, 2), x(2, 2, 4, 2)),
  einsum('...ij,...jk->...ik', x(2, 3, 2), x(2, 2, 2)),
  einsum('b...i,ij->b...j', x(2, 3, 2, 2), x(2, 3)),
  einsum('ii->i', x(3, 3)),
  einsum('iij->j', x(3, 3, 2)),
  einsum('ij->', x(2, 3)),
  einsum('ij->ji', x(2, 3)),
  einsum('i,j->ij', x(3), x(2)),
  einsum('ij,jk', x(2, 3), x(3, 2)),
  einsum('bi,bij,bj->b', x(2, 3), x(2, 3, 2), x(2, 2)),
  einsum('ij,ij->', x(2, 3), x(2, 3)),
];
