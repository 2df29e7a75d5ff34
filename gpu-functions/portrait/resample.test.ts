import { describe, expect, it } from 'vitest';
import { constant, evaluate, float32, hostTensor } from '../graph/index.ts';
import { boxMean, firDownsample, firUpsample, linearAntialiased, linearClamped, linearZeroPadded, resample2d, type ResampleMatrix } from './resample.ts'; // prettier-ignore

function apply({ rows, columns, data }: ResampleMatrix, x: number[]): number[] {
  return Array.from({ length: rows }, (_, i) => x.reduce((sum, v, j) => sum + data[i * columns + j] * v, 0));
}

describe('resampling matrices', () => {
  it('double and halve by the [1,3,3,1] filter with zeros outside', () => {
    expect(apply(firUpsample(2), [4, 8])).toEqual([3, 5, 7, 6]);
    expect(apply(firDownsample(4), [8, 8, 8, 8])).toEqual([7, 7]);
  });

  it('interpolate linearly: fading to zero, or repeating the edge', () => {
    expect(apply(linearZeroPadded(2, 4), [4, 8])).toEqual([3, 5, 7, 6]);
    expect(apply(linearClamped(2, 4), [4, 8])).toEqual([4, 5, 7, 8]);
    expect(apply(linearAntialiased(2, 4), [4, 8])).toEqual([4, 5, 7, 8]);
  });

  it('keep constants when shrinking', () => {
    for (const m of [linearAntialiased(37, 16), boxMean(64, 16)]) {
      for (const x of apply(
        m,
        Array.from({ length: m.columns }, () => 2),
      ))
        expect(x).toBeCloseTo(2, 5);
    }
    expect(apply(boxMean(4, 2), [1, 3, 5, 9])).toEqual([2, 7]);
  });

  it('apply to rows and columns of a picture', async () => {
    const x = constant(hostTensor([1, 2, 3, 4], [1, 1, 2, 2]));
    const { y } = await evaluate({ y: resample2d(x, boxMean(2, 1)) });
    expect([...float32(y)]).toEqual([2.5]);
  });
});
