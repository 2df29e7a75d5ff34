import { describe, expect, it } from 'vitest';
import * as g from '../index.ts';
import type { ModelNode } from '../model-writer.ts';
import { ProtobufWriter } from '../protobuf.ts';

const node = (op: string, inputs: string[], outputs: string[], attributes: ModelNode['attributes'] = {}) => ({
  op,
  inputs,
  outputs,
  attributes,
});
const float = (name: string, shape: number[]): g.Port => ({ name, shape, dtype: 'float32' });
const model = (
  nodes: readonly ModelNode[],
  inputs: readonly g.Port[],
  outputs: readonly g.Port[],
  initializers: Readonly<Record<string, g.HostTensor>> = {},
  opset = 18,
): Uint8Array =>
  g.writeModel(
    {
      name: 'g',
      nodes,
      inputs,
      outputs,
      initializers: Object.entries(initializers).map(([name, tensor]) => ({ name, tensor })),
    },
    opset,
  );
const int64 = (...list: number[]): g.HostTensor => g.hostTensor(list, [list.length], 'int64');

const ofOpset = (opset: number): Uint8Array =>
  model([node('Exp', ['x'], ['y'])], [float('x', [1])], [float('y', [1])], {}, opset);

describe('importModel', () => {
  it('refuses opsets that it does not know', () => {
    expect(() => g.importModel(ofOpset(6))).toThrow(
      'is of ONNX opset 6; export it with an opset from 11 to 21',
    );
    expect(() => g.importModel(ofOpset(22))).toThrow('opset 22');
  });

  it('asks for the sizes that the file leaves open, naming input and axis', () => {
    const open = model([node('Exp', ['x'], ['y'])], [float('x', [-1, 2])], [float('y', [-1, 2])]);
    expect(() => g.importModel(open)).toThrow(
      "leaves axis 0 of its input 'x' open, [?, 2]; give its shape in 'shapes'",
    );
    expect(g.importModel(open, { shapes: { x: [5, 2] } }).outputs.y.shape).toEqual([5, 2]);
    expect(g.importModel(open, { inputs: { x: g.input('x', [4, 2]) } }).outputs.y.shape).toEqual([4, 2]);
    expect(() => g.importModel(open, { shapes: { x: [5, 3] } })).toThrow(
      '[?, 2], not [5, 3]: axis 1 should be 2',
    );
    expect(() => g.importModel(open, { shapes: { x: [5] } })).toThrow('it has 2 axes');
    expect(() => g.importModel(open, { shapes: { z: [5] } })).toThrow("no input 'z'; it has x");
    expect(() => g.importModel(open, { inputs: { x: g.input('x', [4, 2], 'int64') } })).toThrow(
      'is float32, not int64',
    );
  });

  it('imports only what the wanted outputs need', () => {
    const bytes = model(
      [node('Exp', ['x'], ['h']), node('Strange', ['h'], ['z']), node('Sqrt', ['h'], ['y'])],
      [float('x', [3])],
      [float('y', [3]), float('z', [-1])],
    );
    expect(() => g.importModel(bytes)).toThrow(
      "Strange 'z' cannot be imported: the operator is not known, and the shape of its output 'z'",
    );
    expect(Object.keys(g.importModel(bytes, { outputs: ['y'] }).outputs)).toEqual(['y']);
    expect(g.importModel(bytes, { outputs: ['h'] }).outputs.h.node.op).toBe('Exp');
  });

  it('takes nodes in any order, and refuses circles', () => {
    const shuffled = [node('Sqrt', ['h'], ['y']), node('Exp', ['x'], ['h'])];
    const ports = [[float('x', [3])], [float('y', [3])]] as const;
    expect(g.importModel(model(shuffled, ...ports)).outputs.y.node.op).toBe('Sqrt');
    const circle = [node('Sqrt', ['h'], ['y']), node('Exp', ['y'], ['h'])];
    expect(() => g.importModel(model(circle, ...ports))).toThrow("goes in a circle through its Sqrt 'y'");
  });

  it('keeps a parameter of one element differentiable', async () => {
    const bytes = model([node('Mul', ['x', 'gain'], ['y'])], [float('x', [3])], [float('y', [3])], {
      gain: g.hostTensor([1], [1]),
    });
    const { outputs, initializers } = g.importModel(bytes);
    const [slope] = g.gradients([outputs.y], [initializers.gain]);
    const out = await g.evaluate({ slope }, { x: g.hostTensor([1, 2, 4], [3]) });
    expect([...out.slope.data]).toEqual([7]);
  });

  it('knows the value of a parameter that sizes are computed from, and differentiates through it', async () => {
    const bytes = model(
      [
        node('Mul', ['half', 'two'], ['n']),
        node('Cast', ['n'], ['m'], { to: 7 }),
        node('Expand', ['n', 'm'], ['row']),
        node('Mul', ['x', 'row'], ['y']),
      ],
      [float('x', [1])],
      [float('y', [3])],
      { half: g.hostTensor([1.5], [1]), two: g.hostTensor([2], [1]) },
    );
    const { outputs, initializers } = g.importModel(bytes);
    expect(outputs.y.shape).toEqual([3]);
    const [slope] = g.gradients([outputs.y], [initializers.half]);
    const out = await g.evaluate({ slope }, { x: g.hostTensor([5], [1]) });
    expect([...out.slope.data]).toEqual([30]);
  });

  it('names what is not there', () => {
    const bytes = model([node('Add', ['x', 'w'], ['y'])], [float('x', [1])], [float('y', [1])]);
    expect(() => g.importModel(bytes)).toThrow("Add 'y' reads 'w', which nothing makes");
    expect(() => g.importModel(bytes, { outputs: ['q'] })).toThrow(
      "the model has no value 'q'; its outputs are y",
    );
    const unknown = model(
      [node('Reshape', ['x', 's'], ['y'])],
      [float('x', [1]), { name: 's', shape: [1], dtype: 'int64' }],
      [float('y', [1])],
    );
    expect(() => g.importModel(unknown)).toThrow(
      "Reshape 'y' cannot be imported: its input 's' must be known",
    );
  });

  it('folds what sizes are computed with', () => {
    const bytes = model(
      [
        node('Shape', ['x'], ['s']),
        node('Gather', ['s', 'zero'], ['batch']),
        node('Unsqueeze', ['batch', 'first'], ['b']),
        node('Concat', ['b', 'rest'], ['to'], { axis: 0 }),
        node('Reshape', ['x', 'to'], ['y']),
      ],
      [float('x', [2, 3, 4])],
      [float('y', [2, 12])],
      { zero: g.hostTensor([0], [], 'int64'), first: int64(0), rest: int64(-1) },
    );
    const { y } = g.importModel(bytes).outputs;
    expect(y.shape).toEqual([2, 12]);
    expect(g.compile({ y }).nodeCount).toBe(2);
  });

  it('says so when the bytes are no model', () => {
    expect(() => g.importModel(new Uint8Array([10, 200]))).toThrow(/ends in the middle|not an ONNX model/);
    const empty = new ProtobufWriter();
    empty.int(1, 8);
    expect(() => g.importModel(empty.bytes())).toThrow('not an ONNX model');
  });
});
