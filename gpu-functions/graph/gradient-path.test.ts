import { describe, expect, it } from 'vitest';
import * as g from './index.ts';

const float = (name: string, shape: number[]): g.Port => ({ name, shape, dtype: 'float32' });

describe('gradients of what has no rule', () => {
  const bytes = g.writeModel(
    {
      name: 'g',
      initializers: [],
      nodes: [
        { op: 'Exp', inputs: ['x'], outputs: ['h'], attributes: {} },
        { op: 'Strange', domain: 'com.example', inputs: ['h'], outputs: ['s'], attributes: {} },
        { op: 'Sqrt', inputs: ['s'], outputs: ['r'], attributes: {} },
        { op: 'Add', inputs: ['r', 'x'], outputs: ['y'], attributes: {} },
      ],
      inputs: [float('x', [3])],
      outputs: [float('y', [3]), float('s', [3])],
    },
    18,
  );

  it('are refused, with the path on which it lies', () => {
    const { inputs, outputs } = g.importModel(bytes);
    expect(() => g.gradients([outputs.y], [inputs.x])).toThrow(
      "the operator Strange 's' has no gradient rule; differentiate something before it, or stop the gradient at its inputs. Path from output to input: Add 'y' ← Sqrt 'r' ← Strange 's' ← Exp 'h' ← Input 'x'",
    );
  });

  it('shorten a long path', () => {
    const { inputs, outputs } = g.importModel(bytes);
    let y = outputs.y;
    for (let i = 0; i < 20; i++) y = g.sin(y);
    expect(() => g.gradients([y], [inputs.x])).toThrow(
      "Sin ← Sin ← Sin ← Sin ← … 15 more … ← Sin ← Add 'y' ← Sqrt",
    );
  });

  it('do not matter beside the path', () => {
    const { inputs, outputs } = g.importModel(bytes);
    expect(g.gradients([g.mul(inputs.x, g.stopGradient(outputs.y))], [inputs.x])).toHaveLength(1);
  });
});
