import { describe, expect, it } from 'vitest';
import { compile } from '../compile.ts';
import { writeModel, type InnerGraph, type ModelNode } from '../model-writer.ts';
import { ProtobufWriter } from '../protobuf.ts';
import { GraphError, hostTensor, type HostTensor } from '../tensor.ts';
import { importModel } from './import-model.ts';
import { fileOf, int64, numbers, op, scalar, type Sketch } from './testing.ts';

const HUGE = 2 ** 40;
const x = numbers([1, 2, 4, 4]);

/** A model whose graph is written field by field. */
function raw(graph: (w: ProtobufWriter) => void, ir = 8): Uint8Array {
  const writer = new ProtobufWriter();
  writer.int(1, ir);
  writer.message(7, graph);
  writer.message(8, (o) => o.int(2, 18));
  return writer.bytes();
}

/** A model that gives an initializer, which is written field by field. */
const initializer = (tensor: (w: ProtobufWriter) => void): Uint8Array =>
  raw((w) => {
    w.message(5, (t) => {
      t.string(8, 'w');
      tensor(t);
    });
    w.message(12, (o) => o.string(1, 'w'));
  });

const floats = (n: number): Uint8Array => new Uint8Array(4 * n);

describe('an initializer', () => {
  it.each<[string, (w: ProtobufWriter) => void, string]>([
    ['shorter than its shape', (w) => tensor(w, [2, 3], floats(5)), '24 bytes, but the file holds 20'],
    ['longer than its shape', (w) => tensor(w, [2, 3], floats(7)), '24 bytes, but the file holds 28'],
    ['of half an element', (w) => tensor(w, [1], new Uint8Array(3)), '4 bytes, but the file holds 3'],
    ['without data', (w) => tensor(w, [2]), '2 elements, but the file holds 0'],
    ['of negative size', (w) => tensor(w, [-1], floats(1)), 'has the impossible shape [-1]'],
    [
      'of more elements than can be counted',
      (w) => tensor(w, [2 ** 30, 2 ** 30], floats(1)),
      'more than can be counted',
    ],
    [
      'of a size that overflows to none',
      (w) => tensor(w, [2 ** 32, 2 ** 32, 0], floats(0)),
      'more than can be counted',
    ],
    ['of more than the file has', (w) => tensor(w, [2 ** 40], floats(1)), 'but the file holds 4'],
    ['of a hundred axes', (w) => tensor(w, Array(100).fill(1), floats(1)), '100 axes'],
    ['of texts', (w) => tensor(w, [1], floats(1), 8), 'element type string, which is not supported'],
    ['of an unknown type', (w) => tensor(w, [1], floats(1), 99), 'element type 99'],
    ['elsewhere', (w) => elsewhere(w, { location: 'a' }), "lie in 'a'; give that file too"],
  ])('%s is refused', (_, write, message) => {
    expect(() => importModel(initializer(write))).toThrow(message);
  });

  it.each([
    [{ offset: '-1' }, "its offset is '-1'"],
    [{ offset: '1e3' }, "its offset is '1e3'"],
    [{ length: '99999999999999999999' }, 'its length is'],
    [{ length: '5' }, 'needs 4 bytes, but its place'],
  ])('at an impossible place is refused: %j', (entries, message) => {
    const file = initializer((w) => elsewhere(w, { location: 'a', ...entries }));
    expect(() => importModel(file, { external: () => floats(1) })).toThrow(message);
  });
});

function tensor(w: ProtobufWriter, shape: readonly number[], data?: Uint8Array, type = 1): void {
  for (const d of shape) w.int(1, d);
  w.int(2, type);
  if (data) w.raw(9, data);
}

function elsewhere(w: ProtobufWriter, entries: Readonly<Record<string, string>>): void {
  tensor(w, [1]);
  for (const [key, value] of Object.entries(entries)) {
    w.message(13, (e) => {
      e.string(1, key);
      e.string(2, value);
    });
  }
  w.int(14, 1);
}

