import { onnxTypes } from '../onnx-types.ts';
import { arrayOf, GraphError, hostTensor, type DType, type HostTensor } from '../tensor.ts';
import type { Message } from './protobuf-reader.ts';

/**
 * `length` bytes from `offset` of a file beside the model, by the location that the model gives.
 * @throws GraphError where there is no such file, or it is shorter
 */
export type ExternalFiles = (location: string, offset: number, length: number) => Uint8Array;

const dtypes = new Map(Object.entries(onnxTypes).map(([name, code]) => [code, name as DType]));

/** TensorProto.DataType names of what the graph language does not hold. */
const foreign: Readonly<Record<number, string>> = {
  4: 'uint16',
  5: 'int16',
  8: 'string',
  12: 'uint32',
  13: 'uint64',
  14: 'complex64',
  15: 'complex128',
  16: 'bfloat16',
  17: 'float8e4m3fn',
  18: 'float8e4m3fnuz',
  19: 'float8e5m2',
  20: 'float8e5m2fnuz',
  21: 'uint4',
  22: 'int4',
};

/** @throws GraphError for an element type that the graph language does not know */
export function dtypeOfCode(code: number): DType {
  const dtype = dtypes.get(code);
  if (!dtype) {
    throw new GraphError(
      `the model uses the ONNX element type ${foreign[code] ?? code}, which is not supported; export it with float32 weights`,
    );
  }
  return dtype;
}

/** More axes than this no tensor has. */
const MOST_AXES = 64;

/**
 * Number of elements of a shape read from a file.
 * @throws GraphError where a dimension is negative, or the product is past 2⁵³
 */
export function checkedSize(shape: readonly number[], what: string): number {
  if (shape.length > MOST_AXES)
    throw new GraphError(`${what} has ${shape.length} axes; ${MOST_AXES} is most`);
  let size = 1;
  for (const d of shape) {
    if (!Number.isSafeInteger(d) || d < 0) {
      throw new GraphError(`${what} has the impossible shape [${shape.join(', ')}]`);
    }
    size *= d;
    if (size > Number.MAX_SAFE_INTEGER) {
      throw new GraphError(`${what} has the shape [${shape.join(', ')}], more than can be counted`);
    }
  }
  return size;
}

/**
 * Read a TensorProto. Raw data become views into the bytes where their alignment allows.
 * @throws GraphError where the data do not fill the shape exactly
 */
export function readTensor(tensor: Message, external?: ExternalFiles): HostTensor {
  const name = tensor.string(8);
  const what = name ? `the tensor '${name}'` : 'a tensor in the model';
  const shape = tensor.bigints(1).map(Number);
  const size = checkedSize(shape, what);
  const dtype = dtypeOfCode(tensor.int(2));
  const width = arrayOf(dtype).BYTES_PER_ELEMENT;
  const raw = tensor.int(14) === 1 ? externalBytes(tensor, what, size * width, external) : tensor.bytes(9);
  if (raw) {
    if (raw.byteLength !== size * width) {
      throw new GraphError(
        `${what} is ${dtype} [${shape.join(', ')}], ${size * width} bytes, but the file holds ${raw.byteLength}`,
      );
    }
    return rawTensor(raw, shape, dtype);
  }
  const data = listed(tensor, dtype);
  if (data.length !== size) {
    throw new GraphError(
      `${what} is ${dtype} [${shape.join(', ')}], ${size} elements, but the file holds ${data.length}`,
    );
  }
  return hostTensor(data, shape, dtype);
}

/** A sparse tensor becomes a dense one, which may be far larger than the file: more elements than this are refused. */
const MOST_DENSE = 2 ** 26;

/**
 * Read a SparseTensorProto as a dense tensor.
 * @throws GraphError where it would be large, or an index is not in it
 */
export function readSparseTensor(sparse: Message, external?: ExternalFiles): HostTensor {
  const [listedValues, listedPlaces] = [sparse.message(1), sparse.message(2)];
  if (!listedValues || !listedPlaces)
    throw new GraphError('a sparse tensor in the model lacks its values or indices');
  const what = `the sparse tensor '${listedValues.string(8)}'`;
  const shape = sparse.bigints(3).map(Number);
  const size = checkedSize(shape, what);
  if (size > MOST_DENSE) {
    throw new GraphError(
      `${what} has the shape [${shape.join(', ')}], more than is made dense; export the model with dense weights`,
    );
  }
  const [values, places] = [readTensor(listedValues, external), readTensor(listedPlaces, external)];
  const count = values.data.length;
  const flat = places.shape.length === 1;
  const wanted = flat ? [count] : [count, shape.length];
  if (places.dtype !== 'int64' || places.shape.join() !== wanted.join()) {
    throw new GraphError(
      `${what} has ${count} values, but indices of ${places.dtype} [${places.shape.join(', ')}]`,
    );
  }
  const dense = new (arrayOf(values.dtype))(size);
  const axes = flat ? [size] : shape;
  for (let i = 0; i < count; i++) {
    let at = 0;
    for (const [k, d] of axes.entries()) {
      const index = Number(places.data[i * axes.length + k]);
      if (index < 0 || index >= d) throw new GraphError(`${what} has a value at the index ${index} of ${d}`);
      at = at * d + index;
    }
    dense[at] = values.data[i];
  }
  return hostTensor(dense, shape, values.dtype);
}

function listed(tensor: Message, dtype: DType): HostTensor['data'] {
  if (dtype === 'float32') return tensor.floats(4);
  if (dtype === 'float64') return tensor.doubles(10);
  if (dtype === 'int64') return BigInt64Array.from(tensor.bigints(7));
  // The other types share one field of integers, half floats as their bits.
  const ArrayClass = arrayOf(dtype) as Uint16ArrayConstructor;
  return ArrayClass.from(tensor.bigints(5).map(Number));
}

function rawTensor(raw: Uint8Array, shape: readonly number[], dtype: DType): HostTensor {
  const ArrayClass = arrayOf(dtype);
  const width = ArrayClass.BYTES_PER_ELEMENT;
  const aligned = raw.byteOffset % width === 0 ? raw : new Uint8Array(raw);
  const data = new ArrayClass(aligned.buffer as ArrayBuffer, aligned.byteOffset, raw.byteLength / width);
  return hostTensor(data, shape, dtype);
}

function externalBytes(tensor: Message, what: string, size: number, external?: ExternalFiles): Uint8Array {
  const entries = new Map(tensor.messages(13).map((e) => [e.string(1), e.string(2)]));
  const location = entries.get('location') ?? '';
  if (!external) throw new GraphError(`the weights of ${what} lie in '${location}'; give that file too`);
  const number = (key: string, otherwise: number): number => {
    const text = entries.get(key) ?? '';
    if (text === '') return otherwise;
    const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
    if (!Number.isSafeInteger(value)) {
      throw new GraphError(
        `${what} lies at an impossible place of '${location}': its ${key} is '${text.slice(0, 40)}'`,
      );
    }
    return value;
  };
  const [offset, length] = [number('offset', 0), number('length', size)];
  if (length !== size) {
    throw new GraphError(`${what} needs ${size} bytes, but its place in '${location}' has ${length}`);
  }
  return size === 0 ? new Uint8Array() : external(location, offset, length);
}
