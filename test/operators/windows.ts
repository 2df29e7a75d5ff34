import { hostTensor, type HostTensor } from '../../gpu-functions/graph/index.ts';
import { positive, x, type OperatorCase } from './case.ts';

const convolution = (
  form: string,
  inputs: OperatorCase['inputs'],
  attributes: OperatorCase['attributes'] = {},
): OperatorCase => ({ op: 'Conv', form, inputs, attributes, second: true });
const transposedConvolution = (
  form: string,
  inputs: OperatorCase['inputs'],
  attributes: OperatorCase['attributes'] = {},
): OperatorCase => ({ op: 'ConvTranspose', form, inputs, attributes, second: true });

/** Convolutions and their adjoints. */
export const convolutionCases: OperatorCase[] = [
  convolution('1-D, stride, dilation', [x(2, 4, 11), x(6, 2, 3), x(6)], {
    strides: [2],
    dilations: [2],
    pads: [1, 2],
    group: 2,
  }),
  convolution('1-D', [x(2, 3, 7), x(2, 3, 3)], { pads: [1, 1] }),
  convolution('1-D, kernel of 140 taps, groups', [x(2, 4, 300), x(4, 2, 140)], {
    strides: [3],
    dilations: [2],
    pads: [5, 0],
    group: 2,
  }),
  convolution('2-D, uneven pads', [x(1, 2, 5, 6), x(3, 2, 3, 2), x(3)], { pads: [0, 1, 2, 0] }),
  convolution('2-D, stride, dilation, groups', [x(2, 4, 7, 8), x(4, 2, 3, 3)], {
    strides: [2, 3],
    dilations: [2, 1],
    pads: [2, 1, 2, 1],
    group: 2,
  }),
  convolution('depthwise', [x(2, 3, 5, 5), x(3, 1, 3, 3), x(3)], { pads: [1, 1, 1, 1], group: 3 }),
  convolution('depthwise with a multiplier', [x(1, 2, 5, 5), x(6, 1, 3, 3)], {
    strides: [2, 2],
    pads: [1, 1, 1, 1],
    group: 2,
  }),
  convolution('SAME_UPPER', [x(1, 2, 6, 5), x(2, 2, 3, 4)], { auto_pad: 'SAME_UPPER', strides: [2, 2] }),
  convolution('SAME_LOWER', [x(1, 2, 6, 5), x(2, 2, 3, 4)], { auto_pad: 'SAME_LOWER', strides: [2, 2] }),
  convolution('VALID', [x(1, 2, 6, 5), x(2, 2, 3, 2)], { auto_pad: 'VALID' }),
  convolution('3-D', [x(1, 2, 4, 5, 4), x(3, 2, 3, 3, 2), x(3)], { pads: [1, 1, 0, 1, 1, 1] }),
  convolution('3-D, stride, dilation, groups', [x(1, 4, 5, 6, 5), x(4, 2, 2, 3, 2)], {
    strides: [2, 1, 2],
    dilations: [1, 2, 1],
    pads: [0, 1, 1, 1, 1, 0],
    group: 2,
  }),
  transposedConvolution('1-D', [x(2, 3, 5), x(3, 2, 4), x(2)], { strides: [2], pads: [1, 1] }),
  transposedConvolution('2-D, output_padding', [x(1, 3, 4, 3), x(3, 2, 3, 3), x(2)], {
    strides: [2, 2],
    pads: [1, 1, 1, 1],
    output_padding: [1, 1],
  }),
  transposedConvolution('2-D, groups, dilation', [x(1, 4, 4, 3), x(4, 3, 3, 2)], {
    strides: [2, 1],
    dilations: [2, 1],
    group: 2,
    pads: [1, 0, 0, 1],
  }),
  transposedConvolution('output_shape', [x(1, 2, 4, 3), x(2, 2, 3, 3)], {
    strides: [2, 2],
    output_shape: [8, 6],
  }),
  transposedConvolution('SAME_UPPER', [x(1, 2, 4, 3), x(2, 2, 3, 3)], {
    strides: [2, 2],
    auto_pad: 'SAME_UPPER',
  }),
  transposedConvolution('SAME_LOWER', [x(1, 2, 4, 3), x(2, 2, 3, 3)], {
    strides: [2, 2],
    auto_pad: 'SAME_LOWER',
  }),
  transposedConvolution('3-D', [x(1, 2, 3, 3, 2), x(2, 2, 2, 3, 3), x(2)], {
    strides: [2, 1, 2],
    pads: [0, 1, 1, 0, 1, 0],
  }),
];

const ints = (...list: number[]): HostTensor => hostTensor(list, [list.length], 'int64');

/** Sums of patches. */
export const patchCases: OperatorCase[] = [
  {
    op: 'Col2Im',
    form: 'strides, pads',
    inputs: [x(2, 12, 6), ints(5, 6), ints(2, 3)],
    attributes: { strides: [2, 3], pads: [0, 1, 1, 1] },
  },
  {
    op: 'Col2Im',
    form: 'dilations',
    inputs: [x(1, 8, 9), ints(5, 6), ints(2, 2)],
    attributes: { dilations: [2, 3] },
  },
];

