import { describe, expect, it } from 'vitest';
import { gradients } from '../gradient.ts';
import { ProtobufWriter } from '../protobuf.ts';
import { writeModel, type InnerGraph, type ModelNode, type OpenPort, type Port } from '../model-writer.ts';
import { evaluate } from '../session.ts';
import { hostTensor, type HostTensor } from '../tensor.ts';
import { importModel } from './import-model.ts';
import { compare, compareFile, fileOf, int64, numbers, op, scalar } from './testing.ts';

const x = numbers([2, 3]);
const float = (name: string, shape: readonly number[] = [2, 3]): OpenPort => ({
  name,
  shape,
  dtype: 'float32',
});
const inner = (
  nodes: readonly ModelNode[],
  outputs: readonly OpenPort[],
  inputs: readonly OpenPort[] = [],
  initializers: Readonly<Record<string, HostTensor>> = {},
): InnerGraph => ({
  name: 'inner',
  nodes,
  inputs,
  outputs,
  initializers: Object.entries(initializers).map(([name, tensor]) => ({ name, tensor })),
});

/** y = c ? exp(x) · 3 : squeeze(unsqueeze(x)) of an opset in which Squeeze has an attribute. */
const choice: ModelNode = {
  ...op('If', ['c'], 'y'),
  graphs: {
    then_branch: inner([op('Exp', ['h'], 'e'), op('Mul', ['e', 'three'], 't')], [float('t')], [], {
      three: scalar(3),
    }),
    else_branch: inner(
      [op('Unsqueeze', ['h'], 'u', { axes: [0] }), op('Squeeze', ['u'], 's', { axes: [0] })],
      [float('s')],
    ),
  },
};

/** A graph that says nothing of the types of its outputs. */
const bare = (g: InnerGraph): InnerGraph => ({ ...g, outputs: g.outputs.map(({ name }) => ({ name })) });

describe('a condition', () => {
  it.each([1, 0])('that is known (%i) leaves its branch', async (c) => {
    const nodes = [op('Relu', ['x'], 'h'), choice];
    const { outputs, inputs } = await compare(
      { nodes, inputs: { x }, weights: { c: scalar(c, 'bool') } },
      11,
    );
    expect(outputs.y.node.op).not.toBe('If');
    expect(gradients([outputs.y], [inputs.x])).toHaveLength(1);
  });

  it.each([1, 0])(
    'that is open (%i) is taken over whole, branches converted, values from outside bound',
    async (c) => {
      const nodes = [op('Relu', ['x'], 'h'), choice];
      const { outputs, inputs } = await compare({ nodes, inputs: { x, c: scalar(c, 'bool') } }, 11);
      expect(outputs.y.node.op).toBe('If');
      expect(() => gradients([outputs.y], [inputs.x])).toThrow(
        "the operator If 'y' has no gradient rule; differentiate something before it, or stop the gradient at its inputs. Path from output to input: If 'y' ← Relu 'h' ← Input 'x'",
      );
    },
  );

  it('of branches of undeclared shapes has those that they are found to have', async () => {
    const graphs = Object.fromEntries(Object.entries(choice.graphs!).map(([key, g]) => [key, bare(g)]));
    const nodes = [op('Relu', ['x'], 'h'), { ...choice, graphs }, op('Neg', ['y'], 'z')];
    await compare({ nodes, inputs: { x, c: scalar(1, 'bool') }, outputs: ['z'] }, 11);
  });

  it('may give values from outside, and lie in another', async () => {
    const nested: ModelNode = {
      ...op('If', ['c'], 'y'),
      graphs: {
        then_branch: inner([], [float('x')]),
        else_branch: inner(
          [
            {
              ...op('If', ['d'], 'z'),
              graphs: { then_branch: inner([], [float('x')]), else_branch: choice.graphs!.then_branch },
            },
          ],
          [float('z')],
        ),
      },
    };
    const nodes = [op('Relu', ['x'], 'h'), op('Not', ['c'], 'd'), { ...nested, graphs: nested.graphs! }];
    for (const c of [0, 1]) {
      const imported = importModel(fileOf({ nodes, inputs: { x, c: scalar(c, 'bool') } }, 13));
      expect(imported.outputs.y.shape).toEqual([2, 3]);
    }
  });
});

