import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  add,
  compile,
  concat,
  constant,
  exp,
  gradients,
  hostTensor,
  input,
  loop,
  matmul,
  mul,
  openSession,
  reshape,
  sum,
  transpose,
  type Value,
} from './index.ts';

const KIB = 1024;
/** 1 KiB of float32. */
const row = (name: string): Value => input(name, [256]);

describe('the memory forecast', () => {
  it('counts weights once, and what lives at the same time', () => {
    const x = row('x');
    const weight = constant(hostTensor(new Float32Array(512), [512]));
    const { memory } = compile({ y: add(concat([x, x], 0), weight) });
    expect(memory.weights).toBe(2 * KIB);
    // The sum may overwrite the joined rows; then it is copied to the caller.
    expect(memory.peak).toBe(2 * KIB + 2 * 2 * KIB);
  });

  it('frees a tensor after its last reader', () => {
    let y: Value = input('x', [64, 64]);
    for (let i = 0; i < 10; i++) y = transpose(matmul(y, y), [1, 0]);
    // A product and its transpose, however long the chain; or the result and its copy.
    expect(compile({ y }).memory.peak).toBe(2 * 16 * KIB);
  });

  it('keeps what the gradient needs', () => {
    const x = row('x');
    const chain = (n: number): number => {
      let y: Value = x;
      for (let i = 0; i < n; i++) y = exp(mul(y, 0.5));
      return compile({ g: gradients([sum(y)], [x])[0] }).memory.peak;
    };
    expect((chain(20) - chain(10)) / 10).toBe(KIB);
  });

  it('shares memory between views of a tensor', () => {
    const x = row('x');
    const { peak, weights } = compile({ y: reshape(exp(reshape(x, [16, 16])), [256]) }).memory;
    expect(peak - weights).toBe(2 * KIB);
  });

  it('counts what one iteration of a loop holds, not all', () => {
    const start = input('s', [256]);
    const peak = (count: number): number => {
      const { state } = loop(count, { s: start }, ({ s }) => ({ state: { s: exp(s) }, outputs: {} }));
      return compile({ y: state.s }).memory.peak;
    };
    expect(peak(100)).toBe(peak(2));
  });

  it('is near what a run really takes', async () => {
    const n = 512;
    const x = input('x', [n, n, 8]);
    // Eight kept tensors of 8 MiB, read again by the gradient.
    let y: Value = x;
    for (let i = 0; i < 8; i++) y = exp(mul(y, -0.5));
    const model = compile({ g: sum(gradients([sum(y)], [x])[0], [2]) });
    const session = await openSession(model, { inline: true, arena: false });
    const feed = { x: hostTensor(new Float32Array(n * n * 8), [n, n, 8]) };
    const measured = await growth(() => session.run(feed));
    await session.close();
    const predicted = session.predictedPeakBytes! - model.memory.weights;
    expect(measured / predicted).toBeGreaterThan(0.75);
    expect(measured / predicted).toBeLessThan(1.35);
  });
});

/** A figure of this process's memory (Linux). */
function statusBytes(key: string): number {
  return 1024 * Number(new RegExp(`${key}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))![1]);
}

/** By how many bytes the resident memory of this process grew at most while something ran (Linux). */
async function growth(work: () => Promise<unknown>): Promise<number> {
  // Forgets the highest value so far.
  writeFileSync('/proc/self/clear_refs', '5');
  const before = statusBytes('VmRSS');
  await work();
  return statusBytes('VmHWM') - before;
}

describe('a memory budget', () => {
  const model = compile({ y: exp(input('x', [1024, 256])) }, { name: 'big' });

  it('opens what fits', async () => {
    const session = await openSession(model, { inline: true, memoryBudget: 2 * 2 ** 20 });
    expect(session.predictedPeakBytes).toBe(2 * 2 ** 20);
    await session.close();
  });

  it('refuses what does not, and says by how much', async () => {
    const opened = openSession(model, { inline: true, memoryBudget: 2 ** 20 });
    await expect(opened).rejects.toThrow(
      "the graph 'big' takes 2 MiB at its peak (0 MiB of weights), over the budget of 1 MiB; compute fewer",
    );
  });

  it('is not promised for a model file, whose peak nobody knows', async () => {
    const opened = openSession({ path: 'some.onnx' }, { memoryBudget: 1 });
    await expect(opened).rejects.toThrow('import and compile it');
  });
});
