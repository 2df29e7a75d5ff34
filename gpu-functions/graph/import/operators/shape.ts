import { foldConcat, foldTranspose } from '../constant-folding.ts';
import { axesOf, known, type Importing, type Importers } from '../importing.ts';
import * as s from '../../ops/shape.ts';
import { hostTensor, sizeOf } from '../../tensor.ts';
import { constant, normaliseAxis, type Value } from '../../value.ts';

function reshape(node: Importing): Value {
  const { x } = node;
  const wanted = node.list(1)!;
  return s.reshape(
    x,
    node.int('allowzero', 0) === 1 ? wanted : wanted.map((d, i) => (d === 0 ? x.shape[i] : d)),
  );
}

/** Reshapes keep small integer constants constant. */
function reshaped(x: Value, to: Value): Value {
  const data = known(x);
  return data ? constant(hostTensor(data[0].data, to.shape, data[0].dtype)) : to;
}

function split(node: Importing): Value[] {
  const { x, outputs } = node;
  const axis = normaliseAxis(node.int('axis', 0), x.shape.length, 'Split');
  const part = Math.ceil(x.shape[axis] / outputs);
  const equal = Array.from({ length: outputs }, (_, i) => Math.min(part, x.shape[axis] - i * part));
  return s.split(x, axis, node.list(1) ?? equal);
}

/** What moves elements without choosing among them. */
export const shapes: Importers = {
  Reshape: (node) => reshaped(node.x, reshape(node)),
  Flatten: (node) => {
    const axis = node.int('axis', 1);
    return s.reshape(node.x, [sizeOf(node.x.shape.slice(0, axis)), -1]);
  },
  Unsqueeze: (node) => reshaped(node.x, s.unsqueeze(node.x, axesOf(node)!)),
  Squeeze: (node) => {
    const ones = [...node.x.shape.keys()].filter((i) => node.x.shape[i] === 1);
    return reshaped(node.x, s.squeeze(node.x, axesOf(node) ?? ones));
  },
  Transpose: ({ x, ints: list }) => {
    const perm = list('perm') ?? [...x.shape.keys()].toReversed();
    const data = known(x);
    return data ? foldTranspose(data[0], perm) : s.transpose(x, perm);
  },
  Expand: (node) => {
    const shape = node.list(1)!;
    const rank = Math.max(shape.length, node.x.shape.length);
    const grown = Array.from({ length: rank }, (_, i) =>
      Math.max(shape[shape.length - rank + i] ?? 1, node.x.shape[node.x.shape.length - rank + i] ?? 1),
    );
    return s.expand(node.x, grown);
  },
  Tile: (node) => s.tile(node.x, node.list(1)!),
  Concat: (node) => {
    const xs = node.inputs as Value[];
    const axis = normaliseAxis(node.int('axis', 0), xs[0].shape.length, 'Concat');
    const data = known(...xs);
    return data ? foldConcat(data, axis) : s.concat(xs, axis);
  },
  Split: split,
  DepthToSpace: (node) => {
    if (node.string('mode', 'DCR') !== 'CRD') node.refuse('only the CRD order is known');
    return s.depthToSpace(node.x, node.int('blocksize', 1));
  },
};
