import { describe, expect, it } from 'vitest';
import { SessionHost, float32, hostTensor } from '../graph/index.ts';
import { joined, openingsOf, shareOf, shareOut } from './batch-lanes.ts';

const lanes = [new SessionHost(), new SessionHost(), new SessionHost(), new SessionHost()];
const sharesOf = (batch: number, threads: number, count: number) =>
  openingsOf(batch, { threads, lanes: lanes.slice(0, count) }).map((opening) => [
    lanes.indexOf(opening.host!),
    opening.threads,
  ]);

describe('a batch shared out among lanes', () => {
  it('goes to as many as it has equal shares for, which have all threads between them', () => {
    expect(sharesOf(8, 2, 2)).toEqual([
      [0, 1],
      [1, 1],
    ]);
    expect(sharesOf(3, 2, 2)).toEqual([[0, 2]]);
    expect(sharesOf(2, 4, 4)).toEqual([
      [0, 2],
      [1, 2],
    ]);
    expect(sharesOf(6, 4, 4)).toEqual([
      [0, 1],
      [1, 1],
      [2, 1],
    ]);
    expect(openingsOf(8, { threads: 2, inline: true })).toEqual([{ threads: 2, inline: true }]);
  });

  it('is the same again when it is joined, and no share lies in the memory of another', () => {
    const tensor = hostTensor(
      Float32Array.from({ length: 24 }, (_, i) => i),
      [4, 3, 2],
    );
    const shares = shareOut({ x: tensor }, 2).map(({ x }) => x);
    expect(shares.map(({ shape }) => shape)).toEqual([
      [2, 3, 2],
      [2, 3, 2],
    ]);
    expect(float32(shares[1])[0]).toBe(12);
    expect(shares[1].data.buffer.byteLength).toBe(48);
    expect(joined(shares)).toEqual(tensor);
    expect(shareOf(tensor, 0, 1)).toBe(tensor);
  });

  it('of float16, as texts of ONNX models come, is joined by its numbers', () => {
    const half = hostTensor(Uint16Array.of(0x3c00, 0xc000), [1, 2], 'float16');
    expect(joined([half, half])).toEqual(hostTensor(Float32Array.of(1, -2, 1, -2), [2, 2]));
    expect(joined([half])).toEqual(hostTensor(Float32Array.of(1, -2), [1, 2]));
  });
});
