import { describe, expect, it } from 'vitest';
import {
  add,
  compile,
  concat,
  constant,
  evaluate,
  exp,
  float16Bits,
  float16Value,
  gradients,
  hostTensor,
  input,
  mul,
  reshape,
  stopGradient,
  sum,
  transpose,
  zeros,
} from './index.ts';

const ops = (outputs: Parameters<typeof compile>[0]): string[] =>
  compile(outputs)
    .graph.nodes.map((n) => n.op)
    .filter((op) => op !== 'Identity');

describe('compile', () => {
  it('merges equal nodes and equal constants', () => {
    const x = input('x', [4]);
    const twice = () => mul(exp(x), constant(hostTensor([1, 2, 3, 4], [4])));
    const { graph } = compile({ y: add(twice(), twice()) });
    expect(graph.nodes.map((n) => n.op)).toEqual(['Exp', 'Mul', 'Add', 'Identity']);
    expect(graph.initializers).toHaveLength(1);
  });

  it('shares a large constant by its data, without copying it', () => {
    const data = hostTensor(new Float32Array(1000), [1000]);
    const { graph } = compile({ y: add(constant(data), constant(data)) });
    expect(graph.initializers.map((i) => i.tensor.data)).toEqual([data.data]);
  });

  it('leaves out what no output needs', () => {
    const x = input('x', [2]);
    exp(x);
    expect(ops({ y: add(x, 1) })).toEqual(['Add']);
  });

  it('spends nothing on neutral operations', () => {
    const x = input('x', [2, 3]);
    expect(ops({ y: add(mul(x, 1), zeros([2, 3])) })).toEqual([]);
    expect(ops({ y: transpose(transpose(x, [1, 0]), [1, 0]) })).toEqual([]);
    expect(ops({ y: reshape(reshape(x, [6]), [2, 3]) })).toEqual([]);
    expect(ops({ y: stopGradient(x) })).toEqual([]);
    expect(ops({ y: gradients([sum(exp(x))], [x])[0] })).toEqual(['Exp']);
  });

  it('refuses an input used with two shapes, and a name for both an input and an output', () => {
    expect(() => compile({ y: concat([input('x', [2]), input('x', [3])], 0) })).toThrow(
      "input 'x' is used as",
    );
    expect(() => compile({ x: exp(input('x', [2])) })).toThrow("'x' names both");
  });

  it('gives an output that is an input, or a constant, or another output', async () => {
    const x = input('x', [2]);
    const out = await evaluate({ a: x, b: x, c: constant(3) }, { x: hostTensor([1, 2], [2]) });
    expect([...out.a.data, ...out.b.data, ...out.c.data]).toEqual([1, 2, 1, 2, 3]);
  });
});

describe('gradients', () => {
  it('stop where told, and are zero for what is not reached', async () => {
    const x = input('x', [2]);
    const z = input('z', [3]);
    const [gx, gz] = gradients([sum(mul(stopGradient(exp(x)), x))], [x, z]);
    const out = await evaluate({ gx, gz }, { x: hostTensor([0, 1], [2]) });
    expect(out.gx.data[1]).toBeCloseTo(Math.E, 5);
    expect([...out.gz.data]).toEqual([0, 0, 0]);
  });

  it('refuse a cotangent of another shape', () => {
    const x = input('x', [2]);
    expect(() => gradients([exp(x)], [x], [zeros([3])])).toThrow(
      'a cotangent float32 [3] for float32 [2] of Exp',
    );
  });
});

it('half floats round to nearest even and back', () => {
  for (let bits = 0; bits < 0x7c00; bits += 7) expect(float16Bits(float16Value(bits))).toBe(bits);
  expect(float16Bits(1 + 2 ** -11)).toBe(0x3c00);
  expect(float16Bits(1 + 3 * 2 ** -11)).toBe(0x3c02);
  expect(float16Bits(65520)).toBe(0x7c00);
  expect(float16Bits(65519)).toBe(0x7bff);
  expect(float16Bits(-(2 ** -24))).toBe(0x8001);
  expect(float16Bits(2 ** -25)).toBe(0);
  expect(Number.isNaN(float16Value(float16Bits(Number.NaN)))).toBe(true);
});
