import { hostTensor, type HostTensor } from '../../gpu-functions/graph/index.ts';
import { positive, valued, x, type OperatorCase } from './case.ts';

const ints = (...list: number[]): HostTensor => hostTensor(list, [list.length], 'int64');
const table = (values: number[], ...shape: number[]): HostTensor => hostTensor(values, shape, 'int64');
const scalar = (v: number): HostTensor => hostTensor([v], [], 'int64');

/** What moves elements, cuts and joins. */
export const shapeCases: OperatorCase[] = [
  { op: 'Identity', form: '', inputs: [x(2, 3)] },
  { op: 'Dropout', form: 'inference', inputs: [x(2, 3)], outputs: 2 },
  { op: 'Reshape', form: '0 and −1', inputs: [x(2, 3, 4), ints(0, -1)] },
  { op: 'Flatten', form: 'axis 2', inputs: [x(2, 3, 4)], attributes: { axis: 2 } },
  { op: 'Flatten', form: 'negative axis', inputs: [x(2, 3, 4)], attributes: { axis: -1 } },
  { op: 'Squeeze', form: 'all', inputs: [x(1, 3, 1)] },
  { op: 'Squeeze', form: 'axes', inputs: [x(1, 3, 1), ints(-1)] },
  { op: 'Unsqueeze', form: '', inputs: [x(2, 3), ints(0, -1)] },
  { op: 'Transpose', form: '', inputs: [x(2, 3, 4)] },
  { op: 'Transpose', form: 'perm', inputs: [x(2, 3, 4)], attributes: { perm: [1, 0, 2] } },
  { op: 'Expand', form: '', inputs: [x(3, 1), ints(2, 1, 4)] },
  { op: 'Tile', form: '', inputs: [x(2, 3), ints(2, 2)] },
  { op: 'Concat', form: '', inputs: [x(2, 3), x(2, 1)], attributes: { axis: -1 } },
  { op: 'Split', form: 'uneven', inputs: [x(2, 7), ints(2, 1, 4)], attributes: { axis: 1 }, outputs: 3 },
  { op: 'Split', form: 'num_outputs', inputs: [x(7, 2)], attributes: { num_outputs: 3 }, outputs: 3 },
  {
    op: 'Split',
    form: 'attribute, opset 11',
    inputs: [x(2, 7)],
    attributes: { axis: 1, split: [3, 4] },
    outputs: 2,
    opset: 11,
  },
  { op: 'Slice', form: 'steps', inputs: [x(4, 9), ints(1, -8), ints(4, 100), ints(0, 1), ints(2, 3)] },
  { op: 'Slice', form: 'all backwards', inputs: [x(4, 5), ints(-1), ints(-100), ints(1), ints(-1)] },
  {
    op: 'Slice',
    form: 'partly backwards',
    inputs: [x(9, 4), ints(7, 0), ints(1, 3), ints(0, 1), ints(-2, 1)],
  },
  { op: 'Pad', form: 'constant', inputs: [x(2, 3), ints(1, 0, 0, 2), hostTensor([0.5], [])] },
  { op: 'Pad', form: 'constant, moved', inputs: [x(2, 3), ints(1, 0, 0, 2), x(1)] },
  { op: 'Pad', form: 'negative', inputs: [x(4, 5), ints(-1, 1, 0, -2)] },
  { op: 'Pad', form: 'axes', inputs: [x(2, 3, 4), ints(1, 2), null, ints(-1)] },
  ...['reflect', 'edge'].flatMap((mode): OperatorCase[] => [
    { op: 'Pad', form: mode, inputs: [x(1, 2, 4, 5), ints(0, 0, 2, 1, 0, 0, 3, 4)], attributes: { mode } },
    { op: 'Pad', form: `${mode}, 1-D`, inputs: [x(1, 1, 5), ints(0, 0, 3, 0, 0, 0)], attributes: { mode } },
  ]),
  {
    op: 'Pad',
    form: 'wrap',
    inputs: [x(1, 2, 4, 5), ints(0, 0, 2, 1, 0, 0, 3, 4)],
    attributes: { mode: 'wrap' },
    opset: 19,
  },
  { op: 'DepthToSpace', form: 'CRD', inputs: [x(1, 8, 2, 3)], attributes: { blocksize: 2, mode: 'CRD' } },
  { op: 'DepthToSpace', form: 'DCR', inputs: [x(1, 8, 2, 3)], attributes: { blocksize: 2 } },
  { op: 'SpaceToDepth', form: '', inputs: [x(1, 2, 4, 6)], attributes: { blocksize: 2 } },
  { op: 'EyeLike', form: 'k', inputs: [x(3, 4)], attributes: { k: 1 }, gradient: false },
  { op: 'CenterCropPad', form: '', inputs: [x(2, 5, 3), ints(2, 6)], attributes: { axes: [1, 2] } },
  { op: 'Trilu', form: 'upper', inputs: [x(2, 3, 4)] },
  { op: 'Trilu', form: 'lower, k', inputs: [x(4, 3), scalar(1)], attributes: { upper: 0 } },
];

