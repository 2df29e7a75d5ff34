import { axesOf, numberOf, type Importer, type Importers } from '../importing.ts';
import * as e from '../../ops/elementwise.ts';
import * as r from '../../ops/reduce.ts';
import type { Value } from '../../value.ts';

type Reduction = (x: Value, axes?: readonly number[], keep?: boolean) => Value;
const reduction =
  (f: Reduction): Importer =>
  (node) => {
    const axes = axesOf(node);
    if (axes?.length === 0 || (!axes && node.int('noop_with_empty_axes', 0) === 1)) return node.x;
    return f(node.x, axes, node.int('keepdims', 1) === 1);
  };

/** Sums, extremes and order along axes. */
export const reductions: Importers = {
  ReduceSum: reduction(r.sum),
  ReduceMean: reduction(r.mean),
  ReduceMax: reduction(r.reduceMax),
  ReduceMin: reduction(r.reduceMin),
  ReduceL2: reduction((x, axes, keep) => e.sqrt(r.sum(e.square(x), axes, keep))),
  CumSum: (node) =>
    r.cumsum(node.x, numberOf(node, 1)!, {
      exclusive: node.int('exclusive', 0) === 1,
      reverse: node.int('reverse', 0) === 1,
    }),
  TopK: (node) => {
    const { values, indices } = r.topK(node.x, node.list(1)![0], node.int('axis', -1), {
      largest: node.int('largest', 1) === 1,
    });
    return [values, indices];
  },
};
