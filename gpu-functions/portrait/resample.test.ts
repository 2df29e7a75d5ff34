import { describe, expect, it } from 'vitest';
import {
  constant,
  evaluate,
  float32,
  gradients,
  hostTensor,
  input,
  type HostTensor,
} from '../graph/index.ts';
import { boxMean, firDownsample, firUpsample, linearAntialiased, linearAt, linearClamped, linearZeroPadded, resample2d, resampleColumns, resampleRows, type ResampleMatrix } from './resample.ts'; // prettier-ignore

function apply({ rows, columns, data }: ResampleMatrix, x: number[]): number[] {
  return Array.from({ length: rows }, (_, i) => x.reduce((sum, v, j) => sum + data[i * columns + j] * v, 0));
}

function wave(n: number, phase: number): number[] {
  return Array.from({ length: n }, (_, i) => Math.sin(1.7 * i + phase));
}

/** A picture of one line. */
function line(data: number[]): HostTensor {
  return hostTensor(data, [1, 1, data.length]);
}

/** A picture of one column. */
function column(data: number[]): HostTensor {
  return hostTensor(data, [1, data.length, 1]);
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

  it.each([512, 575])(
    'in blocks and bands give what whole products give, and their gradient: %i',
    async (rows) => {
      const sides = [8, 32, 64, 100, 256];
      const places = Array.from({ length: rows }, (_, i) => (i - 3) / (rows - 9));
      const matrices = sides.map((side) => linearAt(side, places));
      const xs = sides.map((side, k) => input(`x${k}`, [1, side, 1]));
      const data = sides.map((side, k) => wave(side, k));
      const g = wave(rows, 9);
      const y = resampleRows(xs, matrices);
      const slopes = gradients([y], xs, [constant(column(g))]);
      const found = await evaluate(
        { y, ...Object.fromEntries(slopes.map((slope, k) => [`g${k}`, slope])) },
        Object.fromEntries(data.map((v, k) => [`x${k}`, column(v)])),
      );
      const parts = matrices.map((m, k) => apply(m, data[k]));
      float32(found.y).forEach((v, i) => expect(v).toBeCloseTo(parts.reduce((sum, p) => sum + p[i], 0), 4)); // prettier-ignore
      for (const [k, { columns, data: entries }] of matrices.entries()) {
        const wanted = Array.from({ length: columns }, (_, j) =>
          g.reduce((sum, v, i) => sum + entries[i * columns + j] * v, 0),
        );
        float32(found[`g${k}`]).forEach((v, j) => expect(v).toBeCloseTo(wanted[j], 4));
      }
    },
  );

  it.each([64, 100, 256])('in blocks of columns too: %i', async (side) => {
    const rows = 575;
    const matrix = linearAt(side, Array.from({ length: rows }, (_, i) => (i - 3) / (rows - 9))); // prettier-ignore
    const x = input('x', [1, 1, side]);
    const [data, g] = [wave(side, 1), wave(rows, 9)];
    const y = resampleColumns(x, matrix);
    const [slope] = gradients([y], [x], [constant(line(g))]);
    const found = await evaluate({ y, slope }, { x: line(data) });
    const wanted = apply(matrix, data);
    float32(found.y).forEach((v, i) => expect(v).toBeCloseTo(wanted[i], 5));
    float32(found.slope).forEach((v, j) => {
      const whole = g.reduce((sum, u, i) => sum + matrix.data[i * side + j] * u, 0);
      expect(v).toBeCloseTo(whole, 4);
    });
  });
});
