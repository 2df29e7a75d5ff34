import { foldGather } from '../constant-folding.ts';
import { known, type Importing, type Importers } from '../importing.ts';
import { add } from '../../ops/elementwise.ts';
import { gather, gatherElements, scatterAddRows } from '../../ops/indexing.ts';
import { reshape } from '../../ops/shape.ts';
import { normaliseAxis, type Value } from '../../value.ts';

function scatter(node: Importing): Value {
  const [base, indices, updates] = node.inputs as Value[];
  const rows = indices.shape.length === 2 && indices.shape[1] === 1 && base.shape.length === 2;
  if (node.string('reduction', 'none') !== 'add' || !rows) node.refuse('only adding rows is known');
  return add(base, scatterAddRows(base.shape[0], reshape(indices, [-1]), updates));
}

/** Reading and writing at indices. */
export const indexing: Importers = {
  Gather: (node) => {
    const axis = normaliseAxis(node.int('axis', 0), node.x.shape.length, 'Gather');
    const data = known(node.x, node.inputs[1]);
    return data ? foldGather(data[0], data[1], axis) : gather(node.x, node.inputs[1]!, axis);
  },
  GatherElements: (node) => gatherElements(node.x, node.inputs[1]!, node.int('axis', 0)),
  ScatterND: scatter,
};