/** Reading and writing at indices. */
export const indexingCases: OperatorCase[] = [
  { op: 'Gather', form: 'axis 0', inputs: [x(4, 3), table([2, 0, -1, 2], 2, 2)] },
  { op: 'Gather', form: 'axis 1, scalar', inputs: [x(4, 3), scalar(-2)], attributes: { axis: 1 } },
  { op: 'Gather', form: 'inner axis', inputs: [x(2, 4, 3), ints(3, 3, 0)], attributes: { axis: 1 } },
  {
    op: 'GatherElements',
    form: '',
    inputs: [x(3, 4), table([0, 3, 3, -1, 2, 2], 3, 2)],
    attributes: { axis: 1 },
  },
  { op: 'GatherND', form: 'slices', inputs: [x(3, 4, 2), table([2, 1, 0, -1, 2, 1], 3, 2)] },
  {
    op: 'GatherND',
    form: 'batch_dims',
    inputs: [x(2, 3, 4), table([2, 0, 1, 1], 2, 2, 1)],
    attributes: { batch_dims: 1 },
  },
  ...(['none', 'add', 'mul', 'max', 'min'] as const).flatMap((reduction): OperatorCase[] => {
    const second = reduction === 'mul';
    const twice = reduction !== 'none';
    return [
      {
        op: 'ScatterElements',
        form: reduction,
        inputs: [x(3, 4), table(twice ? [0, 0, 3, 1, 2, 2] : [0, 1, 3, 1, 2, 0], 3, 2), positive(3, 2)],
        attributes: { axis: 1, reduction },
        second,
      },
      {
        op: 'ScatterND',
        form: reduction,
        inputs: [x(4, 3), table(twice ? [1, 3, 1] : [1, 3, -4], 3, 1), positive(3, 3)],
        attributes: { reduction },
        second,
      },
      {
        op: 'ScatterND',
        form: `${reduction}, single elements`,
        inputs: [x(3, 4), table(twice ? [0, 1, 2, 3, 0, 1] : [0, 1, 2, 3, 0, 2], 3, 2), x(3)],
        attributes: { reduction },
        second,
      },
    ];
  }),
  {
    op: 'ScatterND',
    form: 'mul with zeros',
    inputs: [x(4), table([1, 1, 2], 3, 1), valued([3], (i) => (i === 1 ? 0 : i + 0.5))],
    attributes: { reduction: 'mul' },
  },
  { op: 'OneHot', form: 'values', inputs: [ints(2, -1, 0), scalar(4), x(2)] },
  { op: 'OneHot', form: 'axis 0', inputs: [ints(2, 1), scalar(3), x(2)], attributes: { axis: 0 } },
  { op: 'ReverseSequence', form: 'time first', inputs: [x(4, 3, 2), ints(4, 1, 3)] },
  {
    op: 'ReverseSequence',
    form: 'batch first',
    inputs: [x(3, 4, 2), ints(2, 4, 3)],
    attributes: { time_axis: 1, batch_axis: 0 },
  },
  {
    op: 'MaxUnpool',
    form: '',
    inputs: [x(1, 1, 2, 2), table([5, 3, 8, 14], 1, 1, 2, 2)],
    attributes: { kernel_shape: [2, 2], strides: [2, 2] },
  },
];
