import { describe, expect, it } from 'vitest';
import { compile } from '../../compile.ts';
import { hostTensor, type HostTensor } from '../../tensor.ts';
import { importModel } from '../import-model.ts';
import { compare, expectSame, fileOf, int64, numbers, op, runFile, scalar, type Sketch } from '../testing.ts';

const a = hostTensor([7, -7, 5, 0, 3, 9], [2, 3], 'int64');
const b = hostTensor([2, 3, -4], [3], 'int64');
const f = numbers([2, 3]);
const small = hostTensor([7, -7, 5, 100], [4], 'int32');
const truth = hostTensor([1, 0, 1], [3], 'bool');
const zero = scalar(0, 'int64');

/** Operators on constants only. */
const constants: [string, Sketch['nodes'][0], Record<string, HostTensor>][] = [
  ...['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Min', 'Max', 'Mod'].map((name): (typeof constants)[0] => [
    `${name} of int64`,
    op(name, ['a', 'b'], 'y'),
    name === 'Pow' ? { a, b: int64(2, 0, 3) } : { a, b },
  ]),
  ...['Add', 'Div', 'Min', 'Pow'].map((name): (typeof constants)[0] => [
    `${name} of float32`,
    op(name, ['a', 'b'], 'y'),
    { a: hostTensor([1, 2, 0.3], [3]), b: f },
  ]),
  ['Div of int32', op('Div', ['a', 'b'], 'y'), { a: small, b: hostTensor([2, 2, -3, 7], [4], 'int32') }],
  [
    'Mul of int32 that wraps',
    op('Mul', ['a', 'b'], 'y'),
    { a: small, b: hostTensor([2 ** 30 + 1, 5, 2 ** 31 - 1, 9], [4], 'int32') },
  ],
  ['Mod like C', op('Mod', ['a', 'b'], 'y', { fmod: 1 }), { a: f, b: hostTensor([0.3, -0.7, 2], [3]) }],
  ...['Equal', 'Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual'].map((name): (typeof constants)[0] => [
    name,
    op(name, ['a', 'b'], 'y'),
    { a, b: int64(7, -7, 0) },
  ]),
  ...['And', 'Or', 'Xor'].map((name): (typeof constants)[0] => [
    name,
    op(name, ['a', 'b'], 'y'),
    { a: truth, b: hostTensor([1, 1, 0], [3], 'bool') },
  ]),
  ['Not', op('Not', ['a'], 'y'), { a: truth }],
  ...['Ceil', 'Floor', 'Round', 'Neg', 'Abs', 'Sign', 'Exp', 'Reciprocal'].map(
    (name): (typeof constants)[0] => [
      name,
      op(name, ['a'], 'y'),
      { a: hostTensor([0.5, 1.5, -2.5, 2.49, -0.1], [5]) },
    ],
  ),
  ...['Neg', 'Abs', 'Sign'].map((name): (typeof constants)[0] => [
    `${name} of int64`,
    op(name, ['a'], 'y'),
    { a },
  ]),
  ['Where', op('Where', ['c', 'a', 'b'], 'y'), { c: truth, a, b }],
  ['Clip', op('Clip', ['a', 'l', 'h'], 'y'), { a, l: scalar(-2, 'int64'), h: scalar(6, 'int64') }],
  ['Cast towards zero', op('Cast', ['a'], 'y', { to: 7 }), { a: f }],
  ['Cast to bool', op('Cast', ['a'], 'y', { to: 9 }), { a }],
  ['Cast to float16', op('Cast', ['a'], 'y', { to: 10 }), { a: f }],
  [
    'Cast that wraps',
    op('Cast', ['a'], 'y', { to: 6 }),
    { a: hostTensor([2 ** 40 + 5, -(2 ** 33) - 1], [2], 'int64') },
  ],
  [
    'Gather',
    op('Gather', ['a', 'i'], 'y', { axis: 1 }),
    { a, i: hostTensor([2, -3, 0, 1], [2, 2], 'int64') },
  ],
  ['Gather of one', op('Gather', ['a', 'i'], 'y'), { a, i: scalar(-1, 'int64') }],
  [
    'GatherElements',
    op('GatherElements', ['a', 'i'], 'y', { axis: 1 }),
    { a, i: hostTensor([2, -3], [2, 1], 'int64') },
  ],
  ['GatherND', op('GatherND', ['a', 'i'], 'y'), { a, i: hostTensor([1, 0, 0, -1], [2, 2], 'int64') }],
  [
    'GatherND of batches',
    op('GatherND', ['a', 'i'], 'y', { batch_dims: 1 }),
    { a, i: hostTensor([1, 2], [2, 1], 'int64') },
  ],
  [
    'ScatterND',
    op('ScatterND', ['a', 'i', 'u'], 'y'),
    { a, i: hostTensor([1], [1, 1], 'int64'), u: hostTensor([4, 5, 6], [1, 3], 'int64') },
  ],
  [
    'ScatterElements',
    op('ScatterElements', ['a', 'i', 'u'], 'y', { axis: 1 }),
    { a, i: hostTensor([2, 0], [2, 1], 'int64'), u: hostTensor([4, 5], [2, 1], 'int64') },
  ],
  ['Transpose', op('Transpose', ['a'], 'y'), { a }],
  ['Concat', op('Concat', ['a', 'b', 'a'], 'y', { axis: 1 }), { a, b: hostTensor([1, 2], [2, 1], 'int64') }],
  [
    'Slice',
    op('Slice', ['a', 's', 'e', 'x', 'd'], 'y'),
    { a, s: int64(-1, 0), e: int64(-9, 9), x: int64(1, 0), d: int64(-2, 1) },
  ],
  ['Slice of nothing', op('Slice', ['a', 's', 'e'], 'y'), { a, s: int64(5), e: int64(9) }],
  ['Tile', op('Tile', ['a', 'r'], 'y'), { a, r: int64(2, 2) }],
  ['Expand', op('Expand', ['b', 'r'], 'y'), { b, r: int64(2, 2, 1) }],
  ['NonZero', op('NonZero', ['a'], 'y'), { a }],
  ['Trilu', op('Trilu', ['a', 'k'], 'y', { upper: 0 }), { a, k: zero }],
  ['Reshape', op('Reshape', ['a', 'r'], 'y'), { a, r: int64(3, -1) }],
  ['Squeeze', op('Squeeze', ['i', 'x'], 'y'), { i: hostTensor([3], [1, 1], 'int64'), x: int64(0) }],
  ['Unsqueeze', op('Unsqueeze', ['a', 'x'], 'y'), { a, x: int64(0, -1) }],
  ...['ReduceSum', 'ReduceProd', 'ReduceMax', 'ReduceMin'].flatMap((name): typeof constants => [
    [name, op(name, ['a', 'x'], 'y', { keepdims: 0 }), { a, x: int64(1) }],
    [
      `${name} of everything`,
      op(name, ['f'], 'y'),
      { f: hostTensor(f.data.slice() as Float32Array, f.shape) },
    ],
  ]),
  ['ReduceMean', op('ReduceMean', ['a', 'x'], 'y'), { a, x: int64(0) }],
  ['CumSum', op('CumSum', ['a', 'x'], 'y', { reverse: 1, exclusive: 1 }), { a, x: scalar(1, 'int64') }],
  [
    'Range',
    op('Range', ['s', 'e', 'd'], 'y'),
    { s: scalar(10, 'int64'), e: scalar(1, 'int64'), d: scalar(-3, 'int64') },
  ],
  ['Size', op('Size', ['a'], 'y'), { a }],
];

