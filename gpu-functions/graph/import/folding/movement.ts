import { sizeOf, type HostTensor, type Shape } from '../../tensor.ts';
import { broadcastShape, normaliseAxis } from '../../value.ts';
import type { Importing } from '../importing.ts';
import { slicedRanges } from '../ranges.ts';
import { broadcastSource, build, elementAt, pick, placesIn, stridesOf } from './elements.ts';
import type { Folder, Folders } from './fold.ts';

const gather: Folder = (node, [x, indices]) => {
  const axis = normaliseAxis(node.int('axis', 0), x!.shape.length, 'Gather');
  const shape = [...x!.shape.slice(0, axis), ...indices!.shape, ...x!.shape.slice(axis + 1)];
  const [length, inner, count] = [x!.shape[axis], sizeOf(x!.shape.slice(axis + 1)), sizeOf(indices!.shape)];
  return pick(x!, shape, (i) => {
    const outer = Math.floor(i / (inner * count));
    const index = indexWithin(node, indices!, Math.floor(i / inner) % count, length);
    return (outer * length + index) * inner + (i % inner);
  });
};

const gatherElements: Folder = (node, [x, indices]) => {
  const axis = normaliseAxis(node.int('axis', 0), x!.shape.length, 'GatherElements');
  const [place, strides] = [placesIn(indices!.shape), stridesOf(x!.shape)];
  if (indices!.shape.some((d, i) => i !== axis && d > x!.shape[i]))
    node.refuse('its indices are larger than its data');
  return pick(x!, indices!.shape, (i) => {
    const index = indexWithin(node, indices!, i, x!.shape[axis]);
    return place(i).reduce((sum, p, a) => sum + (a === axis ? index : p) * strides[a], 0);
  });
};

/** Where in x the i-th tuple of indices points to, and how many elements lie there. */
function tuples(node: Importing, x: HostTensor, indices: HostTensor, batch = 0) {
  const depth = indices.shape.at(-1) ?? 0;
  if (batch + depth > x.shape.length || indices.shape.length <= batch)
    node.refuse('its indices have too many parts');
  const strides = stridesOf(x.shape);
  const rows = sizeOf(indices.shape.slice(batch, -1));
  const start = (row: number): number => {
    let at = batch > 0 ? Math.floor(row / rows) * strides[batch - 1] : 0;
    for (let d = 0; d < depth; d++) {
      at += indexWithin(node, indices, row * depth + d, x.shape[batch + d]) * strides[batch + d];
    }
    return at;
  };
  return { start, inner: x.shape.slice(batch + depth), outer: indices.shape.slice(0, -1) };
}

const gatherND: Folder = (node, [x, indices]) => {
  const { start, inner, outer } = tuples(node, x!, indices!, node.int('batch_dims', 0));
  const size = sizeOf(inner);
  return pick(x!, [...outer, ...inner], (i) => start(Math.floor(i / size)) + (i % size));
};

const scatterND: Folder = (node, [x, indices, updates]) => {
  if (node.string('reduction', 'none') !== 'none') return undefined;
  const { start, inner, outer } = tuples(node, x!, indices!);
  const size = sizeOf(inner);
  if (sizeOf(outer) * size !== sizeOf(updates!.shape)) node.refuse('its updates do not fit its indices');
  const result = pick(x!, x!.shape, (i) => i);
  if (!result) return undefined;
  for (let i = 0; i < updates!.data.length; i++) {
    result.data[start(Math.floor(i / size)) + (i % size)] = updates!.data[i] as never;
  }
  return result;
};

const scatterElements: Folder = (node, [x, indices, updates]) => {
  if (node.string('reduction', 'none') !== 'none') return undefined;
  const axis = normaliseAxis(node.int('axis', 0), x!.shape.length, 'ScatterElements');
  if (indices!.shape.some((d, i) => i !== axis && d > x!.shape[i]))
    node.refuse('its indices are larger than its data');
  const [place, strides] = [placesIn(indices!.shape), stridesOf(x!.shape)];
  const result = pick(x!, x!.shape, (i) => i);
  if (!result) return undefined;
  for (let i = 0; i < updates!.data.length; i++) {
    const index = indexWithin(node, indices!, i, x!.shape[axis]);
    const at = place(i).reduce((sum, p, a) => sum + (a === axis ? index : p) * strides[a], 0);
    result.data[at] = updates!.data[i] as never;
  }
  return result;
};

/** The i-th index, counted from the front. */
function indexWithin(node: Importing, indices: HostTensor, i: number, length: number): number {
  const given = Number(elementAt(indices, i));
  const index = given < 0 ? given + length : given;
  if (!(index >= 0 && index < length)) node.refuse(`its index ${given} is not within ${length} elements`);
  return index;
}

