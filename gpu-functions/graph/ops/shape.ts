import { gradientRule, simpleRule } from '../rules.ts';
import { GraphError, sameShape, sizeOf, type Shape } from '../tensor.ts';
import {
  broadcastShape,
  constantInts,
  ints,
  makeNode,
  makeValue,
  normaliseAxis,
  type Value,
} from '../value.ts';
import { zeros } from './create.ts';
import { pad } from './pad.ts';
import { unbroadcast } from './reduce.ts';

const show = (shape: Shape): string => `[${shape.join(', ')}]`;

/** The same elements in another shape; one dimension may be −1. */
export function reshape(x: Value, shape: Shape): Value {
  let target = shape;
  if (shape.includes(-1)) {
    const known = -sizeOf(shape);
    target = shape.map((d) => (d === -1 ? sizeOf(x.shape) / known : d));
  }
  if (sizeOf(target) !== sizeOf(x.shape) || !target.every(Number.isInteger)) {
    throw new GraphError(`reshape: ${show(x.shape)} does not fit ${show(shape)}`);
  }
  if (sameShape(target, x.shape)) return x;
  const source = x.node.op === 'Reshape' ? x.node.inputs[0]! : x;
  if (sameShape(target, source.shape)) return source;
  return makeValue('Reshape', [source, ints(target)], {}, target, x.dtype);
}

/** Reorder the axes: axis i of the result is axis perm[i] of x. */
export function transpose(x: Value, perm: readonly number[]): Value {
  if (perm.toSorted((a, b) => a - b).some((p, i) => p !== i) || perm.length !== x.shape.length) {
    throw new GraphError(`transpose: ${show(perm)} is no permutation of the axes of ${show(x.shape)}`);
  }
  if (x.node.op === 'Transpose') {
    const before = x.node.attributes.perm as readonly number[];
    return transpose(
      x.node.inputs[0]!,
      perm.map((p) => before[p]),
    );
  }
  // Moving axes of length 1 moves no element.
  const long = perm.filter((p) => x.shape[p] !== 1);
  if (long.every((p, i) => i === 0 || long[i - 1] < p)) {
    return reshape(
      x,
      perm.map((p) => x.shape[p]),
    );
  }
  return makeValue(
    'Transpose',
    [x],
    { perm: [...perm] },
    perm.map((p) => x.shape[p]),
    x.dtype,
  );
}

/** Swap the last two axes. */
export function transposeLast(x: Value): Value {
  const n = x.shape.length;
  return transpose(x, [...Array(n - 2).keys(), n - 1, n - 2]);
}

/** Broadcast to a shape. */
export function expand(x: Value, shape: Shape): Value {
  if (sameShape(x.shape, shape)) return x;
  if (!sameShape(broadcastShape(x.shape, shape, 'expand'), shape)) {
    throw new GraphError(`expand: ${show(x.shape)} does not broadcast to ${show(shape)}`);
  }
  const source = x.node.op === 'Expand' ? x.node.inputs[0]! : x;
  return makeValue('Expand', [source, ints(shape)], {}, shape, x.dtype);
}

/** Drop axes of length 1. */
export function squeeze(x: Value, axes: readonly number[]): Value {
  const drop = axes.map((a) => normaliseAxis(a, x.shape.length, 'squeeze'));
  if (drop.some((a) => x.shape[a] !== 1)) {
    throw new GraphError(`squeeze: the axes ${show(axes)} of ${show(x.shape)} are not all of length 1`);
  }
  return reshape(
    x,
    x.shape.filter((_, i) => !drop.includes(i)),
  );
}

/** Insert axes of length 1, at these places of the result. */
export function unsqueeze(x: Value, axes: readonly number[]): Value {
  const rank = x.shape.length + axes.length;
  const at = axes.map((a) => normaliseAxis(a, rank, 'unsqueeze'));
  let next = 0;
  return reshape(
    x,
    Array.from({ length: rank }, (_, i) => (at.includes(i) ? 1 : x.shape[next++])),
  );
}

/** Join along an axis. */
export function concat(xs: readonly Value[], axis: number): Value {
  if (xs.length === 0) throw new GraphError('concat: nothing to join');
  if (xs.length === 1) return xs[0];
  const first = xs[0];
  const a = normaliseAxis(axis, first.shape.length, 'concat');
  const shape = [...first.shape];
  for (const x of xs.slice(1)) {
    if (
      x.dtype !== first.dtype ||
      x.shape.length !== shape.length ||
      x.shape.some((d, i) => i !== a && d !== shape[i])
    ) {
      throw new GraphError(
        `concat: ${x.dtype} ${show(x.shape)} does not join ${first.dtype} ${show(first.shape)} on axis ${a}`,
      );
    }
    shape[a] += x.shape[a];
  }
  return makeValue('Concat', xs, { axis: a }, shape, first.dtype);
}

