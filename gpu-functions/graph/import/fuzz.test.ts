import { readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as g from '../index.ts';
import type { InnerGraph, ModelNode } from '../model-writer.ts';
import { mutated, uniform } from './mutation.ts';
import { portsOf } from './ports.ts';
import { int64, numbers, op, scalar } from './testing.ts';

/** `npm run test:slow` tries this many; every run of the tests a few. */
const MUTATIONS = process.env.SLOW === '1' ? 12_000 : 300;
/** A mutated file of a few kilobytes must be done with in this time of the processor's: others may be busy on it. */
const MILLISECONDS = 5_000;
/** What reading a small file may add to the process's memory. */
const BYTES = 512 * 2 ** 20;

/** A network with a training step: convolutions, normalisation, attention, resampling, scattering, and a Loop. */
function trained(): g.Model {
  const image = g.input('image', [1, 4, 8, 8]);
  const kernels = g.constant(numbers([8, 4, 3, 3]));
  const features = g.leakyRelu(
    g.groupNorm(g.conv2d(image, kernels, { padding: [1, 1, 1, 1] }), 2, null, null),
  );
  const rows = g.reshape(
    g.transpose(g.upsampleNearest2d(g.averagePool2d(features, 2)), [0, 2, 3, 1]),
    [64, 8],
  );
  const attended = g.matmul(g.softmax(g.matmul(rows, g.transposeLast(rows))), rows);
  const summed = g.scatterAddRows(4, g.ints(Array.from({ length: 64 }, (_, i) => i % 4)), attended);
  const [slope] = g.gradients([g.sum(g.square(summed))], [image]);
  const { state } = g.loop(3, { point: slope }, ({ point }) => ({
    state: { point: g.sub(point, g.mul(g.tanh(point), 0.1)) },
    outputs: {},
  }));
  return g.compile({ summed, point: state.point });
}

const float = (name: string, shape: number[]): g.Port => ({ name, shape, dtype: 'float32' });
const branch = (node: ModelNode): InnerGraph => ({
  name: 'branch',
  nodes: [node],
  inputs: [],
  outputs: [float('t', [2, 3, 4])],
  initializers: [],
});

/** Sizes computed from shapes, conditions, and operators of several opsets. */
function exported(): Uint8Array {
  const condition: ModelNode = {
    ...op('If', ['c'], 'z'),
    graphs: { then_branch: branch(op('Exp', ['x'], 't')), else_branch: branch(op('Neg', ['x'], 't')) },
  };
  const weights = {
    zero: scalar(0, 'int64'),
    rest: int64(-1),
    low: scalar(-1),
    high: scalar(1),
    pads: int64(0, 1, 0, 1),
    none: g.hostTensor([], [0]),
    scales: g.hostTensor([1, 1, 2], [3]),
    k: int64(2),
  };
  return g.writeModel(
    {
      name: 'exported',
      nodes: [
        op('Shape', ['x'], 's'),
        op('Gather', ['s', 'zero'], 'n', { axis: 0 }),
        op('Unsqueeze', ['n'], 'rows', { axes: [0] }),
        op('Concat', ['rows', 'rest'], 'to', { axis: 0 }),
        op('Reshape', ['z', 'to'], 'flat'),
        op('Clip', ['flat', 'low', 'high'], 'clipped'),
        op('Pad', ['clipped', 'pads'], 'padded', { mode: 'edge' }),
        op('Split', ['padded'], ['p', 'q'], { axis: 1, split: [6, 8] }),
        op('Softmax', ['q'], 'y', { axis: 1 }),
        op('Resize', ['x', 'none', 'scales'], 'r', { mode: 'linear' }),
        op('TopK', ['r', 'k'], ['top', 'where'], { axis: 2 }),
        condition,
      ],
      inputs: [float('x', [2, 3, 4]), { name: 'c', shape: [], dtype: 'bool' }],
      outputs: [float('y', [2, 8]), float('p', [2, 6]), float('top', [2, 3, 2])],
      initializers: Object.entries(weights).map(([name, tensor]) => ({ name, tensor })),
    },
    11,
  );
}

const folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
afterAll(() => rmSync(folder, { recursive: true }));
const files: Uint8Array[] = [];
let weights: Uint8Array;
beforeAll(async () => {
  const model = trained();
  await g.saveModel(join(folder, 'apart.onnx'), model, { externalAbove: 100 });
  files.push(model.bytes, exported(), readFileSync(join(folder, 'apart.onnx')));
  weights = readFileSync(join(folder, 'apart.onnx.data'));
});

const external: g.ExternalFiles = (_, offset, length) => {
  if (offset + length > weights.length) throw new g.GraphError('the weights end before');
  return weights.subarray(offset, offset + length);
};

/** Milliseconds that this process has computed. */
function spent(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** @throws what is neither a value nor a GraphError */
function attempt(work: () => unknown): 'value' | 'error' {
  try {
    work();
    return 'value';
  } catch (error) {
    if (error instanceof g.GraphError) return 'error';
    throw error;
  }
}

describe('damaged model files', () => {
  it('are the models they were made from, undamaged', () => {
    for (const file of files) {
      expect(Object.keys(g.importModel(file, { external }).outputs)).not.toHaveLength(0);
      expect(portsOf(file).outputs).not.toHaveLength(0);
    }
  });

  it(
    `give a value or a GraphError, soon and in little memory: ${MUTATIONS} mutations`,
    { timeout: 3_600_000 },
    () => {
      const before = process.memoryUsage().rss;
      const results = { value: 0, error: 0 };
      for (let seed = 0; seed < MUTATIONS; seed++) {
        const bytes = mutated(files, uniform(seed));
        const start = spent();
        try {
          attempt(() => portsOf(bytes));
          results[attempt(() => g.compile(g.importModel(bytes, { external }).outputs).bytes)]++;
        } catch (error) {
          throw new Error(`mutation ${seed} is no GraphError`, { cause: error });
        }
        expect(spent() - start, `the time of mutation ${seed}`).toBeLessThan(MILLISECONDS);
        expect(process.memoryUsage().rss - before, `the memory after mutation ${seed}`).toBeLessThan(BYTES);
      }
      // Both happen, else the mutations would be too strong or too weak to show anything.
      expect(Math.min(results.value, results.error)).toBeGreaterThan(MUTATIONS / 20);
    },
  );
});