describe('a file', () => {
  it('of a later version is refused', () => {
    expect(() => importModel(raw(() => undefined, 99))).toThrow('its IR version is 99, known are 3 to 13');
  });

  it('with fields of the wrong kind is refused', () => {
    expect(() => importModel(raw((w) => w.int(1, 5)))).toThrow('a field in it is of the wrong kind');
    expect(() => importModel(initializer((w) => w.string(1, 'ab')))).not.toThrow(TypeError);
    expect(() => importModel(initializer((w) => w.float(2, 1)))).toThrow('of the wrong kind');
  });

  it('with texts that are none is refused', () => {
    expect(() => importModel(raw((w) => w.message(1, (n) => n.raw(4, Uint8Array.of(255, 254)))))).toThrow(
      'not UTF-8',
    );
  });

  it('with a node of a thousand attributes is refused', () => {
    const file = raw((w) =>
      w.message(1, (node) => {
        for (let i = 0; i < 1000; i++) node.message(5, (a) => a.string(1, `a${i}`));
      }),
    );
    expect(() => importModel(file)).toThrow('a node of 1000 attributes');
  });

  it('that nests graphs without end is refused', () => {
    const nest = (depth: number): ModelNode => {
      const branch: InnerGraph = {
        name: 'b',
        nodes: depth === 0 ? [op('Exp', ['x'], 'y')] : [nest(depth - 1)],
        inputs: [],
        outputs: [{ name: 'y', dtype: 'float32', shape: [1, 2, 4, 4] }],
        initializers: [],
      };
      return { ...op('If', ['c'], 'y'), graphs: { then_branch: branch, else_branch: branch } };
    };
    const inputs = { x, c: scalar(1, 'bool') };
    expect(importModel(fileOf({ nodes: [nest(4)], inputs }, 18)).outputs.y.shape).toEqual([1, 2, 4, 4]);
    // One branch only, else the file would double with each.
    const chain = (depth: number): ModelNode => {
      const node = nest(0);
      if (depth === 0) return node;
      const inner = { ...node.graphs!.then_branch, nodes: [chain(depth - 1)] };
      return { ...node, graphs: { then_branch: inner, else_branch: nest(0).graphs!.then_branch } };
    };
    expect(() => importModel(fileOf({ nodes: [chain(40)], inputs }, 18))).toThrow('more than 32 deep');
  });

  it('of endless loops in loops leaves them loops', () => {
    const bool = { dtype: 'bool' as const, shape: [] };
    const endless = (depth: number): ModelNode => {
      const body: InnerGraph = {
        name: 'body',
        nodes: [
          op('Identity', [`going${depth}`], `goes${depth}`),
          depth === 0 ? op('Exp', [`in${depth}`], `out${depth}`) : endless(depth - 1),
        ],
        inputs: [
          { name: `i${depth}`, dtype: 'int64', shape: [] },
          { name: `going${depth}`, ...bool },
          { name: `in${depth}`, dtype: 'float32', shape: [2] },
        ],
        outputs: [
          { name: `goes${depth}`, ...bool },
          { name: `out${depth}`, dtype: 'float32', shape: [2] },
        ],
        initializers: [],
      };
      return {
        ...op('Loop', ['n', '', depth === 3 ? 'x' : `in${depth + 1}`], depth === 3 ? 'y' : `out${depth + 1}`),
        graphs: { body },
      };
    };
    const weights = { n: scalar(100_000, 'int64') };
    const file = fileOf({ nodes: [endless(3)], inputs: { x: numbers([2]) }, weights }, 18);
    expect(importModel(file).outputs.y.node.op).toBe('Loop');
    inLittle(() => compile(importModel(file).outputs).bytes);
  });

  it('that names what every object has is read by its names only', () => {
    for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
      const sketch = { nodes: [op('Exp', [name], 'y')], inputs: { [name]: x } };
      expect(() => importModel(fileOf({ nodes: [op(name, ['x'], 'y')], inputs: { x } }, 18))).toThrow(
        'is not known',
      );
      const file = fileOf({ ...sketch, inputs: Object.fromEntries([[name, x]]) }, 18);
      expect(importModel(file).outputs.y.shape).toEqual([1, 2, 4, 4]);
    }
  });
});

