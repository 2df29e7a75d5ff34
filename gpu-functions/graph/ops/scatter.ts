import { simpleRule } from '../rules.ts';
import { GraphError, hostTensor, sameShape, sizeOf, type Shape, listOf } from '../tensor.ts';
import { constant, constantInts, makeValue, type Node, type Value } from '../value.ts';
import { zerosLike } from './create.ts';
import { add, cast, div, equal, less, mul, where } from './elementwise.ts';
import { gather, gatherElements } from './indexing.ts';
import { sum } from './reduce.ts';
import { reshape } from './shape.ts';

/** What happens to an element that updates are written to: replaced, or reduced with them. */
export type Reduction = 'none' | 'add' | 'mul' | 'max' | 'min';

/** Write updates into a copy of base, at the places gatherElements would read. Several at one place need a reduction to be told apart. */
export function scatterElements(
  base: Value,
  indices: Value,
  updates: Value,
  axis: number,
  reduction: Reduction,
): Value {
  if (!sameShape(indices.shape, updates.shape) || indices.shape.length !== base.shape.length) {
    throw new GraphError(
      `scatterElements: indices [${indices.shape.join(', ')}] and updates [${updates.shape.join(', ')}] into [${base.shape.join(', ')}]`,
    );
  }
  if (base.dtype === 'float16' && reduction !== 'none') {
    return inSingle(base, updates, (b, u) => scatterElements(b, indices, u, axis, reduction));
  }
  return makeValue('ScatterElements', [base, indices, updates], { axis, reduction }, base.shape, base.dtype);
}

/** ONNX Runtime reduces no half floats on the CPU; sums of many are better in single precision, too. */
function inSingle(base: Value, updates: Value, scatter: (base: Value, updates: Value) => Value): Value {
  return cast(scatter(cast(base, 'float32'), cast(updates, 'float32')), base.dtype);
}

/** Write updates into a copy of base, at the places {@link gatherNd} (with no batch axes) would read. Indices [… , K], updates […, tail]. */
export function scatterNd(base: Value, indices: Value, updates: Value, reduction: Reduction): Value {
  const k = indices.shape.at(-1)!;
  const wanted = [...indices.shape.slice(0, -1), ...base.shape.slice(k)];
  if (k > base.shape.length || !sameShape(updates.shape, wanted)) {
    throw new GraphError(
      `scatterNd: indices [${indices.shape.join(', ')}] and updates [${updates.shape.join(', ')}] into [${base.shape.join(', ')}]`,
    );
  }
  if (base.dtype === 'float16' && reduction !== 'none') {
    return inSingle(base, updates, (b, u) => scatterNd(b, indices, u, reduction));
  }
  return makeValue('ScatterND', [base, indices, updates], { reduction }, base.shape, base.dtype);
}

/** The numbers of the rows that index tuples mean in `dims` after `batch` axes, counted through all of them; computed at once if constant. */
function rowNumbers(indices: Value, batch: Shape, dims: Shape): Value {
  const k = dims.length;
  const strides = dims.map((_, i) => sizeOf(dims.slice(i + 1)));
  const tuples = sizeOf(indices.shape) / k;
  const perBatch = tuples / sizeOf(batch);
  const first = (tuple: number): number => Math.floor(tuple / perBatch) * sizeOf(dims);
  if (indices.node.tensor) {
    const list = constantInts(indices);
    const rows = listOf(tuples, (t) =>
      strides.reduce((row, s, i) => {
        const at = list[t * k + i];
        return row + s * (at < 0 ? at + dims[i] : at);
      }, first(t)),
    );
    return constant(hostTensor(rows, [tuples], 'int64'));
  }
  const vector = (values: readonly number[]): Value =>
    constant(hostTensor(values, [values.length], indices.dtype));
  const table = reshape(indices, [tuples, k]);
  const counted = where(less(table, 0), add(table, vector(dims)), table);
  const rows = sum(mul(counted, vector(strides)), [1]);
  return add(rows, vector(listOf(tuples, first)));
}

/**
 * Take slices of x by tuples of indices: x [B…, D₁ … D_K, tail], indices [B…, …, K] → [B…, …, tail]; `batch` leading axes belong together.
 */
export function gatherNd(x: Value, indices: Value, batch = 0): Value {
  const k = indices.shape.at(-1)!;
  const lead = x.shape.slice(0, batch);
  if (batch + k > x.shape.length || !sameShape(lead, indices.shape.slice(0, batch))) {
    throw new GraphError(
      `gatherNd: indices [${indices.shape.join(', ')}] with ${batch} batch axes into [${x.shape.join(', ')}]`,
    );
  }
  const dims = x.shape.slice(batch, batch + k);
  const tail = x.shape.slice(batch + k);
  const rows = reshape(x, [sizeOf(lead) * sizeOf(dims), sizeOf(tail)]);
  const taken = gather(rows, rowNumbers(indices, lead, dims));
  return reshape(taken, [...indices.shape.slice(0, -1), ...tail]);
}

/** Reading at a scatter's places, and scattering there. */
interface Places {
  readonly read: (from: Value) => Value;
  readonly write: (base: Value, updates: Value, reduction: Reduction) => Value;
}

/** A product without one of its factors, given the product of the factors that are not zero and the number of those that are. */
function without(factor: Value, nonzero: Value, zeroCount: Value): Value {
  const isZero = equal(factor, 0);
  return where(
    isZero,
    where(equal(zeroCount, 1), nonzero, 0),
    where(equal(zeroCount, 0), div(nonzero, oneForZero(factor)), 0),
  );
}

const oneForZero = (v: Value): Value => where(equal(v, 0), 1, v);

function scatterCotangents(
  g: Value,
  y: Value,
  base: Value,
  updates: Value,
  reduction: Reduction,
  places: Places,
): readonly ((() => Value) | null)[] {
  const { read, write } = places;
  if (reduction === 'none') {
    return [() => write(g, zerosLike(updates), 'none'), null, () => read(g)];
  }
  if (reduction === 'add') return [() => g, null, () => read(g)];
  if (reduction === 'mul') {
    const nonzero = (): Value => write(oneForZero(base), oneForZero(updates), 'mul');
    const zeroCount = (): Value =>
      write(cast(equal(base, 0), y.dtype), cast(equal(updates, 0), y.dtype), 'add');
    return [
      () => mul(g, without(base, nonzero(), zeroCount())),
      null,
      () => mul(read(g), without(updates, read(nonzero()), read(zeroCount()))),
    ];
  }
  // Equal extremes share the cotangent.
  const hitBase = equal(base, y);
  const hitUpdates = equal(updates, read(y));
  const share = div(g, write(cast(hitBase, y.dtype), cast(hitUpdates, y.dtype), 'add'));
  return [() => where(hitBase, share, 0), null, () => where(hitUpdates, read(share), 0)];
}

const reductionOf = (node: Node): Reduction => node.attributes.reduction as Reduction;

simpleRule('ScatterND', (g, [base, indices, updates], y, node) =>
  scatterCotangents(g, y, base, updates, reductionOf(node), {
    read: (from) => gatherNd(from, indices),
    write: (to, with_, reduction) => scatterNd(to, indices, with_, reduction),
  }),
);
simpleRule('ScatterElements', (g, [base, indices, updates], y, node) => {
  const axis = node.attributes.axis as number;
  return scatterCotangents(g, y, base, updates, reductionOf(node), {
    read: (from) => gatherElements(from, indices, axis),
    write: (to, with_, reduction) => scatterElements(to, indices, with_, axis, reduction),
  });
});
