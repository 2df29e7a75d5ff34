import { describe, expect, it } from 'vitest';
import {
  add,
  compile,
  constant,
  evaluate,
  exp,
  float32,
  heldValues,
  hostTensor,
  input,
  loop,
  matmul,
  mul,
  openSession,
  sin,
  split,
} from './index.ts';
import type { HostTensor, Value } from './index.ts';

const [text, noise] = [input('text', [2, 4]), input('noise', [2, 2])];
const feeds = {
  text: hostTensor([1, 2, 3, 4, 5, 6, 7, 8], [2, 4]),
  noise: hostTensor([0.1, 0.2, 0.3, 0.4], [2, 2]),
};

/** The outputs of a graph in two parts: first what is held, then the rest given that. */
async function inTwo(y: Value): Promise<HostTensor> {
  const given = heldValues([y], ['text']);
  const held = await evaluate(given, { text: feeds.text });
  const session = await openSession(compile({ y }, { given }), { inline: true });
  const found = await session.run({ ...held, noise: feeds.noise });
  await session.close();
  return found.y;
}

describe('what follows from held inputs', () => {
  it('is as much as needs no other input, and no constants', () => {
    const weight = mul(constant(2), constant(hostTensor([1, 2, 3, 4], [4, 1])));
    const state = exp(matmul(sin(text), weight));
    const y = add(mul(state, noise), sin(noise));
    expect(Object.values(heldValues([y], ['text']))).toEqual([state]);
  });

  it('is nothing where they are used as they are, or not at all', () => {
    const raw = input('text', [2, 2]);
    expect(heldValues([mul(raw, noise)], ['text'])).toEqual({});
    expect(heldValues([sin(noise)], ['text'])).toEqual({});
  });

  it('leaves a graph that computes the rest alone', async () => {
    const [a, b] = split(exp(text), 1, [2, 2]);
    const y = add(mul(a, noise), mul(exp(b), sin(noise)));
    const { graph } = compile({ y }, { given: heldValues([y], ['text']) });
    expect(graph.nodes.map((n) => n.op)).toEqual(['Mul', 'Sin', 'Mul', 'Add', 'Identity']);
    expect(float32(await inTwo(y))).toEqual(float32((await evaluate({ y }, feeds)).y));
  });

  it('is given to a loop that uses it inside', async () => {
    const { state } = loop(3, { s: noise }, ({ s }) => ({
      state: { s: mul(s, split(sin(text), 1, [2, 2])[1]) },
      outputs: {},
    }));
    expect(float32(await inTwo(state.s))).toEqual(float32((await evaluate({ y: state.s }, feeds)).y));
  });
});
