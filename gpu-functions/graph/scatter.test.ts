import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  add,
  compile,
  evaluate,
  float32,
  gather,
  gradients,
  hostTensor,
  input,
  ints,
  loop,
  mul,
  openSession,
  saveModel,
  scatterAddRows,
  slice,
  sum,
  zeros,
  type Session,
  type Value,
} from './index.ts';
import { portsOf } from './import/ports.ts';
import { ProtobufWriter } from './protobuf.ts';

/** Many updates of few rows: with several threads, ONNX Runtime's kernel loses some of them. */
const [UPDATES, ROWS, CHANNELS, RUNS] = [20_000, 8, 4, 100];

const indices = input('indices', [UPDATES], 'int64');
const updates = input('updates', [UPDATES, CHANNELS]);
const feeds = {
  indices: hostTensor(
    BigInt64Array.from({ length: UPDATES }, (_, i) => BigInt((i * 5 + (i >> 3)) % ROWS)),
    [UPDATES],
  ),
  // Whole numbers, whose sums are exact in any order.
  updates: hostTensor(
    Float32Array.from({ length: UPDATES * CHANNELS }, (_, i) => (i % 7) - 2),
    [UPDATES, CHANNELS],
  ),
};

function expected(times: number): Float32Array {
  const sums = new Float32Array(ROWS * CHANNELS);
  for (let i = 0; i < UPDATES; i++) {
    for (let c = 0; c < CHANNELS; c++) {
      sums[Number(feeds.indices.data[i]) * CHANNELS + c] +=
        times * (feeds.updates.data as Float32Array)[i * CHANNELS + c];
    }
  }
  return sums;
}

const once = (): Value => scatterAddRows(ROWS, indices, updates);
const inLoop = (): Value =>
  loop(2, { total: zeros([ROWS, CHANNELS]) }, ({ total }) => ({
    state: { total: add(total, scatterAddRows(ROWS, indices, add(updates, mul(slice(total, 0, 0, 1), 0)))) },
    outputs: {},
  })).state.total;

describe.each([
  ['a graph', once, 1],
  ['the body of a loop', inLoop, 2],
] as const)('a scatter in %s', (_, build, times) => {
  const model = compile({ y: build() });

  async function sumsRightly(session: Session): Promise<void> {
    const wanted = expected(times);
    for (let run = 0; run < RUNS; run++) expect(float32((await session.run(feeds)).y)).toEqual(wanted);
  }

  it('is known, and adds every update in 100 runs, whatever threads are asked for', async () => {
    expect(model.scatters).toBe(true);
    const session = await openSession(model, { threads: 4, inline: true });
    await sumsRightly(session);
    await session.close();
  });

  it('does so when opened from a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'scatter-'));
    try {
      const path = join(folder, 'model.onnx');
      await saveModel(path, model);
      const session = await openSession({ path }, { threads: 4, inline: true });
      await sumsRightly(session);
      await session.close();
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('gradients of several gathers from one tensor', () => {
  it('are scattered onto each other, without sums of whole tensors', async () => {
    const table = input('table', [5, 2]);
    const take = (...at: number[]): Value => gather(table, ints(at));
    const [g] = gradients([sum(take(0, 1, 1)), sum(mul(take(1, 4), 3))], [table]);
    const ops = compile({ g }).graph.nodes.map((n) => n.op);
    expect(ops.filter((op) => op === 'ScatterND')).toHaveLength(2);
    expect(ops).not.toContain('Add');
    const out = await evaluate({ g });
    expect([...float32(out.g)]).toEqual([1, 1, 5, 5, 0, 0, 0, 0, 3, 3]);
  });

  it('start from zeros even where updates are not numbers', async () => {
    const rows = 2 ** 17;
    const u = input('u', [1, 2]);
    const y = scatterAddRows(rows, ints([3]), u);
    const out = await evaluate({ y: sum(y, [1]) }, { u: hostTensor(Float32Array.of(Number.NaN, 1), [1, 2]) });
    const found = float32(out.y);
    expect(found[3]).toBeNaN();
    expect(found.every((x, i) => i === 3 || x === 0)).toBe(true);
  });
});

it('is known of a file that defines a function which scatters', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'scatter-'));
  try {
    const path = join(folder, 'model.onnx');
    await saveModel(path, compile({ y: mul(input('x', [2]), 2) }));
    const plain = await readFile(path);
    // ModelProto.functions is field 25; a FunctionProto's nodes are field 7, an operator's name field 4. Messages may be appended.
    const definition = new ProtobufWriter();
    definition.message(25, (f) => {
      f.string(1, 'Accumulate');
      f.message(7, (node) => node.string(4, 'ScatterND'));
    });
    expect(portsOf(plain).scatters).toBe(false);
    expect(portsOf(Buffer.concat([plain, definition.bytes()])).scatters).toBe(true);
  } finally {
    await rm(folder, { recursive: true });
  }
});
