import { describe, expect, it } from 'vitest';
import {
  add,
  compile,
  constant,
  conv2d,
  float32,
  gradients,
  hostTensor,
  inFloat32,
  input,
  loop,
  matmul,
  mean,
  mul,
  openSession,
  relu,
  square,
  sum,
  type Model,
  type Value,
} from './index.ts';

const some = (shape: readonly number[], scale = 1): Value =>
  constant(hostTensor(numbers(shape, scale), shape));
const numbers = (shape: readonly number[], scale = 1): Float32Array =>
  Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => scale * Math.sin(1 + 3 * i));

const x = input('x', [2, 3, 8, 8]);
const weights = some([4, 3, 3, 3], 0.3);
const network = (): Value => relu(conv2d(x, weights, { padding: 1, bias: some([4]) }));
const feeds = { x: hostTensor(numbers([2, 3, 8, 8]), [2, 3, 8, 8]) };

async function outputOf(model: Model): Promise<Float32Array> {
  const session = await openSession(model, { inline: true });
  const { y } = await session.run(feeds);
  await session.close();
  return float32(y);
}

/** Types in which a model's products are computed. */
function typesOf(model: Model, op: string): string[] {
  const halves = new Set(
    model.graph.nodes.filter((n) => n.op === 'Cast' && n.attributes['to'] === 10).flatMap((n) => n.outputs),
  );
  return model.graph.nodes
    .filter((n) => n.op === op)
    .map((n) => (n.inputs.every((name) => halves.has(name)) ? 'float16' : 'float32'));
}

describe('a graph compiled for half precision', () => {
  it('computes products with weights in float16, near float32', async () => {
    const [whole, half] = [compile({ y: network() }), compile({ y: network() }, { precision: 'float16' })];
    expect(typesOf(whole, 'Conv')).toEqual(['float32']);
    expect(typesOf(half, 'Conv')).toEqual(['float16']);
    const [a, b] = [await outputOf(whole), await outputOf(half)];
    const worst = Math.max(...a.map((v, i) => Math.abs(v - b[i])));
    expect(worst).toBeGreaterThan(0);
    expect(worst).toBeLessThan(4e-3);
  });

  it('takes its gradient with respect to the input in float16 too', async () => {
    const [g] = gradients([mean(square(network()))], [x]);
    const [whole, half] = [compile({ y: g }), compile({ y: g }, { precision: 'float16' })];
    expect(typesOf(half, 'Conv')).toEqual(['float16', 'float16']);
    const [a, b] = [await outputOf(whole), await outputOf(half)];
    const size = Math.max(...a.map(Math.abs));
    a.forEach((v, i) => expect(Math.abs(v - b[i]) / size).toBeLessThan(4e-3));
  });

  it('keeps sums over what a run computes, and what is marked, exactly as they are', async () => {
    const rows = sum(x, [2, 3]);
    const composited = matmul(rows, some([3, 2]));
    const own = matmul(composited, mul(composited, composited));
    const marked = matmul(rows, inFloat32(some([3, 2])));
    const model = compile({ y: add(own, marked) }, { precision: 'float16' });
    expect(typesOf(model, 'MatMul').toSorted()).toEqual(['float16', 'float32', 'float32']);
    const exact = { y: add(matmul(marked, mul(marked, marked)), marked) };
    expect(await outputOf(compile(exact, { precision: 'float16' }))).toEqual(await outputOf(compile(exact)));
  });

  it('casts weights once, outside of a loop', () => {
    const { state } = loop(3, { s: input('s', [2, 3, 8, 8]) }, ({ s }) => ({
      state: { s: conv2d(s, some([3, 3, 3, 3]), { padding: 1 }) },
      outputs: {},
    }));
    const { graph } = compile({ y: state.s }, { precision: 'float16' });
    expect(graph.nodes.filter((n) => n.op === 'Cast')).toHaveLength(1);
    const body = graph.nodes.find((n) => n.op === 'Loop')!.body!;
    expect(body.nodes.filter((n) => n.op === 'Cast')).toHaveLength(2);
  });
});