/** Slice several axes at once: elements start, start + step, … before end. Bounds must lie within the axis. */
export function sliceAxes(
  x: Value,
  axes: readonly number[],
  starts: readonly number[],
  ends: readonly number[],
  steps: readonly number[] = axes.map(() => 1),
): Value {
  const shape = [...x.shape];
  for (const [i, axis] of axes.entries()) {
    if (starts[i] < 0 || ends[i] > x.shape[axis] || ends[i] < starts[i] || steps[i] < 1) {
      throw new GraphError(
        `slice: ${starts[i]}:${ends[i]}:${steps[i]} is not within axis ${axis} of ${show(x.shape)}`,
      );
    }
    shape[axis] = Math.ceil((ends[i] - starts[i]) / steps[i]);
  }
  if (sameShape(shape, x.shape)) return x;
  return makeValue('Slice', [x, ints(starts), ints(ends), ints(axes), ints(steps)], {}, shape, x.dtype);
}

/** Elements start, start + step, … before end of an axis; negative bounds count from the end. */
export function slice(x: Value, axis: number, start: number, end: number, step = 1): Value {
  const a = normaliseAxis(axis, x.shape.length, 'slice');
  const n = x.shape[a];
  return sliceAxes(x, [a], [start < 0 ? start + n : start], [end < 0 ? end + n : Math.min(end, n)], [step]);
}

/** Cut an axis into parts of the given sizes. */
export function split(x: Value, axis: number, sizes: readonly number[]): Value[] {
  const a = normaliseAxis(axis, x.shape.length, 'split');
  if (sizes.reduce((s, n) => s + n, 0) !== x.shape[a]) {
    throw new GraphError(`split: the sizes ${show(sizes)} do not add up to axis ${a} of ${show(x.shape)}`);
  }
  if (sizes.length === 1) return [x];
  const outputs = sizes.map((n) => ({ dtype: x.dtype, shape: x.shape.with(a, n) }));
  return [...makeNode('Split', [x, ints(sizes)], { axis: a }, outputs).outputs];
}

/** Reverse axes. */
export function flip(x: Value, axes: readonly number[]): Value {
  const at = axes.map((a) => normaliseAxis(a, x.shape.length, 'flip')).filter((a) => x.shape[a] !== 1);
  if (at.length === 0) return x;
  const all = (v: number): Value => ints(at.map(() => v));
  // An end of −2³¹ is how ONNX says "past the first element, going down".
  return makeValue('Slice', [x, all(-1), all(-(2 ** 31)), ints(at), all(-1)], {}, x.shape, x.dtype);
}

/** Repeat axis i `repeats[i]` times. */
export function tile(x: Value, repeats: readonly number[]): Value {
  if (repeats.length !== x.shape.length)
    throw new GraphError(`tile: ${show(x.shape)} needs ${x.shape.length} repeats`);
  const spread = expand(
    reshape(
      x,
      x.shape.flatMap((d) => [1, d]),
    ),
    x.shape.flatMap((d, i) => [repeats[i], d]),
  );
  return reshape(
    spread,
    x.shape.map((d, i) => d * repeats[i]),
  );
}

/** A list of zeros but for one place, as pad takes it. */
function only(rank: number, axis: number, n: number): number[] {
  return Array<number>(rank).fill(0).with(axis, n);
}

/** Adjoint of a strided slice on one axis: spread the elements step apart from start, zeros elsewhere. */
function unslice(g: Value, axis: number, start: number, step: number, length: number): Value {
  const rank = g.shape.length;
  let spread = g;
  if (step > 1) {
    const wide = unsqueeze(g, [axis + 1]);
    const filled = pad(wide, only(rank + 1, axis, 0), only(rank + 1, axis + 1, step - 1));
    const flat = reshape(filled, g.shape.with(axis, g.shape[axis] * step));
    spread = slice(flat, axis, 0, Math.min(flat.shape[axis], length - start));
  }
  return pad(spread, only(rank, axis, start), only(rank, axis, length - start - spread.shape[axis]));
}

simpleRule('Reshape', (g, [x]) => [() => reshape(g, x.shape), null]);
simpleRule('Expand', (g, [x]) => [() => unbroadcast(g, x.shape), null]);
simpleRule('Transpose', (g, _, __, node) => {
  const perm = node.attributes.perm as readonly number[];
  return [
    () =>
      transpose(
        g,
        perm.map((_, i) => perm.indexOf(i)),
      ),
  ];
});
simpleRule('Concat', (g, inputs, _, node) => {
  const axis = node.attributes.axis as number;
  let offset = 0;
  return inputs.map((x) => {
    const start = offset;
    offset += x.shape[axis];
    return () => slice(g, axis, start, start + x.shape[axis]);
  });
});
gradientRule('Split', (node, cotangents) => [
  () =>
    concat(
      cotangents.map((g, i) => g ?? zeros(node.outputs[i].shape, node.outputs[i].dtype)),
      node.attributes.axis as number,
    ),
  null,
]);
simpleRule('Slice', (g, [x, starts, , axes, steps]) => [
  () => {
    const at = constantInts(axes);
    const step = constantInts(steps);
    if (step.every((s) => s < 0)) return flip(g, at);
    const start = constantInts(starts);
    return at.reduce((out, axis, i) => unslice(out, axis, start[i], step[i], x.shape[axis]), g);
  },
  null,
  null,
  null,
  null,
]);
