import { describe, expect, it } from 'vitest';
import type { ModelNode } from '../model-writer.ts';
import { hostTensor } from '../tensor.ts';
import { importModel } from './import-model.ts';
import { compare, fileOf, int64, numbers, op, scalar, type Sketch } from './testing.ts';

const x = numbers([2, 3, 4, 6]);
const int32 = (...list: number[]) => hostTensor(list, [list.length], 'int32');
const whole = (value: number) => scalar(value, 'int64');
const given = (name: string, attributes: ModelNode['attributes']) => op('Constant', [], name, attributes);
const filled = (value: number, dtype: 'float32' | 'int64') => ({ value: hostTensor([value], [1], dtype) });

/** Opsets in which a form is tried, and the form: `y` from `x`, unless it says otherwise. */
type Form = readonly [
  opsets: readonly number[],
  nodes: Sketch['nodes'],
  weights?: Sketch['weights'],
  inputs?: Sketch['inputs'],
];

const FORMS: Readonly<Record<string, Form>> = {
  'Constant of all forms': [
    [12, 13, 21],
    [
      given('f', { value_float: { float: 2.5 } }),
      given('fs', { value_floats: { floats: [1, 2, 3, 4, 5, 6] } }),
      given('is', { value_ints: [0, 1, -1] }),
      given('i', { value_int: 1 }),
      op('Mul', ['x', 'f'], 'a'),
      op('Mul', ['a', 'fs'], 'b'),
      op('Gather', ['b', 'i'], 'c', { axis: 1 }),
      op('Gather', ['c', 'is'], 'y', { axis: 1 }),
    ],
  ],
  'NonZero of ones, which older exporters count with': [
    [10, 12],
    [
      op('Shape', ['x'], 's'),
      op('Gather', ['s', 'i'], 'n'),
      op('Unsqueeze', ['n'], 'n1', { axes: [0] }),
      op('ConstantOfShape', ['n1'], 'o', filled(1, 'int64')),
      op('NonZero', ['o'], 'nz'),
      op('Transpose', ['nz'], 't', { perm: [1, 0] }),
      op('Squeeze', ['t'], 'r', { axes: [1] }),
      op('Cast', ['r'], 'c', { to: 1 }),
      op('Add', ['x', 'c'], 'y'),
    ],
    { i: whole(3) },
  ],
  'a mask of −∞ before Softmax': [
    [13, 17],
    [op('Where', ['m', 'x', 'ninf'], 'a'), op('Softmax', ['a'], 'y', { axis: -1 })],
    { m: hostTensor([1, 1, 1, 0, 1, 0], [6], 'bool'), ninf: scalar(-Infinity) },
  ],
  'a causal mask by Trilu': [
    [14, 18],
    [
      given('sh', { value_ints: [6, 6] }),
      op('ConstantOfShape', ['sh'], 'o', filled(-Infinity, 'float32')),
      op('Trilu', ['o', 'k'], 'm', { upper: 1 }),
      op('MatMul', ['x', 'w'], 'a'),
      op('Add', ['a', 'm'], 'b'),
      op('Softmax', ['b'], 'y', { axis: -1 }),
    ],
    { w: numbers([6, 6]), k: whole(1) },
    { x: numbers([2, 6, 6]) },
  ],
  'Expand to a shape that is computed': [
    [13],
    [op('Shape', ['x'], 's'), op('Expand', ['w', 's'], 'e'), op('Add', ['x', 'e'], 'y')],
    { w: numbers([1, 3, 1, 6]) },
  ],
  'Range as positions': [
    [11, 17],
    [
      op('Shape', ['x'], 's'),
      op('Gather', ['s', 'i'], 'n'),
      op('Range', ['z', 'n', 'd'], 'r'),
      op('Gather', ['e', 'r'], 'g'),
      op('Add', ['x', 'g'], 'y'),
    ],
    { i: whole(1), z: whole(0), d: whole(1), e: numbers([9, 6]) },
    { x: numbers([2, 4, 6]) },
  ],
  'Clip by bounds that are computed': [
    [13],
    [op('ReduceMin', ['b'], 'l', { keepdims: 0 }), op('Clip', ['x', 'l', 'h'], 'y')],
    { h: scalar(0.5) },
    { x, b: numbers([3]) },
  ],
  'Clip of integers': [
    [12],
    [op('Cast', ['x'], 'i', { to: 7 }), op('Clip', ['i', 'l', 'h'], 'c'), op('Cast', ['c'], 'y', { to: 1 })],
    { l: whole(-1), h: whole(1) },
  ],
  'Einsum in capitals, with spaces': [
    [12, 17],
    [op('Einsum', ['x', 'w'], 'y', { equation: 'NCHW, OC -> NOHW' })],
    { w: numbers([5, 3]) },
  ],
  'Einsum with an ellipsis and no result': [
    [12],
    [op('Einsum', ['x', 'w'], 'y', { equation: '...hw,wk' })],
    { w: numbers([6, 2]) },
  ],
  'Reshape of nothing': [
    [14],
    [
      op('Slice', ['x', 's', 's'], 'e'),
      op('Reshape', ['e', 't'], 'f', { allowzero: 1 }),
      op('Concat', ['f', 'w'], 'y', { axis: 0 }),
    ],
    { s: int64(0), t: int64(0, 5), w: numbers([2, 5]) },
  ],
  'BatchNormalization of two axes, for each place': [
    [7, 8],
    [op('BatchNormalization', ['x', 's', 's', 's', 'v'], 'y', { spatial: 0 })],
    { s: numbers([3]), v: hostTensor([1, 2, 3], [3]) },
    { x: numbers([2, 3]) },
  ],
  'BatchNormalization for each place': [
    [7, 8],
    [op('BatchNormalization', ['x', 's', 's', 's', 'v'], 'y', { spatial: 0 })],
    { s: numbers([3, 2]), v: hostTensor([1, 2, 3, 4, 5, 6], [3, 2]) },
    { x: numbers([2, 3, 2]) },
  ],
  'BatchNormalization of two axes': [
    [9, 15],
    [op('BatchNormalization', ['x', 's', 's', 's', 'v'], 'y')],
    { s: numbers([3]), v: hostTensor([1, 2, 3], [3]) },
    { x: numbers([2, 3]) },
  ],
  'Dropout whose mask nobody reads': [[7, 10, 12], [op('Dropout', ['x'], ['y', 'mask'])]],
  'a Split that leaves a smaller last part': [
    [18, 21],
    [op('Split', ['x'], ['a', 'b'], { axis: 1, num_outputs: 2 }), op('Concat', ['b', 'a'], 'y', { axis: 1 })],
  ],
  'ReduceMax of integers': [
    [11, 13],
    [
      op('Cast', ['x'], 'i', { to: 7 }),
      op('ReduceMax', ['i'], 'm', { axes: [-1], keepdims: 0 }),
      op('Cast', ['m'], 'y', { to: 1 }),
    ],
  ],
  'ArgMax to gather by': [
    [13],
    [op('ArgMax', ['x'], 'a', { axis: 3, keepdims: 1 }), op('GatherElements', ['x', 'a'], 'y', { axis: 3 })],
  ],
  'the token of the largest id, by GatherND': [
    [13, 17],
    [
      op('ArgMax', ['ids'], 'a', { axis: -1, keepdims: 0 }),
      op('Unsqueeze', ['a', 'm1'], 'au'),
      op('Range', ['z', 'two', 'o'], 'r'),
      op('Unsqueeze', ['r', 'm1'], 'ru'),
      op('Concat', ['ru', 'au'], 'ix', { axis: -1 }),
      op('GatherND', ['x', 'ix'], 'y'),
    ],
    { m1: int64(-1), z: whole(0), two: whole(2), o: whole(1) },
    { x: numbers([2, 4, 6]), ids: hostTensor([1, 5, 3, 2, 9, 1, 1, 1], [2, 4], 'int32') },
  ],
  'weights quantised and back': [
    [13, 19, 21],
    [
      op('QuantizeLinear', ['w', 's', 'z'], 'q', { axis: 0 }),
      op('DequantizeLinear', ['q', 's', 'z'], 'd', { axis: 0 }),
      op('MatMul', ['x', 'd'], 'y'),
    ],
    {
      w: numbers([6, 4]),
      s: hostTensor([0.1, 0.2, 0.1, 0.2, 0.3, 0.05], [6]),
      z: hostTensor([0, 0, 0, 0, 0, 0], [6], 'int8'),
    },
  ],
  'numbers quantised and back': [
    [10, 13, 19],
    [op('QuantizeLinear', ['x', 's', 'z'], 'q'), op('DequantizeLinear', ['q', 's', 'z'], 'y')],
    { s: scalar(0.1), z: scalar(3, 'uint8') },
  ],
  'a bias of 32-bit integers': [
    [13],
    [op('DequantizeLinear', ['q', 's'], 'd'), op('Add', ['x', 'd'], 'y')],
    { s: scalar(0.1), q: int32(1, 2, 3, 4, 5, 6) },
  ],
  'arithmetic in float16': [
    [13],
    [op('Cast', ['x'], 'h', { to: 10 }), op('Mul', ['h', 'h'], 'm'), op('Cast', ['m'], 'y', { to: 1 })],
  ],
  'arithmetic in float64': [
    [13],
    [op('Cast', ['x'], 'h', { to: 11 }), op('Mul', ['h', 'h'], 'm'), op('Cast', ['m'], 'y', { to: 1 })],
  ],
  'weights of float16, cast where they are used': [
    [13],
    [op('Cast', ['w'], 'f', { to: 1 }), op('MatMul', ['x', 'f'], 'y')],
    { w: hostTensor(new Uint16Array([0x3c00, 0x4000, 0xbc00, 0x3800, 0x3c00, 0x4200]), [6, 1], 'float16') },
  ],
  'padding to whole windows, by Mod': [
    [13],
    [
      op('Shape', ['x'], 's'),
      op('Gather', ['s', 'i'], 'n'),
      op('Mod', ['n', 'k'], 'm'),
      op('Sub', ['k', 'm'], 'p'),
      op('Mod', ['p', 'k'], 'q'),
      op('Concat', ['z', 'z', 'z', 'z', 'z', 'z', 'z', 'q'], 'pp', { axis: 0 }),
      op('Pad', ['x', 'pp'], 'y'),
    ],
    { i: int64(3), k: int64(4), z: int64(0) },
  ],
  'a roll by Slice and Concat': [
    [13],
    [
      op('Slice', ['x', 'a', 'b', 'ax'], 'p'),
      op('Slice', ['x', 'c', 'd', 'ax'], 'q'),
      op('Concat', ['p', 'q'], 'y', { axis: 2 }),
    ],
    { a: int64(-2), b: int64(Number.MAX_SAFE_INTEGER), c: int64(0), d: int64(-2), ax: int64(2) },
  ],
  'sizes of Resize from shape arithmetic': [
    [13, 18],
    [
      op('Shape', ['x'], 's'),
      op('Slice', ['s', 'a', 'b', 'z'], 'hw'),
      op('Cast', ['hw'], 'f', { to: 1 }),
      op('Mul', ['f', 'two'], 'g'),
      op('Floor', ['g'], 'h'),
      op('Cast', ['h'], 'k', { to: 7 }),
      op('Slice', ['s', 'z', 'a', 'z'], 'nc'),
      op('Concat', ['nc', 'k'], 'sz', { axis: 0 }),
      op('Resize', ['x', '', '', 'sz'], 'y', {
        mode: 'linear',
        coordinate_transformation_mode: 'pytorch_half_pixel',
        cubic_coeff_a: { float: -0.75 },
        nearest_mode: 'floor',
      }),
    ],
    { a: int64(2), b: int64(4), z: int64(0), two: scalar(2) },
  ],
  'Gemm with a number for C': [
    [11, 13],
    [op('Gemm', ['x', 'b', 'c'], 'y', { transA: 1 })],
    { b: numbers([4, 5]), c: scalar(2) },
    { x: numbers([4, 3]) },
  ],
  'Gemm whose C is left out by an empty name': [
    [13],
    [op('Gemm', ['x', 'b', ''], 'y')],
    { b: numbers([4, 5]) },
    { x: numbers([3, 4]) },
  ],
  'Conv that does not say its kernel’s shape': [
    [11],
    [op('Conv', ['x', 'w'], 'y', { auto_pad: 'VALID', dilations: [1, 2] })],
    { w: numbers([2, 3, 2, 2]) },
  ],
  'ConstantOfShape of no axes': [
    [11],
    [op('ConstantOfShape', ['e'], 'c', filled(2, 'float32')), op('Mul', ['x', 'c'], 'y')],
    { e: int64() },
  ],
  'Sum, Max and Concat of one': [
    [8, 13],
    [op('Sum', ['x'], 'a'), op('Max', ['a'], 'b'), op('Concat', ['b'], 'y', { axis: 1 })],
  ],
  'positions counted from a padding mask': [
    [11],
    [
      op('Equal', ['x', 'p'], 'e'),
      op('Not', ['e'], 'n'),
      op('Cast', ['n'], 'c', { to: 1 }),
      op('CumSum', ['c', 'ax'], 'cs'),
      op('Mul', ['cs', 'c'], 'y'),
    ],
    { p: whole(1), ax: whole(1) },
    { x: hostTensor([1, 5, 3, 1], [1, 4], 'int64') },
  ],
  'relative positions in buckets': [
    [12],
    [
      op('Range', ['z', 'n', 'o'], 'r'),
      op('Unsqueeze', ['r'], 'a', { axes: [0] }),
      op('Unsqueeze', ['r'], 'b', { axes: [1] }),
      op('Sub', ['a', 'b'], 'd'),
      op('Neg', ['d'], 'ng'),
      op('Abs', ['ng'], 'ab'),
      op('Cast', ['ab'], 'f', { to: 1 }),
      op('Div', ['f', 'two'], 'q'),
      op('Log', ['q'], 'l'),
      op('Cast', ['l'], 'li', { to: 7 }),
      op('Min', ['li', 'cap'], 'mn'),
      op('Less', ['ab', 'two64'], 'le'),
      op('Where', ['le', 'ab', 'mn'], 'w'),
      op('Gather', ['emb', 'w'], 'g'),
      op('Mul', ['x', 'g'], 'y'),
    ],
    {
      z: whole(0),
      n: whole(5),
      o: whole(1),
      two: scalar(2),
      two64: whole(2),
      cap: whole(3),
      emb: numbers([8, 2]),
    },
    { x: numbers([5, 5, 2]) },
  ],
  'an embedding by OneHot and MatMul': [
    [9, 11],
    [op('OneHot', ['x', 'd', 'v'], 'h', { axis: -1 }), op('MatMul', ['h', 'w'], 'y')],
    { d: int64(5), v: hostTensor([0, 1], [2]), w: numbers([5, 3]) },
    { x: hostTensor([1, 0, 3, -1], [1, 4], 'int64') },
  ],
  'Gather by negative and 32-bit indices': [
    [11],
    [op('Gather', ['x', 'i'], 'y', { axis: 3 })],
    { i: hostTensor([-1, 0, -6, 2], [2, 2], 'int32') },
  ],
  'Slice by 32-bit bounds': [
    [11],
    [op('Slice', ['x', 's', 'e', 'a', 'd'], 'y')],
    { s: int32(-1), e: int32(-2147483648), a: int32(3), d: int32(-1) },
  ],
  'Pad of volumes': [
    [11, 13],
    [op('Pad', ['x', 'p'], 'y', { mode: 'edge' })],
    { p: int64(0, 0, 1, 1, 0, 0, 0, 1, 0, 2) },
    { x: numbers([1, 1, 2, 3, 3]) },
  ],
  'TopK to gather by': [
    [11],
    [
      op('TopK', ['x', 'k'], ['v', 'i'], { axis: 1 }),
      op('GatherElements', ['x', 'i'], 'g', { axis: 1 }),
      op('Add', ['v', 'g'], 'y'),
    ],
    { k: int64(2) },
  ],
  'masks by And, Or and Xor': [
    [17],
    [
      op('Greater', ['x', 'z'], 'a'),
      op('Less', ['x', 'o'], 'b'),
      op('And', ['a', 'b'], 'c'),
      op('Or', ['c', 'b'], 'd'),
      op('Xor', ['d', 'a'], 'e'),
      op('Where', ['e', 'x', 'z'], 'y'),
    ],
    { z: scalar(0), o: scalar(1) },
  ],
  'GroupNormalization by groups': [
    [18, 20],
    [op('GroupNormalization', ['x', 's', 'b'], 'y', { num_groups: 2 })],
    { s: numbers([2]), b: numbers([2], 1) },
    { x: numbers([1, 4, 3, 3]) },
  ],
  'GroupNormalization by channels': [
    [21],
    [op('GroupNormalization', ['x', 's', 'b'], 'y', { num_groups: 2 })],
    { s: numbers([4]), b: numbers([4], 1) },
    { x: numbers([1, 4, 3, 3]) },
  ],
};

describe('forms that public networks have', () => {
  const runs = Object.entries(FORMS).flatMap(([name, [opsets, nodes, weights = {}, inputs = { x }]]) =>
    opsets.map((opset) => [name, opset, { nodes, weights, inputs }] as const),
  );
  it.each(runs)('%s (%i)', async (_, opset, sketch) => {
    await compare(sketch, opset);
  });

  it('bounds that were attributes are no parameters', () => {
    const nodes = [op('Clip', ['x'], 'a', { min: { float: 0 } }), op('Mul', ['a', 'w'], 'y')];
    const file = fileOf({ nodes, inputs: { x }, weights: { w: numbers([6]) } }, 10);
    expect(Object.keys(importModel(file).initializers)).toEqual(['w']);
  });

  it('random numbers like others, of a type that is named', () => {
    const nodes = [op('RandomUniformLike', ['x'], 'y', { dtype: 11 })];
    const { y } = importModel(fileOf({ nodes, inputs: { x } }, 15)).outputs;
    expect([y.dtype, ...y.shape]).toEqual(['float64', ...x.shape]);
  });
});
