import { float16Bits, float16Value, float16Values } from './float16.ts';

/** Element types, by their ONNX meaning. */
export type DType = 'float32' | 'float16' | 'float64' | 'int64' | 'int32' | 'uint8' | 'int8' | 'bool';

/** Dimensions, outermost first; a scalar has none. */
export type Shape = readonly number[];

export type TypedArray =
  | Float32Array
  | Float64Array
  | Uint16Array
  | BigInt64Array
  | Int32Array
  | Uint8Array
  | Int8Array;

/** A tensor in host memory, C order. float16 is held as its bits, bool as 0 or 1. */
export interface HostTensor {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly data: TypedArray;
}

/** A wrong use of the graph language: shapes that do not fit, an operator without a gradient, a missing feed. */
export class GraphError extends Error {
  override readonly name = 'GraphError';
}

const arrays = {
  float32: Float32Array,
  float16: Uint16Array,
  float64: Float64Array,
  int64: BigInt64Array,
  int32: Int32Array,
  uint8: Uint8Array,
  int8: Int8Array,
  bool: Uint8Array,
} as const;

/** Number of elements of a shape. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const d of shape) size *= d;
  return size;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((d, i) => d === b[i]);
}

export function isFloat(dtype: DType): boolean {
  return dtype === 'float32' || dtype === 'float16' || dtype === 'float64';
}

/** The typed array class that holds a dtype. */
export function arrayOf(dtype: DType): (typeof arrays)[DType] {
  return arrays[dtype];
}

/** Numbers as the typed array of a dtype. */
export function typedArray(values: ArrayLike<number>, dtype: DType): TypedArray {
  if (dtype === 'int64') return BigInt64Array.from(values as ArrayLike<number> as number[], BigInt);
  if (dtype === 'float16') return Uint16Array.from(values as number[], float16Bits);
  if (dtype === 'bool') return Uint8Array.from(values as number[], (v) => (v ? 1 : 0));
  return arrays[dtype].from(values as number[]);
}

function dtypeOf(data: TypedArray): DType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Float64Array) return 'float64';
  if (data instanceof Uint16Array) return 'float16';
  if (data instanceof BigInt64Array) return 'int64';
  if (data instanceof Int32Array) return 'int32';
  if (data instanceof Int8Array) return 'int8';
  return 'uint8';
}

/**
 * A host tensor over the given data (not copied). Plain numbers become float32 unless a dtype is given.
 * @throws GraphError where the shape does not hold as many elements as the data, or the array is not one of the dtype.
 */
export function hostTensor(data: TypedArray | readonly number[], shape: Shape, dtype?: DType): HostTensor {
  const isList = Array.isArray(data);
  const type = dtype ?? (isList ? 'float32' : dtypeOf(data as TypedArray));
  const array = isList ? typedArray(data as readonly number[], type) : (data as TypedArray);
  if (!(array instanceof arrays[type])) {
    throw new GraphError(`a ${type} tensor needs a ${arrays[type].name}, not a ${array.constructor.name}`);
  }
  if (array.length !== sizeOf(shape)) {
    throw new GraphError(`${array.length} elements do not fill the shape [${shape.join(', ')}]`);
  }
  return { dtype: type, shape, data: array };
}

/** A float32 tensor of zeros in shared memory, which sessions of other threads read from and write to without copying. */
export function sharedTensor(shape: Shape): HostTensor {
  const bytes = Float32Array.BYTES_PER_ELEMENT * sizeOf(shape);
  return hostTensor(new Float32Array(new SharedArrayBuffer(bytes)), shape);
}

/** The elements as a Float32Array: the tensor's own array where it already is one, else converted. */
export function float32(tensor: HostTensor): Float32Array {
  const { data, dtype } = tensor;
  if (data instanceof Float32Array) return data;
  if (dtype === 'float16') return float16Values(data as Uint16Array);
  if (data instanceof BigInt64Array) {
    const out = new Float32Array(data.length);
    for (let i = 0; i < out.length; i++) out[i] = Number(data[i]);
    return out;
  }
  return Float32Array.from(data as Float64Array);
}

/** A float32 tensor as float16, every element the nearest; others as they are. */
export function toFloat16(tensor: HostTensor): HostTensor {
  if (tensor.dtype !== 'float32') return tensor;
  const { data, shape } = tensor;
  return { dtype: 'float16', shape, data: Uint16Array.from(data as Float32Array, float16Bits) };
}

/** Longer lists are made neither by sizes nor by masks of real networks. */
const MOST_LISTED = 1 << 25;

/**
 * A list made element by element, as operators need at hand for indices and masks.
 * @throws GraphError where it would be so long that it is rather a mistake, or an attack
 */
export function listOf<T>(length: number, element: (i: number) => T): T[] {
  if (!(length <= MOST_LISTED)) {
    throw new GraphError(`an operator would need a table of ${length} elements; give smaller shapes`);
  }
  return Array.from({ length }, (_, i) => element(i));
}

/** One element as a number. */
export function elementOf(tensor: HostTensor, i: number): number {
  const v = tensor.data[i];
  return tensor.dtype === 'float16' ? float16Value(Number(v)) : Number(v);
}