describe('on constants', () => {
  it.each(constants)('%s is computed as ONNX Runtime does', async (_, node, weights) => {
    // Nodes of constants, not initializers, as floats among those would be parameters.
    const nodes = Object.entries(weights).map(([name, value]) => op('Constant', [], name, { value }));
    const file = fileOf({ nodes: [...nodes, node] }, 18);
    const { y } = importModel(file).outputs;
    expect(y.node.op).toBe('Constant');
    expectSame(y.node.tensor!, (await runFile(file, {}, ['y'])).y);
  });

  it('Split gives its parts', async () => {
    const nodes = [op('Constant', [], 'a', { value: a }), op('Split', ['a', 's'], ['p', 'q'], { axis: 1 })];
    const file = fileOf({ nodes, weights: { s: int64(1, 2) }, outputs: ['p', 'q'] }, 18);
    const { outputs } = importModel(file);
    const wanted = await runFile(file, {}, ['p', 'q']);
    for (const name of ['p', 'q']) expectSame(outputs[name].node.tensor!, wanted[name]);
  });

  it('integers are not divided by zero', () => {
    for (const name of ['Div', 'Mod']) {
      const file = fileOf({ nodes: [op(name, ['a', 'z'], 'y')], weights: { a, z: int64(0, 1, 1) } }, 18);
      expect(() => importModel(file)).toThrow('it divides an integer by zero');
    }
  });

  it('indices stay within', () => {
    const file = fileOf({ nodes: [op('Gather', ['a', 'i'], 'y')], weights: { a, i: int64(2) } }, 18);
    expect(() => importModel(file)).toThrow('its index 2 is not within 2 elements');
  });
});