/** Operators with sizes that nobody can hold. */
const absurd: [string, Partial<Sketch>][] = [
  [
    'Range',
    { nodes: [op('Range', ['a', 'b', 'c'], 'y')], weights: { a: scalar(0), b: scalar(1e15), c: scalar(1) } },
  ],
  [
    'an endless Range',
    { nodes: [op('Range', ['a', 'b', 'c'], 'y')], weights: { a: scalar(0), b: scalar(1), c: scalar(0) } },
  ],
  ['ConstantOfShape', { nodes: [op('ConstantOfShape', ['s'], 'y')], weights: { s: int64(HUGE, 2) } }],
  [
    'ConstantOfShape of negative size',
    { nodes: [op('ConstantOfShape', ['s'], 'y')], weights: { s: int64(-5) } },
  ],
  ['Expand', { nodes: [op('Expand', ['x', 's'], 'y')], weights: { s: int64(HUGE, 2, 4, 4) } }],
  ['Tile', { nodes: [op('Tile', ['x', 's'], 'y')], weights: { s: int64(HUGE, 1, 1, 1) } }],
  [
    'Tile of a constant',
    { nodes: [op('Tile', ['w', 's'], 'y')], weights: { w: int64(1), s: int64(2 ** 50) } },
  ],
  ['Pad', { nodes: [op('Pad', ['x', 's'], 'y')], weights: { s: int64(0, 0, HUGE, 0, 0, 0, 0, 0) } }],
  [
    'Pad with mirrored borders',
    {
      nodes: [op('Pad', ['x', 's'], 'y', { mode: 'reflect' })],
      weights: { s: int64(0, 0, HUGE, 0, 0, 0, 0, 0) },
    },
  ],
  [
    'Pad that repeats',
    {
      nodes: [op('Pad', ['x', 's'], 'y', { mode: 'edge' })],
      weights: { s: int64(0, 0, HUGE, 0, 0, 0, 0, 0) },
    },
  ],
  ['Reshape', { nodes: [op('Reshape', ['x', 's'], 'y')], weights: { s: int64(2 ** 52, 2 ** 52, -1) } }],
  [
    'Resize to sizes',
    {
      nodes: [op('Resize', ['x', '', '', 's'], 'y', { mode: 'linear' })],
      weights: { s: int64(1, 2, HUGE, 4) },
    },
  ],
  [
    'Resize to large sizes',
    {
      nodes: [op('Resize', ['x', '', '', 's'], 'y', { mode: 'cubic' })],
      weights: { s: int64(1, 2, 2 ** 31, 4) },
    },
  ],
  [
    'Resize by scales',
    { nodes: [op('Resize', ['x', '', 's'], 'y')], weights: { s: hostTensor([1, 1, 1e30, 1], [4]) } },
  ],
  [
    'Resize by no number',
    { nodes: [op('Resize', ['x', '', 's'], 'y')], weights: { s: hostTensor([1, 1, NaN, 1], [4]) } },
  ],
  [
    'OneHot',
    {
      nodes: [op('OneHot', ['i', 'd', 'v'], 'y')],
      weights: { i: int64(1), d: scalar(2 ** 50, 'int64'), v: hostTensor([0, 1], [2]) },
    },
  ],
  [
    'EyeLike',
    {
      nodes: [op('ConstantOfShape', ['s'], 'z'), op('EyeLike', ['z'], 'y')],
      weights: { s: int64(2 ** 20, 2 ** 20) },
    },
  ],
  [
    'Trilu',
    {
      nodes: [op('ConstantOfShape', ['s'], 'z'), op('Trilu', ['z', 'k'], 'y')],
      weights: { s: int64(2 ** 18, 2 ** 18), k: scalar(0, 'int64') },
    },
  ],
  ['TopK', { nodes: [op('TopK', ['x', 'k'], ['y', 'z'])], weights: { k: int64(HUGE) } }],
  [
    'Split into more than there is',
    { nodes: [op('Split', ['x'], ['y', 'z'], { axis: 3, num_outputs: 2 ** 50 })] },
  ],
  ['DepthToSpace', { nodes: [op('DepthToSpace', ['x'], 'y', { blocksize: HUGE })] }],
  ['DepthToSpace by nothing', { nodes: [op('DepthToSpace', ['x'], 'y', { blocksize: 0 })] }],
  ['SpaceToDepth', { nodes: [op('SpaceToDepth', ['x'], 'y', { blocksize: -1 })] }],
  ['Conv by kernels that are none', { nodes: [op('Conv', ['x', 'w'], 'y')], weights: { w: numbers([2]) } }],
  [
    'Conv with borders',
    {
      nodes: [op('Conv', ['x', 'w'], 'y', { pads: [HUGE, 0, 0, 0] })],
      weights: { w: numbers([2, 2, 3, 3]) },
    },
  ],
  [
    'Conv with negative strides',
    { nodes: [op('Conv', ['x', 'w'], 'y', { strides: [-1, 0] })], weights: { w: numbers([2, 2, 3, 3]) } },
  ],
  [
    'Conv dilated',
    { nodes: [op('Conv', ['x', 'w'], 'y', { dilations: [HUGE, 1] })], weights: { w: numbers([2, 2, 3, 3]) } },
  ],
  [
    'Conv of no groups',
    { nodes: [op('Conv', ['x', 'w'], 'y', { group: 0 })], weights: { w: numbers([2, 2, 3, 3]) } },
  ],
  [
    'ConvTranspose',
    {
      nodes: [op('ConvTranspose', ['x', 'w'], 'y', { strides: [HUGE, HUGE] })],
      weights: { w: numbers([2, 2, 3, 3]) },
    },
  ],
  [
    'MaxPool',
    { nodes: [op('MaxPool', ['x'], 'y', { kernel_shape: [HUGE, HUGE], pads: [HUGE, HUGE, HUGE, HUGE] })] },
  ],
  ['MaxPool of no step', { nodes: [op('MaxPool', ['x'], 'y', { kernel_shape: [2, 2], strides: [0, 0] })] }],
  [
    'AveragePool',
    {
      nodes: [
        op('AveragePool', ['x'], 'y', { kernel_shape: [4, 4], pads: [3, 3, HUGE, HUGE], ceil_mode: 1 }),
      ],
    },
  ],
  ['LRN', { nodes: [op('LRN', ['x'], 'y', { size: HUGE })] }],
  [
    'GroupNormalization',
    {
      nodes: [op('GroupNormalization', ['x', 'w', 'w'], 'y', { num_groups: 0 })],
      weights: { w: numbers([2]) },
    },
  ],
  ['Einsum of too many axes', { nodes: [op('Einsum', ['x'], 'y', { equation: `${'a'.repeat(1e5)}->a` })] }],
  ['Einsum of none', { nodes: [op('Einsum', ['x'], 'y', { equation: '' })] }],
  ['Gather from nothing', { nodes: [op('Gather', ['x', 'i'], 'y', { axis: 99 })], weights: { i: int64(0) } }],
  [
    'Slice of too much',
    {
      nodes: [op('Slice', ['x', 'a', 'b', 'c', 'd'], 'y')],
      weights: { a: int64(-HUGE), b: int64(HUGE), c: int64(9), d: int64(1) },
    },
  ],
  [
    'Slice that stands still',
    {
      nodes: [op('Slice', ['x', 'a', 'b', 'c', 'd'], 'y')],
      weights: { a: int64(0), b: int64(2), c: int64(0), d: int64(0) },
    },
  ],
  ['Transpose', { nodes: [op('Transpose', ['x'], 'y', { perm: [0, 0, 1, 9] })] }],
  ['Concat', { nodes: [op('Concat', [], 'y', { axis: 0 })] }],
  [
    'CumSum',
    {
      nodes: [op('Range', ['a', 'b', 'c'], 'r'), op('CumSum', ['r', 'a'], 'y')],
      weights: { a: scalar(0, 'int64'), b: scalar(65000, 'int64'), c: scalar(1, 'int64') },
    },
  ],
  [
    'GridSample',
    {
      nodes: [op('GridSample', ['x', 'w'], 'y', { mode: 'bicubic' })],
      weights: { w: numbers([1, 0, 0, 2]) },
    },
  ],
  [
    'CenterCropPad',
    { nodes: [op('CenterCropPad', ['x', 's'], 'y')], weights: { s: int64(HUGE, HUGE, 1, 1) } },
  ],
];

