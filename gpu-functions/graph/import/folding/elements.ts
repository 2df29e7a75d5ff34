import { float16Bits, float16Value } from '../../float16.ts';
import { arrayOf, isFloat, sizeOf, type DType, type HostTensor, type Shape } from '../../tensor.ts';

/** Tensors of more elements than this are left to the graph. */
export const MOST_ELEMENTS = 1 << 16;

/** An element as it is computed with: bigint for int64, number otherwise. */
export type Element = number | bigint;

export function elementAt({ data, dtype }: HostTensor, i: number): Element {
  return dtype === 'float16' ? float16Value(Number(data[i])) : data[i];
}

/** An element converted to a dtype, as the array of that dtype holds it: rounded, cut towards zero, or wrapped. */
export function stored(value: Element, dtype: DType): Element {
  if (dtype === 'int64') return typeof value === 'bigint' ? BigInt.asIntN(64, value) : bigOf(value);
  if (dtype === 'bool') return Number(value) === 0 ? 0 : 1;
  if (dtype === 'float16') return float16Bits(Number(value));
  if (isFloat(dtype)) return Number(value);
  // Beyond 2⁵³ only the low bits of an integer survive, which a number no longer has.
  return typeof value === 'bigint' ? Number(BigInt.asIntN(32, value)) : Math.trunc(value);
}

/** A number cut to an int64; what has no int64 becomes the smallest, as on x86. */
function bigOf(value: number): bigint {
  if (Number.isFinite(value) && Math.abs(value) < 2 ** 63) return BigInt(Math.trunc(value));
  return -(2n ** 63n);
}

/** A tensor of given elements, or undefined where it would be too large to hold. */
export function build(dtype: DType, shape: Shape, element: (i: number) => Element): HostTensor | undefined {
  const size = sizeOf(shape);
  if (size > MOST_ELEMENTS) return undefined;
  const data = new (arrayOf(dtype))(size);
  for (let i = 0; i < size; i++) data[i] = stored(element(i), dtype) as never;
  return { dtype, shape, data };
}

/** A tensor of elements of another, by their places in it; bits are not touched. Undefined where too large. */
export function pick(x: HostTensor, shape: Shape, source: (i: number) => number): HostTensor | undefined {
  const size = sizeOf(shape);
  if (size > MOST_ELEMENTS) return undefined;
  const data = new (arrayOf(x.dtype))(size);
  for (let i = 0; i < size; i++) data[i] = x.data[source(i)] as never;
  return { dtype: x.dtype, shape, data };
}

/** How far apart neighbours along each axis lie in C order. */
export function stridesOf(shape: Shape): number[] {
  const strides: number[] = Array(shape.length).fill(1);
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = strides[i + 1] * shape[i + 1];
  return strides;
}

/** The coordinates of element i. The array is reused by the next call. */
export function placesIn(shape: Shape): (i: number) => readonly number[] {
  const strides = stridesOf(shape);
  const place: number[] = Array(shape.length).fill(0);
  return (i) => {
    let rest = i;
    for (const [axis, stride] of strides.entries()) {
      place[axis] = Math.floor(rest / stride);
      rest -= place[axis] * stride;
    }
    return place;
  };
}

/** Where in an operand the element lies that broadcasts to element i of the result. */
export function broadcastSource(operand: Shape, result: Shape): (i: number) => number {
  const strides = stridesOf(operand);
  const added = result.length - operand.length;
  const steps = operand.map((d, axis) => (d === 1 ? 0 : strides[axis]));
  const place = placesIn(result);
  return (i) => {
    const at = place(i);
    let source = 0;
    for (const [axis, step] of steps.entries()) source += at[added + axis] * step;
    return source;
  };
}
