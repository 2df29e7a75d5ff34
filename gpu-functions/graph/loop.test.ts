import { describe, expect, it } from 'vitest';
import {
  add,
  compile,
  evaluate,
  exp,
  float32,
  gather,
  gradients,
  hostTensor,
  input,
  loop,
  mul,
  square,
  sub,
  sum,
  tanh,
  type Value,
} from './index.ts';

const x = input('x', [3]);
const w = input('w', [3]);
const feeds = { x: hostTensor([0.5, -1, 2], [3]), w: hostTensor([1, 0.3, -0.2], [3]) };
/** One step of gradient descent. */
const descend = (v: Value): { next: Value; loss: Value } => {
  const loss = sum(square(tanh(mul(v, w))));
  return { next: sub(v, mul(gradients([loss], [v])[0], 0.1)), loss };
};

describe('loop', () => {
  it('equals its body written out, gradients included', async () => {
    const rolled = loop(4, { v: x }, ({ v }) => {
      const { next, loss } = descend(v);
      return { state: { v: next }, outputs: { loss } };
    });
    let v: Value = x;
    const losses: Value[] = [];
    for (let i = 0; i < 4; i++) {
      const { next, loss } = descend(v);
      v = next;
      losses.push(loss);
    }
    const found = await evaluate({ v: rolled.state.v, losses: rolled.outputs.loss }, feeds);
    const wanted = await evaluate({ v, ...Object.fromEntries(losses.map((l, i) => [`l${i}`, l])) }, feeds);
    expect(found.losses.shape).toEqual([4]);
    for (const i of [0, 1, 2]) expect(float32(found.v)[i]).toBeCloseTo(float32(wanted.v)[i], 6);
    for (const i of [0, 1, 2, 3])
      expect(float32(found.losses)[i]).toBeCloseTo(float32(wanted[`l${i}`])[0], 6);
  });

  it('moves what does not depend on its state out of the body', () => {
    const { state } = loop(3, { v: x }, ({ v }) => ({ state: { v: add(v, exp(square(w))) }, outputs: {} }));
    const { graph } = compile({ y: state.v });
    expect(graph.nodes.map((n) => n.op)).toEqual(['Mul', 'Exp', 'Loop', 'Identity']);
    const body = graph.nodes.find((n) => n.body)!.body!;
    expect(body.nodes.map((n) => n.op)).toEqual(['Add', 'Identity']);
  });

  it('nests, each value staying in the outermost loop it can', async () => {
    const rows = input('rows', [2, 3]);
    const outer = loop(2, { v: x }, ({ v }, i) => {
      const row = gather(rows, i);
      const inner = loop(3, { u: v }, ({ u }) => ({ state: { u: add(u, exp(row)) }, outputs: {} }));
      return { state: { v: inner.state.u }, outputs: { seen: inner.state.u } };
    });
    const model = compile({ v: outer.state.v, seen: outer.outputs.seen });
    const body = model.graph.nodes.find((n) => n.body)!.body!;
    expect(body.nodes.map((n) => n.op)).toContain('Exp');
    const data = [0, 1, -1, 0.5, 0, 2];
    const out = await evaluate(
      { v: outer.state.v, seen: outer.outputs.seen },
      { x: feeds.x, rows: hostTensor(data, [2, 3]) },
    );
    for (const i of [0, 1, 2]) {
      const wanted = float32(feeds.x)[i] + 3 * (Math.exp(data[i]) + Math.exp(data[i + 3]));
      expect(float32(out.v)[i]).toBeCloseTo(wanted, 4);
      expect(float32(out.seen)[3 + i]).toBeCloseTo(wanted, 4);
    }
  });

  it('passes state through, gives a value twice, and counts', async () => {
    const { state, outputs } = loop(3, { a: x, b: w }, ({ a, b }, i) => ({
      state: { a: b, b: a },
      outputs: { i, fixed: w, again: a, once: a },
    }));
    const out = await evaluate(
      { a: state.a, i: outputs.i, fixed: outputs.fixed, again: outputs.again, once: outputs.once },
      feeds,
    );
    expect(out.a.data).toEqual(feeds.w.data);
    expect([...out.i.data]).toEqual([0n, 1n, 2n]);
    expect(out.fixed.shape).toEqual([3, 3]);
    expect(out.again.data).toEqual(out.once.data);
  });

  it('takes its count at run time when it has no outputs', async () => {
    const count = input('n', [], 'int64');
    const { state } = loop(count, { v: x }, ({ v }) => ({ state: { v: add(v, 1) }, outputs: {} }));
    const { v } = await evaluate({ v: state.v }, { n: hostTensor([5], [], 'int64'), x: feeds.x });
    expect([...v.data]).toEqual([5.5, 4, 7]);
    const withOutput = () => loop(count, { v: x }, ({ v }) => ({ state: { v }, outputs: { v } }));
    expect(withOutput).toThrow('need a constant count');
  });

  it('refuses gradients through it, changed state, and values that leave it by the side', () => {
    const { state } = loop(3, { v: x }, ({ v }) => ({ state: { v: mul(v, w) }, outputs: {} }));
    expect(() => gradients([state.v], [x])).toThrow('a loop cannot be differentiated');
    expect(() => gradients([state.v], [w])).toThrow('a loop cannot be differentiated');
    expect(() => loop(2, { v: x }, ({ v }) => ({ state: { v: sum(v) }, outputs: {} }))).toThrow(
      "state 'v' is float32 [3]",
    );
    let leaked: Value = x;
    loop(2, { v: x }, ({ v }) => {
      leaked = exp(v);
      return { state: { v: leaked }, outputs: {} };
    });
    expect(() => compile({ leaked })).toThrow('inside of a loop');
  });
});
