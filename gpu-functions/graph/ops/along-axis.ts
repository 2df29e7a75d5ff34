import { GraphError, hostTensor, sizeOf, typedArray, type DType } from '../tensor.ts';
import { constant, type Value } from '../value.ts';
import { differentiated } from './differentiated.ts';
import { add, mul } from './elementwise.ts';
import { gather } from './indexing.ts';
import { matmul } from './linear.ts';
import { reshape, transposeLast } from './shape.ts';

/**
 * A linear map of one axis to another length, whose matrix [to, from] is mostly zeros. Windows, resampling and transforms are such maps.
 * The entries of row i are those from `starts[i]` to `starts[i + 1]`.
 */
export interface AxisMap {
  readonly from: number;
  readonly to: number;
  readonly starts: Int32Array;
  readonly places: Int32Array;
  readonly weights: Float64Array;
}

/** So many entries are a gibibyte and a half. */
const MOST_ENTRIES = 1 << 27;

function tooLarge(from: number, to: number): GraphError {
  return new GraphError(
    `mapping ${from} elements to ${to} would need too large a table; give smaller shapes`,
  );
}

/** The map that has weights(i) as entries [place, weight] of its row i; weights of the same place add up. */
export function axisMap(
  from: number,
  to: number,
  weights: (i: number) => readonly (readonly [place: number, weight: number])[],
): AxisMap {
  if (!(from <= MOST_ENTRIES && to <= MOST_ENTRIES)) throw tooLarge(from, to);
  const starts = new Int32Array(to + 1);
  const places: number[] = [];
  const values: number[] = [];
  for (let i = 0; i < to; i++) {
    const row = new Map<number, number>();
    for (const [place, weight] of weights(i)) row.set(place, (row.get(place) ?? 0) + weight);
    for (const [place, weight] of row) {
      places.push(place);
      values.push(weight);
    }
    if (places.length > MOST_ENTRIES) throw tooLarge(from, to);
    starts[i + 1] = places.length;
  }
  return { from, to, starts, places: Int32Array.from(places), weights: Float64Array.from(values) };
}

/** Whether row i has one entry, of weight one, at place(i). */
export function isSelection({ to, starts, places, weights }: AxisMap, place: (i: number) => number): boolean {
  for (let i = 0; i < to; i++) {
    const at = starts[i];
    if (starts[i + 1] !== at + 1 || places[at] !== place(i) || weights[at] !== 1) return false;
  }
  return true;
}

/** The adjoint of a map: from its results back to the axis. */
export function transposed({ from, to, starts, places, weights }: AxisMap): AxisMap {
  const turnedStarts = new Int32Array(from + 1);
  for (const place of places) turnedStarts[place + 1]++;
  for (let j = 0; j < from; j++) turnedStarts[j + 1] += turnedStarts[j];
  const next = turnedStarts.slice();
  const turnedPlaces = new Int32Array(places.length);
  const turnedWeights = new Float64Array(places.length);
  for (let i = 0; i < to; i++) {
    for (let k = starts[i]; k < starts[i + 1]; k++) {
      const at = next[places[k]]++;
      turnedPlaces[at] = i;
      turnedWeights[at] = weights[k];
    }
  }
  return { from: to, to: from, starts: turnedStarts, places: turnedPlaces, weights: turnedWeights };
}

/** The [to, from] matrix of a map. */
export function matrixOf({ from, to, starts, places, weights }: AxisMap, dtype: DType): Value {
  const all = new Float64Array(to * from);
  for (let i = 0; i < to; i++) {
    for (let k = starts[i]; k < starts[i + 1]; k++) all[i * from + places[k]] = weights[k];
  }
  return constant(hostTensor(typedArray(all, dtype), [to, from], dtype));
}

/** Matrices of no more elements are multiplied with; beyond, a few elements are gathered for each result. */
const MOST_IN_MATRIX = 1 << 21;
const MOST_TAPS = 64;

/** The largest number of entries of a row. */
function widest({ to, starts }: AxisMap): number {
  let most = 0;
  for (let i = 0; i < to; i++) most = Math.max(most, starts[i + 1] - starts[i]);
  return most;
}

/** Apply a map to an axis of x. */
export function alongAxis(x: Value, axis: number, map: AxisMap): Value {
  const { from, to } = map;
  if (x.shape[axis] !== from) {
    throw new GraphError(`axis ${axis} of [${x.shape.join(', ')}] does not have ${from} elements`);
  }
  if (from === to && isSelection(map, (i) => i)) return x;
  if (from * to > MOST_IN_MATRIX) {
    const taps = widest(map);
    if (taps <= MOST_TAPS) {
      const value = gathered(x, axis, map, taps);
      return differentiated(value, [x], (g) => [() => alongAxis(g, axis, transposed(map))]);
    }
    if (from * to > MOST_ENTRIES) throw tooLarge(from, to);
  }
  const matrix = matrixOf(map, x.dtype);
  const shape = x.shape.with(axis, to);
  if (axis === x.shape.length - 1) {
    return reshape(matmul(reshape(x, [-1, from]), transposeLast(matrix)), shape);
  }
  const [before, after] = [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis + 1))];
  // The axes before are a batch; those after, columns.
  return reshape(matmul(matrix, reshape(x, [before, from, after])), shape);
}

/** The t-th entries of all rows, gathered and weighed, for each t. Rows with fewer have zeros. */
function gathered(x: Value, axis: number, { to, starts, places, weights }: AxisMap, taps: number): Value {
  const shape = x.shape.map((_, i) => (i === axis ? to : 1));
  let total: Value | undefined;
  for (let t = 0; t < Math.max(1, taps); t++) {
    const at = new BigInt64Array(to);
    const share = new Float64Array(to);
    for (let i = 0; i < to; i++) {
      const k = starts[i] + t;
      if (k >= starts[i + 1]) continue;
      at[i] = BigInt(places[k]);
      share[i] = weights[k];
    }
    const seen = gather(x, constant(hostTensor(at, [to])), axis);
    const weighed = share.every((w) => w === 1)
      ? seen
      : mul(seen, constant(hostTensor(typedArray(share, x.dtype), shape, x.dtype)));
    total = total ? add(total, weighed) : weighed;
  }
  return total!;
}

/** Apply maps to the last axes of x, one each. */
export function alongLast(x: Value, maps: readonly AxisMap[]): Value {
  const first = x.shape.length - maps.length;
  // Axes that shrink most come first, so that the others have less to do.
  const order = [...maps.keys()].toSorted((a, b) => maps[a].to / maps[a].from - maps[b].to / maps[b].from);
  return order.reduce((y, i) => alongAxis(y, first + i, maps[i]), x);
}