describe('a loop', () => {
  const loop: ModelNode = {
    ...op('Loop', ['n', 'go', 'x'], ['y', 'rows']),
    graphs: {
      body: inner(
        [
          op('Identity', ['going'], 'goes'),
          op('Mul', ['carried', 'h'], 'next'),
          op('ReduceSum', ['next'], 'row', { keepdims: 0 }),
        ],
        [{ name: 'goes', dtype: 'bool', shape: [] }, float('next'), float('row', [])],
        [
          { name: 'i', dtype: 'int64', shape: [] },
          { name: 'going', dtype: 'bool', shape: [] },
          float('carried'),
        ],
      ),
    },
  };
  const nodes = [op('Sigmoid', ['x'], 'h'), loop];

  it('is taken over whole', async () => {
    const inputs = { x, n: scalar(3, 'int64'), go: scalar(1, 'bool') };
    const { outputs } = await compare({ nodes, inputs }, 13);
    expect(outputs.y.node.op).toBe('Loop');
  });

  it('of which the number of iterations is known is written out, and has gradients', async () => {
    const weights = { n: scalar(3, 'int64'), go: scalar(1, 'bool') };
    const { outputs, inputs } = await compare({ nodes, inputs: { x }, weights, outputs: ['y', 'rows'] }, 13);
    expect(outputs.rows.shape).toEqual([3]);
    expect(gradients([outputs.y, outputs.rows], [inputs.x])).toHaveLength(1);
  });

  it('that ends by a condition that is known, and grows what it carries, is written out', async () => {
    const growing: ModelNode = {
      ...op('Loop', ['', '', 'x', 'k'], ['y', 'last', 'firsts']),
      graphs: {
        body: inner(
          [
            op('Concat', ['carried', 'w'], 'next', { axis: 0 }),
            op('Add', ['at', 'one'], 'after'),
            op('Less', ['after', 'end'], 'goes'),
            op('Identity', ['at'], 'first'),
          ],
          [
            { name: 'goes', dtype: 'bool', shape: [] },
            float('next', [-1, 3]),
            { name: 'after', dtype: 'int64', shape: [] },
            { name: 'first', dtype: 'int64', shape: [] },
          ],
          [
            { name: 'i', dtype: 'int64', shape: [] },
            { name: 'going', dtype: 'bool', shape: [] },
            float('carried', [-1, 3]),
            { name: 'at', dtype: 'int64', shape: [] },
          ],
          { w: numbers([1, 3], 4), end: scalar(4, 'int64') },
        ),
      },
    };
    const weights = { k: scalar(1, 'int64'), one: scalar(1, 'int64') };
    const sketch = { nodes: [growing], inputs: { x }, weights, outputs: ['y', 'last', 'firsts'] };
    const { outputs, initializers } = await compare(sketch, 16);
    expect(outputs.y.shape).toEqual([5, 3]);
    const [slope] = gradients([outputs.y], [initializers.w]);
    expect([...(await evaluate({ slope })).slope.data]).toEqual([3, 3, 3]);
  });

  it('has outputs of a number of rows that must be declared', () => {
    const inputs = { x, n: scalar(3, 'int64'), go: scalar(1, 'bool') };
    expect(() => importModel(fileOf({ nodes, inputs, outputs: ['rows'] }, 13))).toThrow(
      "Loop 'y' cannot be imported: what it does is open until the model runs, and the shape of its output 'rows' is not in the file; infer shapes",
    );
  });
});

const typed = (nodes: readonly ModelNode[], inputs: readonly OpenPort[], y: OpenPort): Uint8Array =>
  writeModel({ name: 'whole', nodes, initializers: [], inputs: inputs as Port[], outputs: [y as Port] }, 17);

describe('an operator of others', () => {
  const w = numbers([3], 2);
  const theirs: [string, ModelNode, Record<string, HostTensor>][] = [
    ['Gelu', op('Gelu', ['x'], 'y'), {}],
    ['BiasGelu', op('BiasGelu', ['x', 'w'], 'y'), { w }],
    ['FastGelu', op('FastGelu', ['x', 'w'], 'y'), { w }],
    ['QuickGelu', op('QuickGelu', ['x'], 'y', { alpha: { float: 1.5 } }), {}],
    ['FusedMatMul', op('FusedMatMul', ['x', 'x'], 'y', { transA: 1, alpha: { float: 0.5 } }), {}],
    [
      'FusedGemm',
      op('FusedGemm', ['x', 'm', 'w'], 'y', { activation: 'LeakyRelu', activation_alpha: { float: 0.2 } }),
      { m: numbers([3, 3]), w },
    ],
    [
      'SkipLayerNormalization',
      op('SkipLayerNormalization', ['x', 'x', 'w', 'b'], 'y'),
      { w, b: numbers([3]) },
    ],
    ['SkipSimplifiedLayerNormalization', op('SkipSimplifiedLayerNormalization', ['x', 'x', 'w'], 'y'), { w }],
  ];

  it.each(theirs)('that says what ONNX can say is imported: %s', async (_, plain, weights) => {
    // Some of them take only three axes.
    const skips = plain.op.startsWith('Skip');
    const inputs = { x: skips ? numbers([1, 2, 3]) : x };
    const node: ModelNode = { ...plain, domain: 'com.microsoft' };
    const { outputs, ...imported } = await compare({ nodes: [node], inputs, weights }, 17);
    expect(gradients([outputs.y], [imported.inputs.x])).toHaveLength(1);
  });

  it('is taken over whole where its shape is declared', () => {
    const strange: ModelNode = { ...op('Strange', ['x'], 'y'), domain: 'com.example' };
    expect(() => importModel(fileOf({ nodes: [strange], inputs: { x } }, 17))).toThrow(
      "com.example.Strange 'y' cannot be imported: the operator is not known, and the shape of its output 'y'",
    );
  });

  it('that ONNX Runtime knows computes, with attributes of every kind', async () => {
    const square = hostTensor([2, 1, 0, 4], [2, 2]);
    const inverse: ModelNode = { ...op('Inverse', ['x'], 'y'), domain: 'com.microsoft' };
    const two = float('x', [2, 2]);
    const inverted = await compareFile(typed([inverse], [two], float('y', [2, 2])), {
      inputs: { x: square },
    });
    expect(inverted.outputs.y.node.op).toBe('Inverse');
    const counting = op('TfIdfVectorizer', ['x'], 'y', {
      mode: 'TFIDF',
      min_gram_length: 1,
      max_gram_length: 1,
      max_skip_count: 0,
      ngram_counts: [0],
      ngram_indexes: [1, 0, 2],
      pool_int64s: [5, 7, 9],
      weights: { floats: [0.5, 2, 3] },
    });
    const words: OpenPort = { name: 'x', shape: [4], dtype: 'int64' };
    await compareFile(typed([counting], [words], float('y', [3])), { inputs: { x: int64(7, 5, 9, 7) } });
  });

  it('newer than opset 18 is refused', () => {
    const file = fileOf({ nodes: [op('DeformConv', ['x', 'x', 'x'], 'y')], inputs: { x } }, 19);
    expect(() => importModel(file)).toThrow(
      "DeformConv 'y' cannot be imported: the operator is newer than opset 18",
    );
  });
});

