import { axesOf, type Importing, type Importers } from '../importing.ts';
import { pad } from '../../ops/pad.ts';
import * as s from '../../ops/shape.ts';
import { depthToSpace, spaceToDepth, type BlockOrder } from '../../ops/space-depth.ts';
import { sizeOf } from '../../tensor.ts';
import { broadcastShape, normaliseAxis, type Value } from '../../value.ts';

function reshape(node: Importing): Value {
  const { x } = node;
  const wanted = node.list(1) ?? node.refuse('it lacks its shape');
  return s.reshape(
    x,
    node.int('allowzero', 0) === 1 ? wanted : wanted.map((d, i) => (d === 0 ? x.shape[i] : d)),
  );
}

function split(node: Importing): Value[] {
  const { x, outputs } = node;
  const axis = normaliseAxis(node.int('axis', 0), x.shape.length, 'Split');
  const part = Math.ceil(x.shape[axis] / outputs.length);
  const equal = outputs.map((_, i) => Math.max(0, Math.min(part, x.shape[axis] - i * part)));
  return s.split(x, axis, node.list(1) ?? equal);
}

function orderOf(node: Importing): BlockOrder {
  const mode = node.string('mode', 'DCR');
  return mode === 'CRD' || mode === 'DCR' ? mode : node.refuse(`its mode '${mode}' is not known`);
}

/** Axes brought to given lengths about their middle. */
function centred(node: Importing): Value {
  const { x } = node;
  const wanted = node.list(1) ?? node.refuse('it lacks its shape');
  const axes = node.ints('axes') ?? [...x.shape.keys()];
  return axes.reduce((y, given, i) => {
    const axis = normaliseAxis(given, x.shape.length, 'CenterCropPad');
    const [from, to] = [x.shape[axis], wanted[i]];
    const before = Math.abs(to - from) >> 1;
    if (to <= from) return s.slice(y, axis, before, before + to);
    const none = y.shape.map(() => 0);
    return pad(y, none.with(axis, before), none.with(axis, to - from - before));
  }, x);
}

/** What moves elements without choosing among them. */
export const shapes: Importers = {
  Reshape: reshape,
  Flatten: (node) => {
    const axis = node.int('axis', 1);
    return s.reshape(node.x, [sizeOf(node.x.shape.slice(0, axis)), sizeOf(node.x.shape.slice(axis))]);
  },
  Unsqueeze: (node) => s.unsqueeze(node.x, axesOf(node) ?? node.refuse('it lacks its axes')),
  Squeeze: (node) => {
    const ones = [...node.x.shape.keys()].filter((i) => node.x.shape[i] === 1);
    return s.squeeze(node.x, axesOf(node) ?? ones);
  },
  Transpose: ({ x, ints: list }) => {
    return s.transpose(x, list('perm') ?? [...x.shape.keys()].toReversed());
  },
  Expand: (node) => {
    const shape = node.list(1) ?? node.refuse('it lacks its shape');
    return s.expand(node.x, broadcastShape(node.x.shape, shape, 'Expand'));
  },
  Tile: (node) => s.tile(node.x, node.list(1) ?? node.refuse('it lacks its repeats')),
  Concat: (node) => {
    const xs = node.inputs.filter((v) => v !== undefined);
    return s.concat(xs, normaliseAxis(node.int('axis', 0), node.x.shape.length, 'Concat'));
  },
  Split: split,
  DepthToSpace: (node) => depthToSpace(node.x, node.int('blocksize', 1), orderOf(node)),
  SpaceToDepth: (node) => spaceToDepth(node.x, node.int('blocksize', 1), 'DCR'),
  CenterCropPad: centred,
};
