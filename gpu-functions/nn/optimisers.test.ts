import { describe, expect, it } from 'vitest';
import {
  constant,
  evaluate,
  float32,
  gradients,
  hostTensor,
  input,
  loop,
  mul,
  square,
  sub,
  sum,
  type Value,
} from '../graph/index.ts';
import { adam, adamState, adan, adanState, clipByGlobalNorm, ema } from './index.ts';

const target = [0.3, -1.2, 2, 0.5];
const start = [1, 1, -1, 0];
const weights = [1, 3, 0.5, 20];

/** Gradient of Σ w (x − t)². */
const slope = (x: number[]): number[] => x.map((v, i) => 2 * weights[i] * (v - target[i]));
const vector = (v: number[]) => hostTensor(v, [v.length]);

/** Ten steps of an optimiser inside a loop, starting at `start`. */
async function run<S extends Record<string, Value>>(
  fresh: S,
  step: (x: Value, g: Value, state: S) => { x: Value; state: S },
): Promise<number[]> {
  const out = loop(10, { x: input('x', [4]), ...fresh }, (state) => {
    const { x, ...rest } = state;
    const error = sub(x, input('t', [4]));
    const [g] = gradients([sum(mul(square(error), input('w', [4])))], [x]);
    const next = step(x, g, rest as unknown as S);
    return { state: { x: next.x, ...next.state } as typeof state, outputs: {} };
  });
  const { y } = await evaluate(
    { y: out.state.x },
    { x: vector(start), t: vector(target), w: vector(weights) },
  );
  return [...float32(y)];
}

function expectClose(actual: number[], wanted: number[]): void {
  for (const [i, v] of wanted.entries()) expect(actual[i]).toBeCloseTo(v, 5);
}

describe('optimisers', () => {
  // With a large ε the length of gradients counts, and so does their scale.
  it.each([
    { scale: 1, eps: 1e-8 },
    { scale: 0.25, eps: 1 },
  ])('Adam follows the plain computation (%o)', async ({ scale, eps }) => {
    const { m, v, step } = adamState({ x: input('x', [4]) });
    const found = await run({ m: m.x, v: v.x, step }, (x, g, s) => {
      const next = adam(
        { x },
        { x: g },
        { m: { x: s.m }, v: { x: s.v }, step: s.step },
        { lr: 0.05, weightDecay: 0.1, eps, gradientScale: constant(scale) },
      );
      return { x: next.params.x, state: { m: next.state.m.x, v: next.state.v.x, step: next.state.step } };
    });
    let x = start;
    let [m1, v1] = [x.map(() => 0), x.map(() => 0)];
    for (let k = 1; k <= 10; k++) {
      const g = slope(x).map((a) => scale * a);
      m1 = m1.map((a, i) => 0.9 * a + 0.1 * g[i]);
      v1 = v1.map((a, i) => 0.999 * a + 0.001 * g[i] ** 2);
      x = x.map((a, i) => {
        const update = m1[i] / (1 - 0.9 ** k) / (Math.sqrt(v1[i] / (1 - 0.999 ** k)) + eps);
        return a * (1 - 0.05 * 0.1) - 0.05 * update;
      });
    }
    expectClose(found, x);
  });

  it('Adan follows the plain computation, clipping included', async () => {
    const fresh = adanState({ x: input('x', [4]) });
    const found = await run(
      { m: fresh.m.x, v: fresh.v.x, s: fresh.s.x, n: fresh.n.x, step: fresh.step },
      (x, g, s) => {
        const state = { m: { x: s.m }, v: { x: s.v }, s: { x: s.s }, n: { x: s.n }, step: s.step };
        const next = adan({ x }, { x: g }, state, { lr: { x: 0.05 }, weightDecay: 0.02 });
        const { m, v, s: squares, n, step } = next.state;
        return { x: next.params.x, state: { m: m.x, v: v.x, s: squares.x, n: n.x, step } };
      },
    );
    let x = start;
    let [m, v, s, n] = [x.map(() => 0), x.map(() => 0), x.map(() => 0), x.map(() => 0)];
    for (let k = 1; k <= 10; k++) {
      const raw = slope(x);
      const clip = Math.min(1, 5 / (Math.hypot(...raw) + 1e-8));
      const g = raw.map((a) => a * clip);
      const diff = g.map((a, i) => (k === 1 ? 0 : a + n[i]));
      m = m.map((a, i) => 0.98 * a + 0.02 * g[i]);
      v = v.map((a, i) => 0.92 * a + 0.08 * diff[i]);
      s = s.map((a, i) => 0.99 * a + 0.01 * (0.92 * diff[i] + g[i]) ** 2);
      x = x.map((a, i) => {
        const denominator = Math.sqrt(s[i]) / Math.sqrt(1 - 0.99 ** k) + 1e-8;
        const moved =
          a -
          ((0.05 / (1 - 0.98 ** k)) * m[i]) / denominator -
          (((0.05 * 0.92) / (1 - 0.92 ** k)) * v[i]) / denominator;
        return moved / (1 + 0.05 * 0.02);
      });
      n = g.map((a) => -a);
    }
    expectClose(found, x);
  });

  it('clips by the norm of all gradients together and leaves small ones', async () => {
    const a = input('a', [2]);
    const b = input('b', [1]);
    const clipped = clipByGlobalNorm({ a, b }, 1);
    const large = await evaluate(
      { x: clipped.grads.a, y: clipped.grads.b, norm: clipped.norm },
      { a: vector([3, 0]), b: vector([4]) },
    );
    expectClose([...float32(large.x), ...float32(large.y), ...float32(large.norm)], [0.6, 0, 0.8, 5]);
    const small = await evaluate({ x: clipped.grads.a }, { a: vector([0.3, 0]), b: vector([0.4]) });
    expectClose([...float32(small.x)], [0.3, 0]);
  });

  it('averages exponentially', async () => {
    const { x } = ema({ x: input('x', [2]) }, { x: input('y', [2]) }, 0.9);
    const { out } = await evaluate({ out: x }, { x: vector([1, 2]), y: vector([2, 0]) });
    expectClose([...float32(out)], [1.1, 1.8]);
  });
});
