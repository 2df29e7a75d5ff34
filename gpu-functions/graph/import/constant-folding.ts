import { elementOf, GraphError, hostTensor, sizeOf, type HostTensor, type Shape } from '../tensor.ts';
import { broadcastShape, constant, type Value } from '../value.ts';

/**
 * Integer arithmetic on constants, by which exported models compute the shapes they need. Sizes are small, so it is done element by
 * element, each operator as a map from a place in the result to a place in the operand.
 */

/** Strides of a C-ordered shape. */
function stridesOf(shape: Shape): number[] {
  return shape.map((_, i) => sizeOf(shape.slice(i + 1)));
}

/** The coordinates of the i-th element. */
function placeOf(i: number, shape: Shape): number[] {
  return stridesOf(shape).map((s, axis) => Math.floor(i / s) % shape[axis]);
}

function at(tensor: HostTensor, place: readonly number[]): number {
  const strides = stridesOf(tensor.shape);
  return elementOf(
    tensor,
    place.reduce((sum, p, axis) => sum + p * strides[axis], 0),
  );
}

function build(like: HostTensor, shape: Shape, element: (place: number[]) => number): Value {
  const list = Array.from({ length: sizeOf(shape) }, (_, i) => element(placeOf(i, shape)));
  return constant(hostTensor(list, shape, like.dtype));
}

const binary: Record<string, (a: number, b: number) => number> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => Math.trunc(a / b),
};

/** The element of an operand that broadcasts to a place of the result. */
function spread(tensor: HostTensor, place: readonly number[]): number {
  const added = place.length - tensor.shape.length;
  return at(
    tensor,
    tensor.shape.map((d, i) => (d === 1 ? 0 : place[added + i])),
  );
}

export function foldBinary(op: string, a: HostTensor, b: HostTensor): Value {
  const f = binary[op];
  const shape = broadcastShape(a.shape, b.shape, op);
  return build(a, shape, (place) => f(spread(a, place), spread(b, place)));
}

export function foldGather(x: HostTensor, indices: HostTensor, axis: number): Value {
  const rank = indices.shape.length;
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  return build(x, shape, (place) => {
    const index = at(indices, place.slice(axis, axis + rank));
    const chosen = index < 0 ? index + x.shape[axis] : index;
    return at(x, [...place.slice(0, axis), chosen, ...place.slice(axis + rank)]);
  });
}

export function foldTranspose(x: HostTensor, perm: readonly number[]): Value {
  const shape = perm.map((p) => x.shape[p]);
  return build(x, shape, (place) => {
    const source: number[] = [];
    for (const [i, p] of perm.entries()) source[p] = place[i];
    return at(x, source);
  });
}

export function foldConcat(xs: readonly HostTensor[], axis: number): Value {
  const shape = xs[0].shape.with(
    axis,
    xs.reduce((n, x) => n + x.shape[axis], 0),
  );
  return build(xs[0], shape, (place) => {
    let p = place[axis];
    for (const x of xs) {
      if (p < x.shape[axis]) return at(x, place.with(axis, p));
      p -= x.shape[axis];
    }
    throw new GraphError('concat: past the end');
  });
}

/** Bounds and step of one axis of a Slice, already brought within the axis. */
export interface Range {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

export function foldSlice(x: HostTensor, ranges: readonly Range[]): Value {
  const shape = [...x.shape];
  for (const { axis, start, end, step } of ranges) shape[axis] = Math.max(0, Math.ceil((end - start) / step));
  return build(x, shape, (place) => {
    const source = [...place];
    for (const { axis, start, step } of ranges) source[axis] = start + place[axis] * step;
    return at(x, source);
  });
}
