import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as g from './index.ts';
import { ProtobufWriter } from './protobuf.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'graph-'));
});
afterAll(() => rm(folder, { recursive: true }));

const x = g.input('x', [1, 4, 6, 6]);
const numbers = (shape: g.Shape, seed = 0): g.HostTensor =>
  g.hostTensor(
    Array.from({ length: g.sizeOf(shape) }, (_, i) => Math.sin(i * 1.3 + seed)),
    shape,
  );
/** A value through many operators. */
function network(v: g.Value): g.Value {
  const w = g.constant(numbers([8, 4, 3, 3]));
  const a = g.leakyRelu(
    g.groupNorm(g.conv2d(v, w, { padding: [1, 0, 1, 2], stride: [1, 1] }), 2, null, null),
  );
  const [b, c] = g.split(g.upsampleNearest2d(g.slice(a, 3, 0, 6), 2), 1, [4, 4]);
  const d = g.pad(
    g.flip(g.where(g.less(b, c), g.clamp(b, -1, 0.5), g.silu(c)), [2]),
    [0, 0, 1, 0],
    [0, 0, 0, 1],
  );
  const even = g.averagePool2d(g.slice(g.slice(d, 2, 0, 12), 3, 0, 12), 2);
  const e = g.convTranspose2d(even, g.constant(numbers([4, 2, 2, 2])), { stride: 2 });
  const rows = g.reshape(g.transpose(e, [0, 2, 3, 1]), [-1, 2]);
  const added = g.scatterAddRows(5, g.ints(Array.from({ length: rows.shape[0] }, (_, i) => i % 5)), rows);
  const f = g.matmul(g.layerNorm(added, g.constant(numbers([2])), null), g.constant(numbers([2, 6], 1)));
  return g.add(g.softmax(f), g.cumsum(g.gather(g.reduceMax(f, [0], true), g.ints([0, 0, 0, 0, 0])), 1));
}
const model = g.compile({ y: network(x) }, { name: 'many' });
const feeds = { x: numbers([1, 4, 6, 6], 5) };
const compute = async (m: g.Model | { path: string }): Promise<g.HostTensor> => {
  const session = await g.openSession(m, { inline: true });
  try {
    return (await session.run(feeds)).y;
  } finally {
    await session.close();
  }
};

describe('model files', () => {
  it('open again and compute the same', async () => {
    const path = join(folder, 'small.onnx');
    await g.saveModel(path, model);
    expect((await compute({ path })).data).toEqual((await compute(model)).data);
  });

  it('keep large weights in a file beside them', async () => {
    const path = join(folder, 'large.onnx');
    await g.saveModel(path, model, { externalAbove: 100 });
    expect((await stat(path)).size).toBeLessThan(model.bytes.length);
    expect((await compute({ path })).data).toEqual((await compute(model)).data);
    const bytes = await readFile(path);
    expect(() => g.readModel(bytes)).toThrow("lie in 'large.onnx.data'; give that file too");
    const data = await readFile(`${path}.data`);
    const read = g.readModel(bytes, () => data);
    expect([...read.initializers.values()].map((t) => t.shape)).toContainEqual([8, 4, 3, 3]);
  });

  it('tell their ports and whether they scatter', async () => {
    const path = join(folder, 'ports.onnx');
    await g.saveModel(path, model);
    const session = await g.openSession({ path }, { inline: true });
    expect(session.inputs).toEqual([{ name: 'x', shape: [1, 4, 6, 6], dtype: 'float32' }]);
    expect(session.outputs).toEqual([{ name: 'y', shape: [5, 6], dtype: 'float32' }]);
    await session.close();
  });
});

describe('importModel', () => {
  it('gives back a model that computes, and differentiates, the same', async () => {
    const imported = g.importModel(model.bytes, { inputs: { x } });
    const direct = network(x);
    const found = await g.evaluate(
      { y: imported.outputs.y, slope: g.gradients([imported.outputs.y], [x])[0] },
      feeds,
    );
    const wanted = await g.evaluate({ y: direct, slope: g.gradients([direct], [x])[0] }, feeds);
    for (const key of ['y', 'slope']) {
      const [a, b] = [g.float32(found[key]), g.float32(wanted[key])];
      for (const [i, v] of b.entries()) expect(a[i]).toBeCloseTo(v, 4);
    }
  });

  it('names the operator it does not know', () => {
    const graph = {
      name: 'g',
      initializers: [],
      inputs: model.inputs,
      outputs: [{ name: 'y', shape: [1], dtype: 'float32' as const }],
    };
    const strange = g.writeModel(
      { ...graph, nodes: [{ op: 'Einsum', inputs: ['x'], outputs: ['y'], attributes: {} }] },
      18,
    );
    expect(() => g.importModel(strange)).toThrow('the ONNX operator Einsum');
    const odd = {
      op: 'MaxPool',
      inputs: ['x'],
      outputs: ['y'],
      attributes: { kernel_shape: [3, 3], strides: [2, 2] },
    };
    expect(() => g.importModel(g.writeModel({ ...graph, nodes: [odd] }, 18))).toThrow(
      'only pooling by square blocks',
    );
    expect(() => g.importModel(g.writeModel({ ...graph, nodes: [] }, 21))).toThrow('opset 21');
  });

  it('refuses an open shape unless given, and another shape than declared', () => {
    expect(() => g.importModel(model.bytes, { inputs: { x: g.input('x', [1, 3, 6, 6]) } })).toThrow(
      'not float32 [1, 3, 6, 6]',
    );
    const open = g.writeModel(
      {
        name: 'g',
        nodes: [{ op: 'Exp', inputs: ['x'], outputs: ['y'], attributes: {} }],
        initializers: [],
        inputs: [{ name: 'x', shape: [-1, 2], dtype: 'float32' }],
        outputs: [{ name: 'y', shape: [-1, 2], dtype: 'float32' }],
      },
      18,
    );
    expect(() => g.importModel(open)).toThrow("leaves the shape of its input 'x' open");
    expect(g.importModel(open, { inputs: { x: g.input('x', [5, 2]) } }).outputs.y.shape).toEqual([5, 2]);
  });

  it('keeps a parameter of one element differentiable', async () => {
    const bytes = g.writeModel(
      {
        name: 'g',
        nodes: [{ op: 'Mul', inputs: ['x', 'gain'], outputs: ['y'], attributes: {} }],
        initializers: [{ name: 'gain', tensor: g.hostTensor([1], [1]) }],
        inputs: [{ name: 'x', shape: [3], dtype: 'float32' }],
        outputs: [{ name: 'y', shape: [3], dtype: 'float32' }],
      },
      18,
    );
    const { outputs, initializers } = g.importModel(bytes);
    const [slope] = g.gradients([outputs.y], [initializers.gain]);
    const out = await g.evaluate({ slope }, { x: g.hostTensor([1, 2, 4], [3]) });
    expect([...out.slope.data]).toEqual([7]);
  });

  it('says so when the bytes are no model', () => {
    expect(() => g.importModel(new Uint8Array([10, 200]))).toThrow(/ends in the middle|not an ONNX model/);
    const empty = new ProtobufWriter();
    empty.int(1, 8);
    expect(() => g.importModel(empty.bytes())).toThrow('not an ONNX model');
  });
});
