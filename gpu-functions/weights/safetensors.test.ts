import { describe, expect, it } from 'vitest';
import { hostTensor } from '../graph/index.ts';
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts';

const sample = () =>
  new Map([
    ['a.weight', hostTensor(new Float32Array([1, -2, 3.5, 0, 1e-8, 6]), [2, 3])],
    ['ids', hostTensor(new BigInt64Array([1n, -5n]), [2])],
    ['half', hostTensor(new Uint16Array([0x3c00, 0xc000, 0]), [3], 'float16')],
  ]);

describe('safetensors', () => {
  it('returns what was written, metadata included', () => {
    const { tensors, metadata } = decodeSafetensors(encodeSafetensors(sample(), { step: '12' }));
    expect(tensors).toEqual(sample());
    expect(metadata).toEqual({ step: '12' });
  });

  it('names what is wrong with a damaged file', () => {
    const bytes = encodeSafetensors(sample());
    expect(() => decodeSafetensors(bytes.subarray(0, 5))).toThrow('shorter than its header');
    expect(() => decodeSafetensors(bytes.subarray(0, bytes.length - 1))).toThrow("'half' does not lie");
    const longHeader = bytes.slice();
    longHeader[6] = 1;
    expect(() => decodeSafetensors(longHeader)).toThrow('header length');
    const notJson = bytes.slice();
    notJson[8] = 0x78;
    expect(() => decodeSafetensors(notJson)).toThrow('not JSON');
  });

  it('refuses offsets that do not match the shape', () => {
    const header = JSON.stringify({ x: { dtype: 'F32', shape: [2], data_offsets: [0, 4] } });
    const bytes = new Uint8Array(8 + header.length + 4);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
    bytes.set(new TextEncoder().encode(header), 8);
    expect(() => decodeSafetensors(bytes, 'x.safetensors')).toThrow('x.safetensors is not a readable');
  });
});
