import { describe, expect, it } from 'vitest';
import {
  evaluate,
  float32,
  gather,
  constant,
  gradients,
  hostTensor,
  input,
  sizeOf,
  type HostTensor,
  type Value,
} from '../graph/index.ts';
import { Random } from '../nn/index.ts';
import { collapsedSum, cornerGrid, sumOnNodes } from './collapse.ts';
import { summedRows } from './line-tables.ts';
import { cropped, planeExtent, PLANES, texelCentres, texelRows, type PlaneGrid } from './plane-sampling.ts';

const [N, C, D] = [2, 1, 3];
const random = new Random(9);

/** Of rows of all texels those that a grid keeps, plane by plane. */
function keptRows(rows: Value, grid: PlaneGrid): Value {
  const list: number[] = [];
  for (let n = 0; n < N; n++) {
    for (const p of PLANES) {
      const { columns, lines } = planeExtent(grid, p);
      for (let y = lines[0]; y < lines[1]; y++) {
        for (let x = columns[0]; x < columns[1]; x++)
          list.push(((3 * n + p) * grid.side + y) * grid.side + x);
      }
    }
  }
  return gather(rows, constant(hostTensor(list, [list.length], 'int32')));
}

function values(shape: readonly number[]): HostTensor {
  return hostTensor(random.normals(sizeOf(shape)), shape);
}

interface Case {
  readonly name: string;
  readonly sides: readonly number[];
  readonly crop: number;
  readonly grid: (levels: readonly Value[]) => PlaneGrid;
  readonly planes: (levels: readonly Value[], grid: PlaneGrid) => Value;
}

const finest = (levels: readonly Value[]): PlaneGrid => texelCentres(levels[levels.length - 1].shape[3]);
const CASES: readonly Case[] = [
  { name: 'a whole pyramid', sides: [8, 16, 32], crop: 0, grid: finest, planes: collapsedSum },
  { name: 'cropped texels', sides: [8, 16, 64], crop: 0.2, grid: finest, planes: collapsedSum },
  { name: 'wide levels', sides: [8, 128, 256], crop: 0.1, grid: finest, planes: collapsedSum },
  { name: 'sides that do not double', sides: [6, 10, 40], crop: 0.15, grid: finest, planes: collapsedSum },
  { name: 'one level', sides: [48], crop: 0.1, grid: finest, planes: ([level]) => level },
  { name: 'nodes between texels', sides: [8, 16, 32], crop: 0.1, grid: cornerGrid, planes: sumOnNodes },
];

describe('tables made by lines', () => {
  it.each(CASES)('hold, and give gradients for, what whole planes do: $name', async (of) => {
    const shapes = of.sides.map((s) => [N, 3, C * D, s, s]);
    const levels = shapes.map((shape, i) => input(`level${i}`, shape));
    const grid = cropped(of.grid(levels), { cropFraction: of.crop });
    const made = summedRows(levels, grid, D);
    const wanted = keptRows(texelRows(of.planes(levels, grid), D), grid);
    expect(made.shape).toEqual(wanted.shape);
    const seed = input('seed', made.shape);
    const slopes = [made, wanted].map((rows) => gradients([rows], levels, [seed]));
    const found = await evaluate(
      {
        made,
        wanted,
        ...Object.fromEntries(
          levels.flatMap((_, i) => [
            [`made${i}`, slopes[0][i]],
            [`wanted${i}`, slopes[1][i]],
          ]),
        ),
      },
      {
        seed: values(made.shape),
        ...Object.fromEntries(shapes.map((shape, i) => [`level${i}`, values(shape)])),
      },
    );
    for (const part of ['', ...levels.keys()]) {
      const [a, b] = [float32(found[`made${part}`]), float32(found[`wanted${part}`])];
      let [worst, largest] = [0, 0];
      a.forEach((x, i) => {
        worst = Math.max(worst, Math.abs(x - b[i]));
        largest = Math.max(largest, Math.abs(b[i]));
      });
      expect(largest).toBeGreaterThan(0.1);
      expect(worst / largest).toBeLessThan(2e-6);
    }
  });

  it('keeps what points inside of the crop touch', () => {
    const { kept } = cropped(texelCentres(512), { cropFraction: 0.1 });
    // |x| ≤ 0.8 lies between the texels 50 and 462 of 512.
    expect(kept).toEqual([[48, 464], [0, 512], [48, 464]]); // prettier-ignore
  });
});
