import { hostTensor, type HostTensor } from '../../gpu-functions/graph/index.ts';
import { positive, valued, x, type OperatorCase } from './case.ts';

const axes = (...list: number[]): HostTensor => hostTensor(list, [list.length], 'int64');
const float = (v: number): { float: number } => ({ float: v });
const SUMS = ['ReduceSum', 'ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceL1'];
const CURVED = ['ReduceProd', 'ReduceL2', 'ReduceSumSquare', 'ReduceLogSumExp'];

/** Reductions, order and running sums. */
export const reductionCases: OperatorCase[] = [
  ...[...SUMS, ...CURVED, 'ReduceLogSum'].flatMap((op): OperatorCase[] => {
    const second = CURVED.includes(op) || op === 'ReduceLogSum';
    const input = op === 'ReduceLogSum' ? positive(2, 3, 4) : x(2, 3, 4);
    return [
      { op, form: 'some axes', inputs: [input, axes(-1, 0)], attributes: { keepdims: 0 }, second },
      { op, form: 'all axes', inputs: [input], second },
      { op, form: 'attribute axes', inputs: [input], attributes: { axes: [1] }, opset: 11, second },
      {
        op,
        form: 'an axis of length 1',
        inputs: [op === 'ReduceLogSum' ? positive(2, 1, 4) : x(2, 1, 4), axes(1)],
        attributes: { keepdims: 0 },
      },
    ];
  }),
  { op: 'ReduceProd', form: 'one zero', inputs: [valued([6], (i) => (i === 2 ? 0 : i - 2.5))], second: true },
  {
    op: 'ReduceSum',
    form: 'noop_with_empty_axes',
    inputs: [x(2, 3)],
    attributes: { noop_with_empty_axes: 1 },
  },
  ...['ArgMax', 'ArgMin'].map((op) => ({
    op,
    form: 'keepdims 0',
    inputs: [x(3, 5)],
    attributes: { axis: 1, keepdims: 0 },
    gradient: false,
  })),
  { op: 'CumSum', form: '', inputs: [x(3, 4), hostTensor([1], [], 'int64')] },
  {
    op: 'CumSum',
    form: 'exclusive, reverse',
    inputs: [x(3, 4), hostTensor([-2], [], 'int64')],
    attributes: { exclusive: 1, reverse: 1 },
  },
  { op: 'TopK', form: 'largest', inputs: [x(3, 6), axes(2)], outputs: 2 },
  {
    op: 'TopK',
    form: 'smallest, other axis',
    inputs: [x(4, 3), axes(3)],
    attributes: { axis: 0, largest: 0 },
    outputs: 2,
  },
];

const c = (n: number): OperatorCase['inputs'][number] => valued([n], (i) => Math.cos(1.7 * i + 0.4));

/** Normalisations. */
export const normalisationCases: OperatorCase[] = [
  {
    op: 'BatchNormalization',
    form: 'inference',
    inputs: [x(2, 3, 4), c(3), c(3), c(3), positive(3)],
    second: true,
  },
  {
    op: 'BatchNormalization',
    form: 'inference, epsilon',
    inputs: [x(2, 3, 2, 2, 2), c(3), c(3), c(3), positive(3)],
    attributes: { epsilon: float(0.1) },
  },
  {
    op: 'BatchNormalization',
    form: 'training_mode',
    inputs: [x(2, 3, 4), c(3), c(3), c(3), positive(3)],
    attributes: { training_mode: 1 },
    outputs: 3,
  },
  { op: 'InstanceNormalization', form: '2-D', inputs: [x(2, 3, 3, 4), c(3), c(3)], second: true },
  {
    op: 'InstanceNormalization',
    form: '1-D, epsilon',
    inputs: [x(2, 3, 7), c(3), c(3)],
    attributes: { epsilon: float(0.01) },
  },
  {
    op: 'GroupNormalization',
    form: 'groups of channels',
    inputs: [x(2, 4, 3, 2), c(4), c(4)],
    attributes: { num_groups: 2 },
    opset: 21,
    second: true,
  },
  { op: 'LayerNormalization', form: 'last axis', inputs: [x(2, 3, 5), c(5), c(5)], second: true },
  {
    op: 'LayerNormalization',
    form: 'several axes, no bias',
    inputs: [x(2, 3, 4), x(3, 4)],
    attributes: { axis: 1 },
    second: true,
  },
  {
    op: 'LayerNormalization',
    form: 'mean and deviation',
    inputs: [x(2, 3, 4), c(4), c(4)],
    attributes: { axis: 2 },
    outputs: 3,
  },
  {
    op: 'LRN',
    form: 'size 3',
    inputs: [x(1, 5, 2, 3)],
    attributes: { size: 3, alpha: float(0.5), beta: float(0.6), bias: float(1.2) },
    second: true,
  },
  { op: 'LpNormalization', form: 'p = 1', inputs: [x(3, 4)], attributes: { p: 1, axis: 0 }, second: true },
  { op: 'LpNormalization', form: 'p = 2', inputs: [x(3, 4)], second: true },
  { op: 'MeanVarianceNormalization', form: '', inputs: [x(2, 3, 4, 2)], second: true },
];
