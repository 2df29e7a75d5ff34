import { operand, type Importing, type Importers } from '../importing.ts';
import { gather, gatherElements } from '../../ops/indexing.ts';
import { gatherNd, scatterElements, scatterNd, type Reduction } from '../../ops/scatter.ts';
import { reverseSequence, trilu } from '../../ops/select.ts';
import { reshape, slice } from '../../ops/shape.ts';
import { oneHot } from '../../ops/without-gradient.ts';
import { sizeOf } from '../../tensor.ts';
import { normaliseAxis, type Value } from '../../value.ts';

function reductionOf(node: Importing): Reduction {
  const name = node.string('reduction', 'none');
  const known = (['none', 'add', 'mul', 'max', 'min'] as const).find((r) => r === name);
  return known ?? node.refuse(`its reduction '${name}' is not known`);
}

function gathered(node: Importing): Value {
  const { x } = node;
  const indices = operand(node, 1);
  const axis = normaliseAxis(node.int('axis', 0), x.shape.length, 'Gather');
  const known = node.known(1);
  if (!known || sizeOf(known.shape) !== 1) return gather(x, indices, axis);
  // One index is a slice, whose gradient needs no scatter.
  const at = node.list(1)![0];
  const start = at < 0 ? at + x.shape[axis] : at;
  const one = slice(x, axis, start, start + 1);
  return reshape(one, [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)]);
}

/** Reading and writing at indices. */
export const indexing: Importers = {
  Gather: gathered,
  GatherElements: (node) => gatherElements(node.x, operand(node, 1), node.int('axis', 0)),
  GatherND: (node) => gatherNd(node.x, operand(node, 1), node.int('batch_dims', 0)),
  ScatterElements: (node) => {
    const axis = normaliseAxis(node.int('axis', 0), node.x.shape.length, 'ScatterElements');
    return scatterElements(node.x, operand(node, 1), operand(node, 2), axis, reductionOf(node));
  },
  ScatterND: (node) => scatterNd(node.x, operand(node, 1), operand(node, 2), reductionOf(node)),
  OneHot: (node) => {
    const depth = node.number(1) ?? node.refuse('it lacks its depth');
    const values = operand(node, 2);
    const [off, on] = [0, 1].map((i) => reshape(slice(values, 0, i, i + 1), []));
    return oneHot(node.x, depth, on, off, node.int('axis', -1));
  },
  Trilu: (node) => trilu(node.x, node.number(1) ?? 0, { upper: node.int('upper', 1) === 1 }),
  ReverseSequence: (node) =>
    reverseSequence(node.x, operand(node, 1), node.int('time_axis', 0), node.int('batch_axis', 1)),
};
