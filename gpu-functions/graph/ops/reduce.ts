import { gradientRule, simpleRule } from '../rules.ts';
import { GraphError, sameShape, sizeOf, type Shape } from '../tensor.ts';
import {
  constant,
  constantInts,
  ints,
  makeNode,
  makeValue,
  normaliseAxis,
  type Node,
  type Value,
} from '../value.ts';
import { cast, div, equal, mul, where } from './elementwise.ts';
import { scatterElements } from './scatter.ts';
import { zeros } from './create.ts';
import { expand, reshape } from './shape.ts';

/** A reduction of ONNX, whose axes are its second input. */
export function reduce(op: string, x: Value, axes: readonly number[] | undefined, keep: boolean): Value {
  const over = (axes ?? [...x.shape.keys()]).map((a) => normaliseAxis(a, x.shape.length, op));
  const kept = x.shape.map((d, i) => (over.includes(i) ? 1 : d));
  const shape = keep ? kept : x.shape.filter((_, i) => !over.includes(i));
  if (sameShape(kept, x.shape)) return reshape(x, shape);
  return makeValue(op, [x, ints(over)], { keepdims: keep ? 1 : 0 }, shape, x.dtype);
}

/** Sum over axes (all by default). */
export function sum(x: Value, axes?: readonly number[], keep = false): Value {
  return reduce('ReduceSum', x, axes, keep);
}

/** Mean over axes (all by default). */
export function mean(x: Value, axes?: readonly number[], keep = false): Value {
  return reduce('ReduceMean', x, axes, keep);
}

/** Largest over axes (all by default); equal maxima share the gradient. */
export function reduceMax(x: Value, axes?: readonly number[], keep = false): Value {
  return reduce('ReduceMax', x, axes, keep);
}

/** Smallest over axes (all by default); equal minima share the gradient. */
export function reduceMin(x: Value, axes?: readonly number[], keep = false): Value {
  return reduce('ReduceMin', x, axes, keep);
}

/** Running sum along an axis; exclusive leaves the element itself out, reverse runs from the end. */
export function cumsum(
  x: Value,
  axis: number,
  options: { exclusive?: boolean; reverse?: boolean } = {},
): Value {
  const a = normaliseAxis(axis, x.shape.length, 'cumsum');
  const attributes = { exclusive: options.exclusive ? 1 : 0, reverse: options.reverse ? 1 : 0 };
  return makeValue('CumSum', [x, constant(a, 'int64')], attributes, x.shape, x.dtype);
}

/** The k largest (or smallest) along an axis, in order, with their int64 places. */
export function topK(
  x: Value,
  k: number,
  axis: number,
  { largest = true }: { largest?: boolean } = {},
): { values: Value; indices: Value } {
  const a = normaliseAxis(axis, x.shape.length, 'topK');
  if (k > x.shape[a]) throw new GraphError(`topK: ${k} of ${x.shape[a]} elements`);
  const shape = x.shape.with(a, k);
  const node = makeNode('TopK', [x, ints([k])], { axis: a, largest: largest ? 1 : 0, sorted: 1 }, [
    { dtype: x.dtype, shape },
    { dtype: 'int64', shape },
  ]);
  return { values: node.outputs[0], indices: node.outputs[1] };
}

/** The adjoint of broadcasting to the shape of g: sum it back to `shape`. */
export function unbroadcast(g: Value, shape: Shape): Value {
  if (sameShape(g.shape, shape)) return g;
  const added = g.shape.length - shape.length;
  const over = [...g.shape.keys()].filter((i) => i < added || (shape[i - added] === 1 && g.shape[i] !== 1));
  return reshape(over.length > 0 ? sum(g, over) : g, shape);
}

/** A reduction's result or cotangent with the reduced axes back as ones. */
export function unreduced(v: Value, node: Node): Value {
  const over = constantInts(node.inputs[1]);
  return reshape(
    v,
    node.inputs[0]!.shape.map((d, i) => (over.includes(i) ? 1 : d)),
  );
}

simpleRule('ReduceSum', (g, [x], _, node) => [() => expand(unreduced(g, node), x.shape), null]);
simpleRule('ReduceMean', (g, [x], y, node) => [
  () => expand(unreduced(mul(g, sizeOf(y.shape) / sizeOf(x.shape)), node), x.shape),
  null,
]);
for (const op of ['ReduceMax', 'ReduceMin']) {
  simpleRule(op, (g, [x], y, node) => [
    () => {
      const hit = equal(x, unreduced(y, node));
      const ties = sum(cast(hit, x.dtype), constantInts(node.inputs[1]), true);
      return where(hit, div(unreduced(g, node), ties), 0);
    },
    null,
  ]);
}
simpleRule('CumSum', (g, [, axis], _, node) => {
  const { exclusive, reverse } = node.attributes;
  const options = { exclusive: exclusive === 1, reverse: reverse !== 1 };
  return [() => cumsum(g, Number(axis.node.tensor!.data[0]), options), null];
});
gradientRule('TopK', (node, [g]) => [
  g
    ? () => {
        const x = node.inputs[0]!;
        return scatterElements(
          zeros(x.shape, x.dtype),
          node.outputs[1],
          g,
          node.attributes.axis as number,
          'none',
        );
      }
    : null,
  null,
]);
