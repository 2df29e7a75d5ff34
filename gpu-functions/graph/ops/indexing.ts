import { simpleRule } from '../rules.ts';
import { GraphError, sizeOf, type Shape } from '../tensor.ts';
import { makeValue, normaliseAxis, uniformValue, type Value } from '../value.ts';
import { zeros } from './create.ts';
import { scatterElements } from './scatter.ts';
import { add, cast, less } from './elementwise.ts';
import { expand, reshape, sliceAxes, transpose } from './shape.ts';

function requireIndex(indices: Value, op: string): void {
  if (indices.dtype !== 'int64' && indices.dtype !== 'int32') {
    throw new GraphError(`${op}: the indices are ${indices.dtype}; cast them to int64`);
  }
}

/** Take slices of x at `indices` along an axis: the axis is replaced by the shape of the indices. */
export function gather(x: Value, indices: Value, axis = 0): Value {
  requireIndex(indices, 'gather');
  const a = normaliseAxis(axis, x.shape.length, 'gather');
  const shape = [...x.shape.slice(0, a), ...indices.shape, ...x.shape.slice(a + 1)];
  return makeValue('Gather', [x, indices], { axis: a }, shape, x.dtype);
}

/** out[…, i, …] = x[…, indices[…, i, …], …] along an axis; x and the indices have the same rank. */
export function gatherElements(x: Value, indices: Value, axis: number): Value {
  requireIndex(indices, 'gatherElements');
  const a = normaliseAxis(axis, x.shape.length, 'gatherElements');
  if (indices.shape.length !== x.shape.length || indices.shape.some((d, i) => i !== a && d > x.shape[i])) {
    throw new GraphError(
      `gatherElements: indices [${indices.shape.join(', ')}] into [${x.shape.join(', ')}]`,
    );
  }
  return makeValue('GatherElements', [x, indices], { axis: a }, indices.shape, x.dtype);
}

/**
 * out[indices[m], :] += updates[m, :] over zeros: [rows, C]. Indices [M], updates [M, C].
 * On the CPU, ONNX Runtime's kernel loses updates with more than one thread: sessions of such models get one.
 */
export function scatterAddRows(rows: number, indices: Value, updates: Value): Value {
  requireIndex(indices, 'scatterAddRows');
  const [m, channels] = updates.shape;
  if (updates.shape.length !== 2 || sizeOf(indices.shape) !== m) {
    throw new GraphError(
      `scatterAddRows: ${sizeOf(indices.shape)} indices for updates of [${updates.shape.join(', ')}]`,
    );
  }
  if (updates.dtype === 'float16') {
    // ONNX Runtime adds no half floats to each other on the CPU; sums of many are better in single precision, too.
    return cast(scatterAddRows(rows, indices, cast(updates, 'float32')), 'float16');
  }
  const at =
    indices.dtype === 'int64' ? indices : makeValue('Cast', [indices], { to: 7 }, indices.shape, 'int64');
  return scatterOnto(freshZeros([rows, channels], updates), reshape(at, [m, 1]), updates);
}

function scatterOnto(base: Value, indices: Value, updates: Value): Value {
  return makeValue('ScatterND', [base, indices, updates], { reduction: 'add' }, base.shape, base.dtype);
}

/** Elements from which on zeros are made in the run: ONNX Runtime would keep smaller ones as a constant, and copy it each time. */
const LARGE = 2 ** 18;

/** Zeros that nobody else holds, so that a scatter may write into them. */
function freshZeros(shape: Shape, like: Value): Value {
  if (sizeOf(shape) < LARGE || sizeOf(like.shape) === 0) return zeros(shape, like.dtype);
  const first = sliceAxes(
    like,
    [...like.shape.keys()],
    like.shape.map(() => 0),
    like.shape.map(() => 1),
  );
  // False even for NaN.
  return expand(cast(less(first, first), like.dtype), shape);
}

/** Whether a value is what {@link freshZeros} makes. */
function isFreshZeros(v: Value): boolean {
  if (uniformValue(v) === 0) return true;
  const [cast0] = v.node.op === 'Expand' ? v.node.inputs : [];
  const [compared] = cast0?.node.op === 'Cast' ? cast0.node.inputs : [];
  return compared?.node.op === 'Less' && compared.node.inputs[0] === compared.node.inputs[1];
}

/** a + b; where one of them was scattered onto zeros, it is scattered onto the other instead, which saves a pass and a copy. */
export function accumulated(a: Value, b: Value): Value {
  for (const [x, y] of [
    [a, b],
    [b, a],
  ]) {
    const { op, inputs, attributes } = x.node;
    if (op === 'ScatterND' && attributes.reduction === 'add' && isFreshZeros(inputs[0]!)) {
      return scatterOnto(y, inputs[1]!, inputs[2]!);
    }
  }
  return add(a, b);
}

simpleRule('Gather', (g, [x, indices], _, node) => {
  const axis = node.attributes.axis as number;
  const n = sizeOf(indices.shape);
  return [
    () => {
      const lead = x.shape.slice(0, axis);
      const tail = x.shape.slice(axis + 1);
      const [before, after] = [sizeOf(lead), sizeOf(tail)];
      const rows = transpose(reshape(g, [before, n, after]), [1, 0, 2]);
      const summed = scatterAddRows(x.shape[axis], reshape(indices, [n]), reshape(rows, [n, before * after]));
      return reshape(transpose(reshape(summed, [x.shape[axis], before, after]), [1, 0, 2]), x.shape);
    },
    null,
  ];
});
simpleRule('GatherElements', (g, [x, indices], _, node) => [
  () => scatterElements(zeros(x.shape, x.dtype), indices, g, node.attributes.axis as number, 'add'),
  null,
]);
