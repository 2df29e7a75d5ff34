import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as g from './index.ts';

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
    expect(() => g.importModel(bytes)).toThrow("lie in 'large.onnx.data'; give that file too");
    const data = await readFile(`${path}.data`);
    const external = (_: string, offset: number, length: number) => data.subarray(offset, offset + length);
    const read = g.importModel(bytes, { external });
    expect(Object.values(read.initializers).map((v) => v.shape)).toContainEqual([8, 4, 3, 3]);
  });

  it('are imported as graphs that compute, and differentiate, the same', async () => {
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

  it('end at 2 GB', () => {
    // Never written to, these weights take no memory.
    const large = g.constant(g.hostTensor(new Float32Array(2 ** 29), [2 ** 29]));
    expect(() => g.compile({ y: large }).bytes).toThrow('save it by saveModel');
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