/** Inputs as large as their file says, which nobody need have. */
const declared: [string, Sketch['nodes'][0], number[]][] = [
  ['Trilu', op('Trilu', ['x'], 'y'), [30_000, 30_000]],
  ['Einsum', op('Einsum', ['x'], 'y', { equation: 'ii->i' }), [30_000, 30_000]],
  ['Resize', op('Resize', ['x', '', '', 's'], 'y', { mode: 'linear' }), [1, 1, 30_000, 30_000]],
  [
    'Resize, smoothed',
    op('Resize', ['x', '', 'r'], 'y', { mode: 'linear', antialias: 1 }),
    [1, 1, 2 ** 30, 4],
  ],
  ['Pad that goes round', op('Pad', ['x', 'p'], 'y', { mode: 'wrap' }), [1, 1, 2, 2]],
  ['LRN', op('LRN', ['x'], 'y', { size: 2 ** 30 }), [1, 4, 2, 2]],
  ['LRN of many channels', op('LRN', ['x'], 'y', { size: 2 ** 30 }), [1, 2 ** 30, 2, 2]],
  ['AveragePool', op('AveragePool', ['x'], 'y', { kernel_shape: [2 ** 26, 1] }), [1, 1, 2 ** 28, 1]],
  ['GRU', op('GRU', ['x', 'w', 'q'], ['z', 'y'], { hidden_size: 2 }), [2 ** 26, 1, 3]],
  ['GatherND', op('GatherND', ['x', 'x'], 'y'), [2 ** 27, 1]],
];

