import { expect, it } from 'vitest';
import { hostTensor } from '../graph/index.ts';
import { encodeSafetensors } from '../weights/index.ts';
import { decodeTrigrid, trigridOutput } from './trigrid-file.ts';

const level = (side: number) =>
  hostTensor(new Float32Array(3 * side * side).fill(side), [1, 3, 1, side, side]);
const ws = hostTensor(Float32Array.of(1, 2), [1, 1, 2]);

it('gives levels from the coarsest to the finest, whatever their order in the file', () => {
  const levels = new Map([
    ['trigrids_16', level(16)],
    ['trigrids_8', level(8)],
  ]);
  const { bytes } = trigridOutput({ levels, ws }, 'mini');
  const decoded = decodeTrigrid(bytes);
  expect([...decoded.levels.keys()]).toEqual(['trigrids_8', 'trigrids_16']);
  expect(decoded.levels.get('trigrids_16')).toEqual(level(16));
  expect(decoded.ws).toEqual(ws);
});

it('keeps levels to a two thousandth, in half the bytes', () => {
  const values = Float32Array.from({ length: 3 * 32 * 32 }, (_, i) => 20 * Math.sin(i * i));
  const levels = new Map([['trigrids_32', hostTensor(values, [1, 3, 1, 32, 32])]]);
  const { bytes } = trigridOutput({ levels, ws }, 'mini');
  expect(bytes.length).toBeLessThan(0.6 * values.byteLength);
  const found = decodeTrigrid(bytes).levels.get('trigrids_32')!.data as Float32Array;
  found.forEach((x, i) => expect(Math.abs(x - values[i])).toBeLessThanOrEqual(Math.abs(values[i]) / 2000));
});

it('says what a file that is no tri-grid lacks', () => {
  expect(() => decodeTrigrid(encodeSafetensors(new Map([['ws', ws]])))).toThrow('has no levels');
  expect(() => decodeTrigrid(Uint8Array.of(1, 2, 3))).toThrow(
    'the tri-grid is not a readable safetensors file',
  );
});
