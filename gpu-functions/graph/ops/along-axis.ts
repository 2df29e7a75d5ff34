import { GraphError, hostTensor, sizeOf, typedArray, type DType } from '../tensor.ts';
import { constant, type Value } from '../value.ts';
import { matmul } from './linear.ts';
import { reshape, transposeLast } from './shape.ts';

/** A linear map of one axis to another length: [to, from] weights, row by row. Windows, resampling and padding are such maps. */
export interface AxisMap {
  readonly from: number;
  readonly to: number;
  readonly weights: Float64Array;
}

/** The map that has weights(i) as entries [place, weight] of its row i; weights of the same place add up. */
export function axisMap(
  from: number,
  to: number,
  weights: (i: number) => readonly (readonly [place: number, weight: number])[],
): AxisMap {
  const all = new Float64Array(to * from);
  for (let i = 0; i < to; i++) {
    for (const [place, weight] of weights(i)) all[i * from + place] += weight;
  }
  return { from, to, weights: all };
}

export function isIdentity({ from, to, weights }: AxisMap): boolean {
  return from === to && weights.every((w, i) => w === (Math.floor(i / from) === i % from ? 1 : 0));
}

/** The adjoint of a map: from its results back to the axis. */
export function transposed({ from, to, weights }: AxisMap): AxisMap {
  const turned = new Float64Array(weights.length);
  for (let i = 0; i < to; i++) for (let j = 0; j < from; j++) turned[j * to + i] = weights[i * from + j];
  return { from: to, to: from, weights: turned };
}

/** The [to, from] matrix of a map. */
export function matrixOf({ from, to, weights }: AxisMap, dtype: DType): Value {
  return constant(hostTensor(typedArray(weights, dtype), [to, from], dtype));
}

/** Apply a map to an axis of x, as a matrix product. */
export function alongAxis(x: Value, axis: number, map: AxisMap): Value {
  if (x.shape[axis] !== map.from) {
    throw new GraphError(`axis ${axis} of [${x.shape.join(', ')}] does not have ${map.from} elements`);
  }
  if (isIdentity(map)) return x;
  const matrix = matrixOf(map, x.dtype);
  const shape = x.shape.with(axis, map.to);
  if (axis === x.shape.length - 1) {
    return reshape(matmul(reshape(x, [-1, map.from]), transposeLast(matrix)), shape);
  }
  const [before, after] = [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis + 1))];
  // The axes before are a batch; those after, columns.
  return reshape(matmul(matrix, reshape(x, [before, map.from, after])), shape);
}

/** Apply maps to the last axes of x, one each. */
export function alongLast(x: Value, maps: readonly AxisMap[]): Value {
  const first = x.shape.length - maps.length;
  // Axes that shrink most come first, so that the others have less to do.
  const order = [...maps.keys()].toSorted((a, b) => maps[a].to / maps[a].from - maps[b].to / maps[b].from);
  return order.reduce((y, i) => alongAxis(y, first + i, maps[i]), x);
}
