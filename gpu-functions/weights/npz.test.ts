import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { readNpy, readNpz } from './npz.ts';

/** A .npy file of format 1.0 around raw bytes. */
function npy(descr: string, shape: string, data: Uint8Array, order = 'False'): Uint8Array {
  const header = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }\n`;
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(10 + text.length + data.length);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, text.length & 255, text.length >> 8]);
  bytes.set(text, 10);
  bytes.set(data, 10 + text.length);
  return bytes;
}

describe('npz', () => {
  it('reads arrays of several types by name, scalars included', () => {
    const floats = new Uint8Array(new Float32Array([1.5, -2, 0.25]).buffer);
    const archive = zipSync({
      'a.weight.npy': npy('<f4', '(3, 1)', floats),
      'strength.npy': npy('<f8', '()', new Uint8Array(new Float64Array([0.1]).buffer)),
      'faces.npy': npy('<i8', '(2,)', new Uint8Array(new BigInt64Array([7n, -1n]).buffer)),
    });
    const tensors = readNpz(archive);
    expect([...tensors.keys()]).toEqual(['a.weight', 'strength', 'faces']);
    expect(tensors.get('a.weight')).toEqual({
      dtype: 'float32',
      shape: [3, 1],
      data: new Float32Array([1.5, -2, 0.25]),
    });
    expect(tensors.get('strength')?.shape).toEqual([]);
    expect([...tensors.get('faces')!.data]).toEqual([7n, -1n]);
  });

  it('says what is wrong with other files', () => {
    expect(() => readNpy(new Uint8Array(20), 'z')).toThrow('z is not a .npy file');
    expect(() => readNpy(npy('<c8', '(1,)', new Uint8Array(8)), 'z')).toThrow('unsupported .npy header');
  });

  it('brings arrays in Fortran order, as transposed ones are saved, into row-major order', () => {
    // numpy.save of numpy.arange(24).reshape(4, 3, 2).T
    const numbers = Float32Array.from({ length: 24 }, (_, i) => i);
    const { shape, data } = readNpy(npy('<f4', '(2, 3, 4)', new Uint8Array(numbers.buffer), 'True'));
    expect(shape).toEqual([2, 3, 4]);
    const at = (i: number, j: number, k: number): number => Number(data[(i * 3 + j) * 4 + k]);
    expect([at(0, 0, 0), at(1, 0, 0), at(0, 1, 0), at(0, 0, 1), at(1, 2, 3)]).toEqual([0, 1, 2, 6, 23]);
  });
});
