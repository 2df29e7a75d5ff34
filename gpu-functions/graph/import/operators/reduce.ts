import { axesOf, type Importer, type Importers } from '../importing.ts';
import * as n from '../../ops/norms.ts';
import * as r from '../../ops/reduce.ts';
import { argMax, argMin } from '../../ops/without-gradient.ts';
import type { Value } from '../../value.ts';

type Reduction = (x: Value, axes?: readonly number[], keep?: boolean) => Value;
const reduction =
  (f: Reduction): Importer =>
  (node) => {
    const axes = axesOf(node);
    const all = !axes || axes.length === 0;
    if (all && node.int('noop_with_empty_axes', 0) === 1) return node.x;
    return f(node.x, all ? undefined : axes, node.int('keepdims', 1) === 1);
  };

const extreme =
  (f: typeof argMax): Importer =>
  (node) =>
    f(node.x, node.int('axis', 0), {
      keep: node.int('keepdims', 1) === 1,
      last: node.int('select_last_index', 0) === 1,
    });

/** Sums, extremes and order along axes. */
export const reductions: Importers = {
  ReduceSum: reduction(r.sum),
  ReduceMean: reduction(r.mean),
  ReduceMax: reduction(r.reduceMax),
  ReduceMin: reduction(r.reduceMin),
  ReduceProd: reduction(n.reduceProd),
  ReduceL1: reduction(n.reduceL1),
  ReduceL2: reduction(n.reduceL2),
  ReduceSumSquare: reduction(n.reduceSumSquare),
  ReduceLogSum: reduction(n.reduceLogSum),
  ReduceLogSumExp: reduction(n.reduceLogSumExp),
  ArgMax: extreme(argMax),
  ArgMin: extreme(argMin),
  CumSum: (node) =>
    r.cumsum(node.x, node.number(1) ?? 0, {
      exclusive: node.int('exclusive', 0) === 1,
      reverse: node.int('reverse', 0) === 1,
    }),
  TopK: (node) => {
    const k = node.number(1) ?? node.refuse('it lacks the number of elements wanted');
    const { values, indices } = r.topK(node.x, k, node.int('axis', -1), {
      largest: node.int('largest', 1) === 1,
    });
    return [values, indices];
  },
};
