import { concat, slice, split, squeeze, unsqueeze } from '../ops/shape.ts';
import { constant, normaliseAxis, type Value } from '../value.ts';
import { operand, type Importing } from './importing.ts';

/** A sequence of tensors, whose length and places are known at import: it is its members. */
export type Sequence = readonly Value[];

/** A node that takes or makes a sequence. */
export interface SequenceNode {
  readonly node: Importing;
  /** The sequence of input i. @throws GraphError where it is none */
  readonly list: (i: number) => Sequence;
}

/** A place in a sequence of some length, negative ones from behind; `last` is the highest there is, and what is meant where none is given. */
function place({ node }: SequenceNode, i: number, length: number, last: number): number {
  const given = node.number(i) ?? last;
  const at = given < 0 ? given + length : given;
  return at >= 0 && at <= last ? at : node.refuse(`it takes place ${given} of a sequence of ${length}`);
}

/** Longer ones nobody writes out. */
const MOST_MEMBERS = 4096;

function counted(node: Importing, count: number): number[] {
  if (count > MOST_MEMBERS) node.refuse(`it makes ${count} tensors; ${MOST_MEMBERS} is most`);
  return Array.from({ length: count }, (_, i) => i);
}

/** Parts of a tensor: of length 1 (whose axis may go), of one length but for the last, or of given lengths. */
function parts(node: Importing): Sequence {
  const { x } = node;
  const axis = normaliseAxis(node.int('axis', 0), x.shape.length, 'SplitToSequence');
  const length = x.shape[axis];
  if (!node.inputs[1]) {
    const ones = counted(node, length).map((i) => slice(x, axis, i, i + 1));
    return node.int('keepdims', 1) === 1 ? ones : ones.map((v) => squeeze(v, [axis]));
  }
  const sizes = node.list(1)!;
  if (operand(node, 1).shape.length > 0) return split(x, axis, sizes);
  const [size] = sizes;
  if (size < 1) return node.refuse(`its parts are of length ${size}`);
  return counted(node, Math.ceil(length / size)).map((i) =>
    slice(x, axis, i * size, Math.min((i + 1) * size, length)),
  );
}

/** What operators of sequences give: a tensor, or a sequence. */
export const sequenceImporters: Readonly<Record<string, (of: SequenceNode) => Value | Sequence>> = {
  Identity: ({ list }) => list(0),
  SequenceEmpty: () => [],
  SequenceConstruct: ({ node }) => node.inputs.map((_, i) => operand(node, i)),
  SequenceLength: ({ list }) => constant(list(0).length, 'int64'),
  SequenceAt: (of) => {
    const members = of.list(0);
    return members[place(of, 1, members.length, members.length - 1)];
  },
  SequenceInsert: (of) => {
    const members = of.list(0);
    return members.toSpliced(place(of, 2, members.length, members.length), 0, operand(of.node, 1));
  },
  SequenceErase: (of) => {
    const members = of.list(0);
    return members.toSpliced(place(of, 1, members.length, members.length - 1), 1);
  },
  SplitToSequence: ({ node }) => parts(node),
  ConcatFromSequence: ({ node, list }) => {
    const members = list(0);
    if (members.length === 0) return node.refuse('its sequence is empty');
    const stacks = node.int('new_axis', 0) === 1;
    const rank = members[0].shape.length + (stacks ? 1 : 0);
    const axis = normaliseAxis(node.int('axis', 0), rank, 'ConcatFromSequence');
    return concat(stacks ? members.map((v) => unsqueeze(v, [axis])) : members, axis);
  },
};

/** Whether an operator is one of sequences whatever it is given. */
export const makesSequences = (op: string): boolean =>
  op !== 'Identity' && Object.hasOwn(sequenceImporters, op);
