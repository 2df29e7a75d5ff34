import { unzipSync } from 'fflate';
import { arrayOf, hostTensor, sizeOf, type DType, type HostTensor } from '../graph/index.ts';

/** Element types of NumPy's format 1.0–3.0 that have a host tensor; little-endian or single-byte. */
const DTYPES: Record<string, DType> = {
  '<f2': 'float16',
  '<f4': 'float32',
  '<f8': 'float64',
  '<i8': 'int64',
  '<i4': 'int32',
  '|i1': 'int8',
  '|u1': 'uint8',
  '|b1': 'bool',
};

/** A NumPy .npy file. @throws Error on another format, or byte order */
export function readNpy(bytes: Uint8Array, name = 'array'): HostTensor {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 10 || view.getUint32(0) !== 0x934e554d) {
    throw new Error(`${name} is not a .npy file: save it with numpy.save or numpy.savez.`);
  }
  const wide = bytes[6] > 1;
  const start = wide ? 12 : 10;
  const length = wide ? view.getUint32(8, true) : view.getUint16(8, true);
  const header = new TextDecoder('latin1').decode(bytes.subarray(start, start + length));
  const descr = /'descr':\s*'([^']*)'/.exec(header)?.[1] ?? '';
  const dtype = DTYPES[descr];
  const shape = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1];
  const order = /'fortran_order':\s*(False|True)/.exec(header)?.[1];
  if (!dtype || shape === undefined || order === undefined) {
    throw new Error(
      `${name} has the unsupported .npy header ${header.trim()}: save it as a plain number type.`,
    );
  }
  const sizes = shape.split(',').filter((s) => s.trim() !== '').map(Number); // prettier-ignore
  const array = arrayOf(dtype);
  // The data may start at any offset inside the archive; typed arrays need an aligned copy.
  const data = bytes.slice(start + length, start + length + sizeOf(sizes) * array.BYTES_PER_ELEMENT);
  const tensor = hostTensor(new array(data.buffer), sizes, dtype);
  return order === 'True' ? rowMajor(tensor) : tensor;
}

/** Numbers that lie with the first axis innermost (Fortran order, as NumPy saves transposed arrays), the last axis innermost. */
function rowMajor({ data, shape, dtype }: HostTensor): HostTensor {
  const strides: number[] = [];
  let stride = 1;
  for (const size of shape) {
    strides.push(stride);
    stride *= size;
  }
  const ordered = data.slice();
  const at = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < ordered.length; to++) {
    ordered[to] = data[from];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++at[axis] < shape[axis]) break;
      from -= shape[axis] * strides[axis];
      at[axis] = 0;
    }
  }
  return hostTensor(ordered, shape, dtype);
}

/** A NumPy .npz archive: array name → tensor. */
export function readNpz(bytes: Uint8Array): Map<string, HostTensor> {
  return new Map(
    Object.entries(unzipSync(bytes)).map(([file, data]) => {
      const name = file.replace(/\.npy$/, '');
      return [name, readNpy(data, name)];
    }),
  );
}