/** A FunctionProto of the domain "own": its nodes are those of a model written for it. */
function withFunction(
  file: Uint8Array,
  f: {
    name: string;
    inputs: string[];
    outputs: string[];
    attributes: string[];
    nodes: (w: ProtobufWriter) => void;
  },
): Uint8Array {
  const writer = new ProtobufWriter();
  writer.message(25, (w) => {
    w.string(1, f.name);
    for (const name of f.inputs) w.string(4, name);
    for (const name of f.outputs) w.string(5, name);
    for (const name of f.attributes) w.string(6, name);
    f.nodes(w);
    w.message(9, (o) => o.int(2, 17));
    w.message(9, (o) => {
      o.string(1, 'own');
      o.int(2, 1);
    });
    w.string(10, 'own');
  });
  return Buffer.concat([file, writer.bytes()]);
}

function node(
  w: ProtobufWriter,
  name: string,
  inputs: string[],
  outputs: string[],
  own = false,
  reference?: string,
): void {
  w.message(7, (n) => {
    for (const i of inputs) n.string(1, i);
    for (const o of outputs) n.string(2, o);
    n.string(4, name);
    if (own) n.string(7, 'own');
    if (!reference) return;
    n.message(5, (a) => {
      a.string(1, reference);
      a.int(20, 1);
      a.string(21, reference);
    });
  });
}

describe('a function that the model brings along', () => {
  const call: ModelNode = { ...op('Twice', ['x', 'w'], 'y', { alpha: { float: 0.3 } }), domain: 'own' };
  const file = fileOf({ nodes: [call], inputs: { x }, weights: { w: numbers([3], 1) } }, 17);
  const leaky = {
    name: 'Leak',
    inputs: ['a'],
    outputs: ['b'],
    attributes: ['alpha'],
    nodes: (w: ProtobufWriter) => node(w, 'LeakyRelu', ['a'], ['b'], false, 'alpha'),
  };

  it('is written out, with its attributes, where it is called', async () => {
    const twice = {
      name: 'Twice',
      inputs: ['p', 'q'],
      outputs: ['r'],
      attributes: ['alpha'],
      nodes: (w: ProtobufWriter) => {
        node(w, 'Add', ['p', 'q'], ['s']);
        node(w, 'Leak', ['s'], ['t'], true, 'alpha');
        node(w, 'Mul', ['t', 's'], ['r']);
      },
    };
    const bytes = withFunction(withFunction(file, twice), leaky);
    const { outputs, inputs, initializers } = await compareFile(bytes, { inputs: { x } });
    expect(gradients([outputs.y], [inputs.x, initializers.w])).toHaveLength(2);
  });

  it('may not call itself', () => {
    const endless = {
      name: 'Twice',
      inputs: ['p', 'q'],
      outputs: ['r'],
      attributes: ['alpha'],
      nodes: (w: ProtobufWriter) => node(w, 'Twice', ['p', 'q'], ['r'], true),
    };
    expect(() => importModel(withFunction(file, endless))).toThrow('function own.Twice calls itself');
  });
});

describe('a choice by indices that are known', () => {
  it('keeps no trace of them', async () => {
    const weights = { i: hostTensor([1, 0], [2, 1], 'int64'), s: int64(2, 1) };
    const nodes = [op('GatherND', ['x', 'i'], 'g'), op('Slice', ['g', 'zero', 's'], 'y')];
    const { inputs, outputs } = await compare(
      { nodes, inputs: { x }, weights: { ...weights, zero: int64(0, 0) } },
      17,
    );
    expect(gradients([outputs.y], [inputs.x])).toHaveLength(1);
  });
});
