import { describe, expect, it } from 'vitest';
import {
  add,
  compile,
  float32,
  gather,
  gradients,
  hostTensor,
  input,
  ints,
  loop,
  mean,
  mul,
  openSession,
  square,
} from './index.ts';

/** A step that gathers, scatters and loops: what an optimisation of a tri-grid is made of. */
function steps(count: number) {
  const table = input('table', [8, 4]);
  const { state, outputs } = loop(count, { table }, (s) => {
    const seen = gather(s.table, ints([1, 2, 2, 7]));
    const loss = mean(square(add(seen, -1)));
    const [g] = gradients([loss], [s.table]);
    return { state: { table: add(s.table, mul(g, -0.5)) }, outputs: { loss } };
  });
  return compile({ table: state.table, losses: outputs.loss });
}

async function cudaIsMissing(): Promise<string | undefined> {
  try {
    const session = await openSession(compile({ y: mul(input('x', [1]), 2) }), {
      provider: 'cuda',
      inline: true,
    });
    await session.close();
    return undefined;
  } catch (error) {
    return String(error instanceof Error ? error.message : error).split('\n')[0];
  }
}

const missing = await cudaIsMissing();

describe('on CUDA', () => {
  // A session on CUDA refuses to open where any node would fall back to the CPU: opening it is the assertion.
  it(`runs gathers, scatters, gradients and loops without falling back to the CPU, with the CPU's results`, async ({
    skip,
  }) => {
    if (missing !== undefined) skip(`no CUDA here: ${missing}`);
    const model = steps(5);
    const feeds = {
      table: hostTensor(
        Array.from({ length: 32 }, (_, i) => Math.sin(i)),
        [8, 4],
      ),
    };
    const results = [];
    for (const provider of ['cuda', 'cpu'] as const) {
      const session = await openSession(model, { provider, inline: true });
      results.push(await session.run(feeds));
      await session.close();
    }
    const [gpu, cpu] = results;
    for (const name of ['table', 'losses']) {
      const wanted = float32(cpu[name]);
      float32(gpu[name]).forEach((x, i) => expect(x).toBeCloseTo(wanted[i], 5));
    }
  });
});
