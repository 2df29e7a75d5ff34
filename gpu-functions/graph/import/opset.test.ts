import { describe, expect, it } from 'vitest';
import { hostTensor } from '../tensor.ts';
import { NEWEST_OPSET, OLDEST_OPSET } from './opset.ts';
import { compare, int64, numbers, op, scalar, type Sketch } from './testing.ts';

const x = numbers([2, 3, 4, 6]);
const ones = hostTensor([1.5, -0.5, 2], [3]);
const positive = hostTensor([0.5, 1, 2], [3]);

/** An operator as some opsets, both ends included, have it. Both ends and what lies around opset 18 are tried. */
interface Case extends Partial<Sketch> {
  readonly name: string;
  readonly from: number;
  readonly to?: number;
}

const one = (
  name: string,
  from: number,
  to: number | undefined,
  node: Sketch['nodes'][0],
  weights = {},
): Case => ({
  name,
  from,
  ...(to ? { to } : {}),
  nodes: [node],
  inputs: { x },
  weights,
  outputs: node.outputs.filter((n) => n !== ''),
});

const cases: Case[] = [
  one('Squeeze, axes as attribute', 7, 12, op('Squeeze', ['u'], 'y', { axes: [0, 2] }), {}),
  one('ReduceSum, axes as attribute', 7, 12, op('ReduceSum', ['x'], 'y', { axes: [1, 3], keepdims: 0 })),
  one('ReduceSum, axes as input', 13, undefined, op('ReduceSum', ['x', 'a'], 'y', { keepdims: 0 }), {
    a: int64(1, -1),
  }),
  one('ReduceSum of nothing', 13, undefined, op('ReduceSum', ['x', 'a'], 'y', { noop_with_empty_axes: 1 }), {
    a: int64(),
  }),
  one('ReduceSum of everything', 13, undefined, op('ReduceSum', ['x', 'a'], 'y'), { a: int64() }),
  ...['L1', 'L2', 'LogSumExp', 'Max', 'Mean', 'Min', 'Prod', 'SumSquare'].flatMap((r) => [
    one(
      `Reduce${r}, axes as attribute`,
      r === 'L1' ? 7 : 11,
      17,
      op(`Reduce${r}`, ['x'], 'y', { axes: [2] }),
    ),
    one(`Reduce${r}, axes as input`, 18, undefined, op(`Reduce${r}`, ['x', 'a'], 'y', { keepdims: 0 }), {
      a: int64(0, 2),
    }),
  ]),
  one('ReduceMean of everything', 7, undefined, op('ReduceMean', ['x'], 'y')),
  one('Split, sizes as attribute', 7, 12, op('Split', ['x'], ['y', 'z'], { axis: 3, split: [2, 4] })),
  one('Split, sizes as input', 13, undefined, op('Split', ['x', 's'], ['y', 'z'], { axis: -1 }), {
    s: int64(2, 4),
  }),
  one('Split in equal parts', 7, 17, op('Split', ['x'], ['y', 'z'], { axis: 3 })),
  one(
    'Split in a number of parts',
    18,
    undefined,
    op('Split', ['x'], ['y', 'z'], { axis: 1, num_outputs: 2 }),
  ),
  one('Softmax over one axis or several', 7, undefined, op('Softmax', ['x'], 'y', { axis: 1 })),
  one('Softmax over the default axis', 7, undefined, op('Softmax', ['x'], 'y')),
  one('LogSoftmax', 7, undefined, op('LogSoftmax', ['x'], 'y', { axis: 2 })),
  one('Hardmax, which is taken over whole', 7, undefined, op('Hardmax', ['x'], 'y', { axis: 1 })),
  one(
    'Clip, bounds as attributes',
    7,
    10,
    op('Clip', ['x'], 'y', { min: { float: -1 }, max: { float: 0.5 } }),
  ),
  one('Clip, one bound as attribute', 7, 10, op('Clip', ['x'], 'y', { max: { float: 0.5 } })),
  one('Clip, bounds as inputs', 11, undefined, op('Clip', ['x', 'l', 'h'], 'y'), {
    l: scalar(-1),
    h: scalar(0.5),
  }),
  one('Clip, one bound as input', 11, undefined, op('Clip', ['x', '', 'h'], 'y'), { h: scalar(0.5) }),
  one(
    'Pad, pads as attribute',
    7,
    10,
    op('Pad', ['x'], 'y', { pads: [0, 0, 1, 2, 0, 1, 0, -1], value: { float: 3 } }),
  ),
  one('Pad, pads as input', 11, undefined, op('Pad', ['x', 'p', 'v'], 'y'), {
    p: int64(0, 0, 1, 2, 0, 1, 0, -1),
    v: scalar(3),
  }),
  one('Pad with mirrored borders', 11, undefined, op('Pad', ['x', 'p'], 'y', { mode: 'reflect' }), {
    p: int64(0, 0, 1, 2, 0, 0, 2, 1),
  }),
  one('Pad of some axes', 18, undefined, op('Pad', ['x', 'p', '', 'a'], 'y'), {
    p: int64(1, 2, 3, 0),
    a: int64(-1, 1),
  }),
  one(
    'Slice, bounds as attributes',
    7,
    9,
    op('Slice', ['x'], 'y', { starts: [1, -3], ends: [1000, -1], axes: [1, 3] }),
  ),
  one('Slice, bounds as inputs', 10, undefined, op('Slice', ['x', 's', 'e', 'a', 'd'], 'y'), {
    s: int64(-1, 5),
    e: int64(-1000, 0),
    a: int64(2, 3),
    d: int64(-1, -2),
  }),
  one('TopK, count as attribute', 7, 9, op('TopK', ['x'], ['y', 'z'], { k: 2, axis: 3 })),
  one('TopK, count as input', 10, undefined, op('TopK', ['x', 'k'], ['y', 'z'], { axis: 3 }), {
    k: int64(2),
  }),
  one(
    'Upsample, scales as attribute',
    7,
    8,
    op('Upsample', ['x'], 'y', { mode: 'nearest', scales: { floats: [1, 1, 2, 3] } }),
  ),
  one('Upsample, scales as input', 9, 9, op('Upsample', ['x', 's'], 'y', { mode: 'linear' }), {
    s: hostTensor([1, 1, 2, 2], [4]),
  }),
  one('Resize by corners', 10, 10, op('Resize', ['x', 's'], 'y', { mode: 'nearest' }), {
    s: hostTensor([1, 1, 2, 0.5], [4]),
  }),
  one(
    'Resize by empty scales and sizes',
    11,
    12,
    op('Resize', ['x', 'e', 'e', 'n'], 'y', { mode: 'linear' }),
    { e: hostTensor([], [0]), n: int64(2, 3, 8, 9) },
  ),
  one(
    'Resize by scales',
    11,
    undefined,
    op('Resize', ['x', 'e', 's'], 'y', { mode: 'linear', coordinate_transformation_mode: 'align_corners' }),
    { e: hostTensor([], [0]), s: hostTensor([1, 1, 2, 1.5], [4]) },
  ),
  one(
    'Resize by sizes',
    13,
    undefined,
    op('Resize', ['x', '', '', 'n'], 'y', {
      mode: 'nearest',
      coordinate_transformation_mode: 'asymmetric',
      nearest_mode: 'floor',
    }),
    { n: int64(2, 3, 8, 9) },
  ),
  one(
    'Resize of some axes',
    18,
    undefined,
    op('Resize', ['x', '', 's'], 'y', { mode: 'linear', axes: [2, 3] }),
    { s: hostTensor([2, 1.5], [2]) },
  ),
  one('Dropout, ratio as attribute', 7, 11, op('Dropout', ['x'], 'y', { ratio: { float: 0.5 } })),
  one('Dropout, ratio as input', 12, undefined, op('Dropout', ['x', 'r', 't'], ['y', 'm']), {
    r: scalar(0.5),
    t: scalar(0, 'bool'),
  }),
  one('Dropout of nothing in training', 12, undefined, op('Dropout', ['x', 'r', 't'], ['y', 'm']), {
    r: scalar(0),
    t: scalar(1, 'bool'),
  }),
  one(
    'BatchNormalization',
    7,
    undefined,
    op('BatchNormalization', ['x', 's', 'b', 'm', 'v'], 'y', { epsilon: { float: 0.01 } }),
    { s: ones, b: positive, m: ones, v: positive },
  ),
  one(
    'BatchNormalization, spatial',
    7,
    8,
    op('BatchNormalization', ['x', 's', 'b', 'm', 'v'], 'y', { spatial: 1 }),
    { s: ones, b: positive, m: ones, v: positive },
  ),
  one('InstanceNormalization', 7, undefined, op('InstanceNormalization', ['x', 's', 'b'], 'y'), {
    s: ones,
    b: positive,
  }),
  one('LayerNormalization', 17, undefined, op('LayerNormalization', ['x', 's', 'b'], 'y', { axis: 3 }), {
    s: numbers([6]),
    b: numbers([6], 1),
  }),
  one(
    'GroupNormalization, scales by channel',
    21,
    undefined,
    op('GroupNormalization', ['x', 's', 'b'], 'y', { num_groups: 1 }),
    { s: ones, b: positive },
  ),
  one('Cast, saturating', 19, undefined, op('Cast', ['x'], 'y', { to: 6, saturate: 1 })),
  one('CastLike', 15, undefined, op('CastLike', ['x', 'l'], 'y'), { l: int64(1) }),
  one(
    'Gemm',
    7,
    undefined,
    op('Gemm', ['m', 'b', 'c'], 'y', { transB: 1, alpha: { float: 2 }, beta: { float: 0.5 } }),
    { m: numbers([4, 6]), b: numbers([5, 6], 1), c: numbers([5], 2) },
  ),
  one('GridSample', 16, 19, op('GridSample', ['x', 'g'], 'y', { mode: 'bilinear' }), {
    g: numbers([2, 5, 4, 2]),
  }),
  one(
    'GridSample, renamed',
    20,
    undefined,
    op('GridSample', ['x', 'g'], 'y', { mode: 'linear', padding_mode: 'border' }),
    { g: numbers([2, 5, 4, 2]) },
  ),
  one('Flatten', 7, undefined, op('Flatten', ['x'], 'y', { axis: 2 })),
  one('Flatten from behind', 11, undefined, op('Flatten', ['x'], 'y', { axis: -1 })),
  one('Reshape with a kept and a found size', 7, undefined, op('Reshape', ['x', 's'], 'y'), {
    s: int64(0, -1, 2),
  }),
  one('Shape of some axes', 15, undefined, op('Shape', ['x'], 'y', { start: 1, end: -1 })),
  one('Scatter', 9, 10, op('Scatter', ['x', 'i', 'd'], 'y', { axis: 3 }), {
    i: hostTensor([1, 5], [1, 1, 1, 2], 'int64'),
    d: hostTensor([8, 9], [1, 1, 1, 2]),
  }),
  one('ScatterElements', 11, undefined, op('ScatterElements', ['x', 'i', 'd'], 'y', { axis: 3 }), {
    i: hostTensor([1, -1], [1, 1, 1, 2], 'int64'),
    d: hostTensor([8, 9], [1, 1, 1, 2]),
  }),
  one(
    'MaxPool',
    7,
    undefined,
    op('MaxPool', ['x'], 'y', { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 0, 0] }),
  ),
  one(
    'MaxPool, rounding up',
    10,
    undefined,
    op('MaxPool', ['x'], 'y', { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 }),
  ),
  one(
    'AveragePool',
    7,
    undefined,
    op('AveragePool', ['x'], 'y', { kernel_shape: [2, 3], pads: [1, 1, 1, 1], count_include_pad: 1 }),
  ),
  one(
    'AveragePool, dilated',
    19,
    undefined,
    op('AveragePool', ['x'], 'y', { kernel_shape: [2, 2], dilations: [2, 2] }),
  ),
  one('Conv', 7, undefined, op('Conv', ['x', 'w', 'b'], 'y', { auto_pad: 'SAME_UPPER', strides: [2, 2] }), {
    w: numbers([4, 3, 3, 3]),
    b: numbers([4]),
  }),
  one('Gelu', 20, undefined, op('Gelu', ['x'], 'y', { approximate: 'tanh' })),
  one('HardSwish', 14, undefined, op('HardSwish', ['x'], 'y')),
  one('PRelu', 7, undefined, op('PRelu', ['x', 's'], 'y'), { s: hostTensor([0.1, 0.2, 0.3], [3, 1, 1]) }),
  one('Pow by another type', 12, undefined, op('Pow', ['x', 'n'], 'y'), { n: int64(3) }),
  one('Trilu', 14, undefined, op('Trilu', ['x', 'k'], 'y', { upper: 0 }), { k: scalar(1, 'int64') }),
  one('OneHot', 9, undefined, op('OneHot', ['i', 'd', 'v'], 'y'), {
    i: int64(1, 0, 2),
    d: scalar(4, 'int64'),
    v: hostTensor([0, 1], [2]),
  }),
];