describe('a declared size', () => {
  it.each(declared)('of %s is refused, or costs nothing', (_, node, shape) => {
    const weights = {
      s: int64(1, 1, 20_000, 20_000),
      r: hostTensor([1, 1, 1e-9, 1], [4]),
      p: int64(0, 0, 2 ** 30, 0, 0, 0, 0, 0),
      w: numbers([1, 6, 3]),
      q: numbers([1, 6, 2]),
    };
    const file = writeModel(
      {
        name: 'declared',
        nodes: [node],
        initializers: Object.entries(weights).map(([name, tensor]) => ({ name, tensor })),
        inputs: [{ name: 'x', shape, dtype: node.op === 'GatherND' ? 'int64' : 'float32' }],
        outputs: [{ name: 'y', shape: [], dtype: 'float32' }],
      },
      18,
    );
    inLittle(() => compile(importModel(file).outputs).bytes);
  });
});

/** @throws what is no GraphError; fails where it takes long, or much memory */
function inLittle(work: () => Uint8Array): void {
  const [start, memory] = [performance.now(), process.memoryUsage().rss];
  try {
    expect(work().length).toBeLessThan(16 * 2 ** 20);
  } catch (error) {
    expect(error).toBeInstanceOf(GraphError);
  }
  expect(performance.now() - start).toBeLessThan(10_000);
  expect(process.memoryUsage().rss - memory).toBeLessThan(512 * 2 ** 20);
}

describe('an absurd size', () => {
  it.each(absurd)('is refused, or costs nothing: %s', (_, sketch) => {
    const uses = sketch.nodes!.some((n) => n.inputs.includes('x'));
    const weights: Record<string, HostTensor> = { ...sketch.weights };
    const file = fileOf({ nodes: sketch.nodes!, inputs: uses ? { x } : {}, weights }, 18);
    inLittle(() => compile(importModel(file).outputs).bytes);
  });
});