const transpose: Folder = (node, [x]) => {
  const perm = node.ints('perm') ?? [...x!.shape.keys()].toReversed();
  if (perm.toSorted((a, b) => a - b).some((p, i) => p !== i) || perm.length !== x!.shape.length) {
    node.refuse(`[${perm.join(', ')}] is no permutation of ${x!.shape.length} axes`);
  }
  const strides = stridesOf(x!.shape);
  const shape = perm.map((p) => x!.shape[p]);
  const place = placesIn(shape);
  return pick(x!, shape, (i) => place(i).reduce((sum, p, axis) => sum + p * strides[perm[axis]], 0));
};

const concat: Folder = (node, given) => {
  const xs = given as readonly HostTensor[];
  const axis = normaliseAxis(node.int('axis', 0), xs[0].shape.length, 'Concat');
  const fits = (x: HostTensor): boolean =>
    x.dtype === xs[0].dtype &&
    x.shape.length === xs[0].shape.length &&
    x.shape.every((d, i) => i === axis || d === xs[0].shape[i]);
  if (!xs.every(fits)) node.refuse('its inputs do not fit together');
  const shape = xs[0].shape.with(
    axis,
    xs.reduce((n, x) => n + x.shape[axis], 0),
  );
  const inner = sizeOf(shape.slice(axis + 1));
  return build(xs[0].dtype, shape, (i) => {
    let along = Math.floor(i / inner) % shape[axis];
    const outer = Math.floor(i / (inner * shape[axis]));
    let part = 0;
    while (along >= xs[part].shape[axis]) along -= xs[part++].shape[axis];
    return elementAt(xs[part], (outer * xs[part].shape[axis] + along) * inner + (i % inner));
  });
};

const slice: Folder = (node, [x]) => {
  const shape = [...x!.shape];
  const strides = stridesOf(x!.shape);
  const ranges = slicedRanges(node);
  for (const { axis, start, end, step } of ranges) shape[axis] = Math.max(0, Math.ceil((end - start) / step));
  const place = placesIn(shape);
  const begin = ranges.reduce((sum, { axis, start }) => sum + start * strides[axis], 0);
  for (const { axis, step } of ranges) strides[axis] *= step;
  return pick(x!, shape, (i) => place(i).reduce((sum, p, axis) => sum + p * strides[axis], begin));
};

/** Parts of an axis, of the sizes that are given or as equal as can be. */
const split: Folder = (node, [x]) => {
  const axis = normaliseAxis(node.int('axis', 0), x!.shape.length, 'Split');
  const [length, inner] = [x!.shape[axis], sizeOf(x!.shape.slice(axis + 1))];
  const part = Math.ceil(length / node.outputs.length);
  const sizes = node.list(1) ?? node.outputs.map((_, i) => Math.max(0, Math.min(part, length - i * part)));
  if (sizes.some((n) => n < 0) || sizes.reduce((a, b) => a + b, 0) !== length) {
    node.refuse(`its sizes [${sizes.join(', ')}] do not add up to ${length}`);
  }
  let start = 0;
  const parts = sizes.map((n) => {
    const from = start;
    start += n;
    return pick(x!, x!.shape.with(axis, n), (i) => {
      const outer = Math.floor(i / (inner * n));
      return (outer * length + from) * inner + (i % (inner * n));
    });
  });
  return parts.every((t) => t !== undefined) ? parts : undefined;
};

const tile: Folder = (node, [x]) => {
  const repeats = node.list(1)!;
  if (repeats.length !== x!.shape.length || repeats.some((n) => n < 0))
    node.refuse('its repeats do not fit its input');
  const shape = x!.shape.map((d, i) => d * repeats[i]);
  const [place, strides] = [placesIn(shape), stridesOf(x!.shape)];
  return pick(x!, shape, (i) => place(i).reduce((sum, p, a) => sum + (p % x!.shape[a]) * strides[a], 0));
};

const expand: Folder = (node, [x]) => {
  const shape: Shape = broadcastShape(x!.shape, node.list(1)!, 'Expand');
  return pick(x!, shape, broadcastSource(x!.shape, shape));
};

const nonZero: Folder = (_, [x]) => {
  const found: number[][] = [];
  const place = placesIn(x!.shape);
  for (let i = 0; i < x!.data.length; i++) if (Number(elementAt(x!, i)) !== 0) found.push([...place(i)]);
  const rank = x!.shape.length;
  return build('int64', [rank, found.length], (i) => found[i % found.length][Math.floor(i / found.length)]);
};

const trilu: Folder = (node, [x]) => {
  const [rows, columns] = x!.shape.slice(-2);
  const [k, upper] = [node.number(1) ?? 0, node.int('upper', 1) === 1];
  return build(x!.dtype, x!.shape, (i) => {
    const [row, column] = [Math.floor(i / columns) % rows, i % columns];
    return (upper ? column - row >= k : column - row <= k) ? elementAt(x!, i) : 0;
  });
};

/** What moves and chooses elements. */
export const movementFolders: Folders = {
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherND,
  ScatterND: scatterND,
  ScatterElements: scatterElements,
  Transpose: transpose,
  Concat: concat,
  Slice: slice,
  Split: split,
  Tile: tile,
  Expand: expand,
  NonZero: nonZero,
  Trilu: trilu,
};