/** Inputs and weights of one operator's case: only those that it uses. */
function used(c: Case): Sketch {
  const names = new Set(c.nodes!.flatMap((n) => n.inputs));
  const inputs = { x, u: numbers([1, 3, 1, 4]) };
  return {
    nodes: c.nodes!,
    inputs: Object.fromEntries(Object.entries(inputs).filter(([name]) => names.has(name))),
    weights: c.weights!,
    outputs: c.outputs!,
  };
}

const runs = cases.flatMap((c) => {
  const last = c.to ?? NEWEST_OPSET;
  const tried = [c.from, 11, 13, 17, 18, 19, last].filter((o) => o >= c.from && o <= last);
  return [...new Set(tried)].map((opset): [string, number, Case] => [c.name, opset, c]);
});

describe('an operator computes as in its own opset', () => {
  it.each(runs)('%s (%i)', async (_, opset, c) => {
    await compare(used(c), opset);
  });

  it('in every opset that is read', async () => {
    const nodes = [
      op('Conv', ['x', 'w'], 'a', { pads: [1, 1, 1, 1] }),
      op('Relu', ['a'], 'b'),
      op('GlobalAveragePool', ['b'], 'c'),
      op('Flatten', ['c'], 'd'),
      op('MatMul', ['d', 'm'], 'e'),
      op('Add', ['e', 'n'], 'f'),
      op('Sigmoid', ['f'], 'y'),
    ];
    const weights = { w: numbers([4, 3, 3, 3]), m: numbers([4, 5]), n: numbers([5]) };
    for (let opset = OLDEST_OPSET; opset <= NEWEST_OPSET; opset++) {
      const { initializers } = await compare({ nodes, inputs: { x }, weights }, opset);
      expect(Object.keys(initializers)).toEqual(['w', 'm', 'n']);
    }
  });
});
