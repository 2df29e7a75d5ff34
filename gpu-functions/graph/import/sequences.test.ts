import { describe, expect, it } from 'vitest';
import { evaluate } from '../session.ts';
import { gradients } from '../gradient.ts';
import { float32 } from '../tensor.ts';
import { importModel } from './import-model.ts';
import { compare, fileOf, int64, numbers, op, scalar, type Sketch } from './testing.ts';

const x = numbers([2, 5, 3]);
const at = (value: number) => scalar(value, 'int64');

const CASES: Readonly<Record<string, Pick<Sketch, 'nodes' | 'weights'>>> = {
  'parts of length 1, whose axis goes': {
    nodes: [
      op('SplitToSequence', ['x'], 's', { axis: 1, keepdims: 0 }),
      op('SequenceAt', ['s', 'first'], 'a'),
      op('SequenceAt', ['s', 'last'], 'b'),
      op('Sub', ['a', 'b'], 'y'),
    ],
    weights: { first: at(1), last: at(-1) },
  },
  'parts of length 1': {
    nodes: [op('SplitToSequence', ['x'], 's', { axis: -1 }), op('SequenceAt', ['s', 'i'], 'y')],
    weights: { i: at(0) },
  },
  'parts of one length but for the last': {
    nodes: [
      op('SplitToSequence', ['x', 'two'], 's', { axis: 1 }),
      op('SequenceErase', ['s', 'i'], 't'),
      op('ConcatFromSequence', ['t'], 'y', { axis: 1 }),
    ],
    weights: { two: at(2), i: at(0) },
  },
  'parts of given lengths': {
    nodes: [
      op('SplitToSequence', ['x', 'sizes'], 's', { axis: 1 }),
      op('Identity', ['s'], 't'),
      op('SequenceAt', ['t', 'i'], 'y'),
    ],
    weights: { sizes: int64(1, 4), i: at(1) },
  },
  'what is put together, and stacked': {
    nodes: [
      op('Relu', ['x'], 'r'),
      op('SequenceConstruct', ['x', 'r'], 's'),
      op('SequenceInsert', ['s', 'w', 'front'], 't'),
      op('SequenceInsert', ['t', 'r', 'behind'], 'z'),
      op('SequenceInsert', ['z', 'r'], 'u'),
      op('SequenceErase', ['u'], 'v'),
      op('ConcatFromSequence', ['v'], 'y', { axis: -1, new_axis: 1 }),
    ],
    weights: { w: numbers([2, 5, 3], 1), front: at(0), behind: at(-1) },
  },
  'how long it is': {
    nodes: [
      op('SequenceEmpty', [], 'e'),
      op('SequenceInsert', ['e', 'x'], 's'),
      op('SequenceLength', ['s'], 'n'),
      op('Cast', ['n'], 'f', { to: 1 }),
      op('Mul', ['x', 'f'], 'y'),
    ],
  },
};

describe('a sequence', () => {
  it.each(Object.entries(CASES))('has the tensors that ONNX Runtime finds in it: %s', async (_, sketch) => {
    await compare({ ...sketch, inputs: { x } }, 14);
  });

  it('passes gradients to its tensors', async () => {
    const { nodes, weights } = CASES['parts of length 1, whose axis goes'];
    const { inputs, outputs } = importModel(fileOf({ nodes, weights: weights!, inputs: { x } }, 13));
    const { g } = await evaluate({ g: gradients([outputs.y], [inputs.x])[0] });
    const row = [0, 1, 0, 0, -1].flatMap((v) => [v, v, v]);
    expect([...float32(g)]).toEqual([...row, ...row]);
  });

  it('is refused where a tensor is needed, and where its places are not known', () => {
    const split = op('SplitToSequence', ['x'], 's', { axis: 1 });
    const imported =
      (nodes: Sketch['nodes'], inputs: Sketch['inputs'] = { x }) =>
      () =>
        importModel(fileOf({ nodes, inputs }, 13));
    expect(imported([split, op('Identity', ['s'], 'y')])).toThrow(
      'gives a sequence, where a tensor is needed',
    );
    expect(imported([split, op('Relu', ['s'], 'y')])).toThrow('it takes sequences, which is not supported');
    expect(imported([split, op('SequenceAt', ['s', 'i'], 'y')], { x, i: at(1) })).toThrow('must be known');
  });
});