/** How exporters compute sizes, each from the shape of x. */
const x = numbers([2, 6, 4, 4]);
const idioms: [string, number, Sketch][] = [
  [
    'a flattening of PyTorch',
    13,
    {
      nodes: [
        op('Shape', ['x'], 's'),
        op('Gather', ['s', 'zero'], 'n', { axis: 0 }),
        op('Unsqueeze', ['n', 'first'], 'rows'),
        op('Concat', ['rows', 'rest'], 'to', { axis: 0 }),
        op('Reshape', ['x', 'to'], 'y'),
      ],
      weights: { zero, first: int64(0), rest: int64(-1) },
    },
  ],
  [
    'an expansion to sizes of which −1 keeps the old',
    17,
    {
      nodes: [
        op('Shape', ['x'], 's'),
        op('ConstantOfShape', ['four'], 'ones', { value: int64(1) }),
        op('Mul', ['ones', 'minus'], 'keep'),
        op('Equal', ['given', 'keep'], 'kept'),
        op('Where', ['kept', 'ones', 'given'], 'to'),
        op('Expand', ['x', 'to'], 'y'),
      ],
      weights: { four: int64(4), minus: scalar(-1, 'int64'), given: int64(-1, 6, -1, 4) },
    },
  ],
  [
    'a chunk of PyTorch: sizes divided and rounded up',
    11,
    {
      nodes: [
        op('Shape', ['x'], 's'),
        op('Gather', ['s', 'one'], 'c', { axis: 0 }),
        op('Add', ['c', 'one'], 'c1'),
        op('Div', ['c1', 'two'], 'half'),
        op('Mul', ['half', 'two'], 'end'),
        op('Unsqueeze', ['half'], 'from', { axes: [0] }),
        op('Unsqueeze', ['end'], 'to', { axes: [0] }),
        op('Slice', ['x', 'from', 'to', 'axis'], 'y'),
      ],
      weights: { one: scalar(1, 'int64'), two: scalar(2, 'int64'), axis: int64(1) },
    },
  ],
  [
    'an upsampling of tf2onnx: sizes times a scale, in floats',
    11,
    {
      nodes: [
        op('Shape', ['x'], 's'),
        op('Cast', ['s'], 'f', { to: 1 }),
        op('Slice', ['f', 'two', 'four', 'axis'], 'size'),
        op('Mul', ['size', 'scale'], 'larger'),
        op('Floor', ['larger'], 'whole'),
        op('Cast', ['whole'], 'hw', { to: 7 }),
        op('Slice', ['s', 'axis', 'two', 'axis'], 'nc'),
        op('Concat', ['nc', 'hw'], 'sizes', { axis: 0 }),
        op('Resize', ['x', 'none', 'none', 'sizes'], 'y', {
          mode: 'nearest',
          coordinate_transformation_mode: 'asymmetric',
          nearest_mode: 'floor',
        }),
      ],
      weights: {
        two: int64(2),
        four: int64(4),
        axis: int64(0),
        scale: hostTensor([2], [1]),
        none: hostTensor([], [0]),
      },
    },
  ],
  [
    'a reshape of Paddle: sizes cut out, squeezed and stacked as int32',
    12,
    {
      nodes: [
        op('Shape', ['x'], 's'),
        op('Cast', ['s'], 'i', { to: 6 }),
        op('Slice', ['i', 'zero', 'one'], 'n'),
        op('Squeeze', ['n'], 'n0', { axes: [0] }),
        op('Unsqueeze', ['n0'], 'n1', { axes: [0] }),
        op('Cast', ['n1'], 'n2', { to: 7 }),
        op('Concat', ['n2', 'six', 'rest'], 'to', { axis: 0 }),
        op('Reshape', ['x', 'to'], 'y'),
      ],
      weights: { zero: int64(0), one: int64(1), six: int64(6), rest: int64(-1) },
    },
  ],
  [
    'positions: a range as long as an axis, compared and counted',
    18,
    {
      nodes: [
        op('Shape', ['x'], 's', { start: 2, end: 3 }),
        op('Squeeze', ['s'], 'n'),
        op('Range', ['zero', 'n', 'one'], 'positions'),
        op('Unsqueeze', ['positions', 'first'], 'row'),
        op('Unsqueeze', ['positions', 'second'], 'column'),
        op('LessOrEqual', ['row', 'column'], 'mask'),
        op('Cast', ['mask'], 'weights', { to: 1 }),
        op('NonZero', ['mask'], 'places'),
        op('ReduceMax', ['places', 'second'], 'most', { keepdims: 0 }),
        op('ReduceProd', ['most'], 'product', { keepdims: 0 }),
        op('Cast', ['product'], 'number', { to: 1 }),
        op('Mul', ['x', 'weights'], 'masked'),
        op('Div', ['masked', 'number'], 'y'),
      ],
      weights: { zero, one: scalar(1, 'int64'), first: int64(0), second: int64(1) },
    },
  ],
];

describe('sizes computed by', () => {
  it.each(idioms)('%s are settled at import', async (_, opset, sketch) => {
    const { outputs } = await compare({ ...sketch, inputs: { x } }, opset);
    const left = new Set(compile(outputs).graph.nodes.map((n) => n.op));
    for (const name of ['Shape', 'Gather', 'Cast', 'NonZero', 'Range', 'Equal'])
      expect(left).not.toContain(name);
  });
});