const pooling = (
  op: string,
  form: string,
  shape: number[],
  attributes: OperatorCase['attributes'],
  opset = 18,
): OperatorCase => ({ op, form, inputs: [x(...shape)], attributes, opset });

/** Pooling over windows and whole images. */
export const poolingCases: OperatorCase[] = [
  pooling('MaxPool', 'blocks', [1, 2, 4, 6], { kernel_shape: [2, 2], strides: [2, 2] }),
  pooling('MaxPool', 'overlapping, padded', [1, 2, 7, 6], {
    kernel_shape: [3, 3],
    strides: [2, 2],
    pads: [1, 1, 1, 1],
  }),
  pooling('MaxPool', 'ceil_mode', [1, 1, 6, 7], { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 }),
  pooling('MaxPool', 'ceil_mode, padded', [1, 1, 6, 6], {
    kernel_shape: [3, 3],
    strides: [2, 2],
    pads: [1, 1, 1, 1],
    ceil_mode: 1,
  }),
  pooling('MaxPool', 'dilations', [1, 2, 7, 6], { kernel_shape: [3, 2], dilations: [2, 2] }),
  pooling('MaxPool', 'SAME_UPPER', [1, 2, 5, 6], {
    kernel_shape: [3, 2],
    strides: [2, 2],
    auto_pad: 'SAME_UPPER',
  }),
  pooling('MaxPool', 'SAME_LOWER', [1, 2, 5, 6], { kernel_shape: [2, 2], auto_pad: 'SAME_LOWER' }),
  pooling('MaxPool', '1-D', [2, 2, 9], { kernel_shape: [3], strides: [2], pads: [1, 0] }),
  pooling('MaxPool', '3-D', [1, 1, 4, 4, 3], { kernel_shape: [2, 2, 2], strides: [2, 1, 1] }),
  {
    ...pooling('MaxPool', 'indices', [1, 2, 5, 6], { kernel_shape: [2, 3], pads: [0, 1, 1, 1] }),
    outputs: 2,
  },
  {
    ...pooling('MaxPool', 'indices, column-major', [1, 2, 5, 6], { kernel_shape: [2, 2], storage_order: 1 }),
    outputs: 2,
  },
  pooling('AveragePool', 'blocks', [1, 2, 4, 6], { kernel_shape: [2, 2], strides: [2, 2] }),
  pooling('AveragePool', 'padding left out', [1, 2, 7, 6], {
    kernel_shape: [3, 3],
    strides: [2, 2],
    pads: [1, 1, 1, 1],
  }),
  pooling('AveragePool', 'count_include_pad', [1, 2, 7, 6], {
    kernel_shape: [3, 2],
    strides: [2, 1],
    pads: [1, 0, 2, 1],
    count_include_pad: 1,
  }),
  pooling('AveragePool', 'ceil_mode', [1, 2, 6, 6], { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 }),
  pooling('AveragePool', 'ceil_mode, padded', [1, 2, 6, 6], {
    kernel_shape: [3, 3],
    strides: [2, 2],
    pads: [1, 1, 1, 1],
    ceil_mode: 1,
  }),
  pooling('AveragePool', 'ceil_mode, count_include_pad', [1, 2, 6, 6], {
    kernel_shape: [3, 3],
    strides: [2, 2],
    pads: [1, 1, 1, 1],
    ceil_mode: 1,
    count_include_pad: 1,
  }),
  pooling('AveragePool', 'SAME_UPPER', [1, 2, 5, 6], {
    kernel_shape: [3, 2],
    strides: [2, 2],
    auto_pad: 'SAME_UPPER',
  }),
  pooling(
    'AveragePool',
    'dilations',
    [1, 2, 7, 6],
    { kernel_shape: [3, 2], dilations: [2, 2], pads: [1, 1, 1, 1] },
    19,
  ),
  pooling('AveragePool', '1-D', [2, 2, 9], { kernel_shape: [3], strides: [2], pads: [1, 0] }),
  pooling('AveragePool', 'a long axis', [1, 1, 3000], { kernel_shape: [3], strides: [2], pads: [1, 1] }),
  pooling('AveragePool', '3-D', [1, 1, 4, 4, 3], { kernel_shape: [2, 3, 2], pads: [1, 1, 0, 0, 1, 1] }),
  {
    op: 'LpPool',
    form: 'p = 3',
    inputs: [positive(1, 2, 5, 4)],
    attributes: { kernel_shape: [2, 2], strides: [2, 1], p: 3 },
    second: true,
  },
  ...['GlobalAveragePool', 'GlobalMaxPool'].map((op) => ({ op, form: '3-D', inputs: [x(2, 2, 2, 3, 2)] })),
  { op: 'GlobalLpPool', form: 'p = 2', inputs: [x(2, 2, 3, 2)], attributes: { p: 2 }, second: true },
];
