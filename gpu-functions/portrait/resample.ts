import {
  concat,
  constant,
  differentiated,
  hostTensor,
  inFloat32,
  matmul,
  slice,
  type Value,
} from '../graph/index.ts';

/**
 * Separable linear resampling as two products with constant matrices: exact at every border, cheap next to the
 * convolutions around it, and its gradient is again two products.
 */

/** A dense row-major matrix that maps `columns` samples to `rows` samples. */
export interface ResampleMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array;
}

function matrix(
  rows: number,
  columns: number,
  entries: (row: number) => Iterable<readonly [number, number]>,
): ResampleMatrix {
  const data = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (const [j, weight] of entries(i)) if (j >= 0 && j < columns) data[i * columns + j] += weight;
  }
  return { rows, columns, data };
}

/** The resampling filter along one axis; it sums to 8. */
export const FIR_TAPS = [1, 3, 3, 1] as const;

/** [1,3,3,1] FIR, doubling: out[2i] = ¼x[i−1] + ¾x[i], out[2i+1] = ¾x[i] + ¼x[i+1]; zeros outside (StyleGAN2 upsample2d). */
export function firUpsample(size: number): ResampleMatrix {
  return matrix(2 * size, size, (row) => {
    const i = row >> 1;
    return row % 2 === 0 ? [[i - 1, 0.25], [i, 0.75]] : [[i, 0.75], [i + 1, 0.25]]; // prettier-ignore
  });
}

/** [1,3,3,1]/8 FIR, halving: out[i] = (x[2i−1] + 3x[2i] + 3x[2i+1] + x[2i+2])/8; zeros outside (StyleGAN2 downsample2d). */
export function firDownsample(size: number): ResampleMatrix {
  return matrix(size / 2, size, (row) => FIR_TAPS.map((tap, k) => [2 * row - 1 + k, tap / 8] as const));
}

/** [1,3,3,1]/8 FIR over zeros padded by 2 on both sides: one sample more. */
export function firBlur(size: number): ResampleMatrix {
  return matrix(size + 1, size, (row) => FIR_TAPS.map((tap, k) => [row - 2 + k, tap / 8] as const));
}

/** Taps of the blur by which discriminator inputs fade in: 2^−(i/σ)², radius ⌊3σ⌋, normalised. */
export function blurTaps(sigma: number): number[] {
  const radius = Math.floor(3 * sigma);
  const taps = Array.from({ length: 2 * radius + 1 }, (_, i) => 2 ** -(((i - radius) / sigma) ** 2));
  const total = taps.reduce((a, b) => a + b);
  return taps.map((tap) => tap / total);
}

/** Same-size filter with the given taps, padded n//2 before and (n−1)//2 after with zeros (StyleGAN2 filter2d). */
export function firFilter(size: number, taps: ArrayLike<number>): ResampleMatrix {
  const before = taps.length >> 1;
  // The taps are applied flipped: convolution, not correlation.
  return matrix(size, size, (row) =>
    Array.from(taps, (tap, k) => [row - before + taps.length - 1 - k, tap] as const),
  );
}

/** Linear interpolation with zeros outside of `from` samples, each at the middle of its share of [0, 1], at the given places. */
export function linearAt(from: number, places: readonly number[]): ResampleMatrix {
  return matrix(places.length, from, (row) => {
    const x = places[row] * from - 0.5;
    const left = Math.floor(x);
    return [[left, left + 1 - x], [left + 1, x - left]]; // prettier-ignore
  });
}

/** Half-pixel linear interpolation with zeros outside, as a tri-grid is sampled at the texel centres of another size. */
export function linearZeroPadded(from: number, to: number): ResampleMatrix {
  return linearAt(
    from,
    Array.from({ length: to }, (_, i) => (i + 0.5) / to),
  );
}

/** Half-pixel linear interpolation; when shrinking, a triangle of half-width from/to, normalised (antialias = true). */
export function linearAntialiased(from: number, to: number): ResampleMatrix {
  const scale = from / to;
  const support = Math.max(1, scale);
  return matrix(to, from, (row) => {
    const centre = (row + 0.5) * scale;
    const first = Math.max(Math.floor(centre - support + 0.5), 0);
    const end = Math.min(Math.floor(centre + support + 0.5), from);
    const taps: [number, number][] = [];
    let total = 0;
    for (let j = first; j < end; j++) {
      const weight = Math.max(0, 1 - Math.abs(j + 0.5 - centre) / support);
      taps.push([j, weight]);
      total += weight;
    }
    return taps.map(([j, weight]) => [j, weight / total] as const);
  });
}

/** Half-pixel linear interpolation with the edge repeated (antialias = false). */
export function linearClamped(from: number, to: number): ResampleMatrix {
  return matrix(to, from, (row) => {
    const x = Math.max(0, ((row + 0.5) * from) / to - 0.5);
    const left = Math.min(Math.floor(x), from - 1);
    return [[left, left + 1 - x], [Math.min(left + 1, from - 1), x - left]]; // prettier-ignore
  });
}

/** Mean over from/to neighbours, for integer ratios. */
export function boxMean(from: number, to: number): ResampleMatrix {
  const ratio = from / to;
  return matrix(to, from, (row) =>
    Array.from({ length: ratio }, (_, k) => [row * ratio + k, 1 / ratio] as const),
  );
}

/** The matrix as a constant [rows, columns] of the graph, times `gain`. */
export function matrixValue({ rows, columns, data }: ResampleMatrix, gain = 1): Value {
  return inFloat32(constant(hostTensor(gain === 1 ? data : data.map((x) => x * gain), [rows, columns])));
}

/** The transposed matrix as a constant [columns, rows]. */
export function transposedValue(m: ResampleMatrix): Value {
  return matrixValue(transposed(m));
}

/** Resample the last two axes of x [..., H, W] by one matrix a axis: vertical · x · horizontalᵀ. */
export function resample2d(x: Value, vertical: ResampleMatrix, horizontal: ResampleMatrix = vertical): Value {
  return matmul(matrixValue(vertical), matmul(x, transposedValue(horizontal)));
}

/** The other way round: what a resampling's gradient applies. */
export function transposed({ rows, columns, data }: ResampleMatrix): ResampleMatrix {
  const flipped = new Float32Array(data.length);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) flipped[j * rows + i] = data[i * columns + j];
  return { rows: columns, columns: rows, data: flipped };
}

/** The first and the end of the columns that rows from … to of a matrix use. */
export function band(
  { columns, data }: ResampleMatrix,
  from: number,
  to: number,
): [first: number, end: number] {
  let [first, end] = [columns, 0];
  for (let i = from; i < to; i++) {
    for (let j = 0; j < columns; j++) {
      if (data[i * columns + j] === 0) continue;
      first = Math.min(first, j);
      end = Math.max(end, j + 1);
    }
  }
  return first < end ? [first, end] : [0, 1];
}

/** Parts of matrices side by side: rows from … to, of each the columns of its band. */
export function bands(
  matrices: readonly ResampleMatrix[],
  from: number,
  to: number,
  at: readonly (readonly [number, number])[],
): Value {
  const width = at.reduce((sum, [first, end]) => sum + end - first, 0);
  const data = new Float32Array((to - from) * width);
  let offset = 0;
  for (const [k, { columns, data: all }] of matrices.entries()) {
    const [first, end] = at[k];
    for (let i = from; i < to; i++) {
      data.set(all.subarray(i * columns + first, i * columns + end), (i - from) * width + offset);
    }
    offset += end - first;
  }
  return inFloat32(constant(hostTensor(data, [to - from, width])));
}

/** Rows made by one product: interpolation needs but a band of the others, and a product of the whole would be zeros for the most part. */
const BLOCK = 128;

/** Σ matrixₖ · xₖ over the rows of tensors xₖ [B, columnsₖ, W] → [B, rows, W], in blocks of rows. */
export function resampleRows(xs: readonly Value[], matrices: readonly ResampleMatrix[]): Value {
  const { rows } = matrices[0];
  const parts: Value[] = [];
  for (let from = 0; from < rows; from += BLOCK) {
    const to = Math.min(from + BLOCK, rows);
    const at = matrices.map((m) => band(m, from, to));
    const seen = xs.map((x, k) => slice(x, 1, ...at[k]));
    parts.push(matmul(bands(matrices, from, to, at), concat(seen, 1)));
  }
  return differentiated(concat(parts, 1), xs, (g) => {
    const slopes = transposedRows(g, matrices);
    return slopes.map((slope) => () => slope);
  });
}

/** Matrices of fewer columns than this are not worth a block of their own: their columns reach over most of the rows. */
const NARROW = BLOCK / 2;

/**
 * x · matrixᵀ over the columns of x [B, H, columns] → [B, H, rows], in blocks where the matrix is wide. The gradient is one product: what
 * blocks would save there they lose in sums of their overlaps.
 */
export function resampleColumns(x: Value, m: ResampleMatrix): Value {
  if (m.columns <= NARROW) return matmul(x, transposedValue(m));
  const parts: Value[] = [];
  for (let from = 0; from < m.rows; from += BLOCK) {
    const to = Math.min(from + BLOCK, m.rows);
    const seen = band(m, from, to);
    parts.push(matmul(slice(x, 2, ...seen), transposedValue(part(m, [from, to], seen))));
  }
  return differentiated(concat(parts, 2), [x], (g) => [() => matmul(g, matrixValue(m))]);
}

/** Each matrixₖᵀ · g, g [B, rows, W] → [B, columnsₖ, W]: products of several matrices at once, so that g is read less often. */
export function transposedRows(g: Value, matrices: readonly ResampleMatrix[]): Value[] {
  const blocks = Math.max(1, Math.round(matrices[0].rows / BLOCK));
  const flipped = matrices.map(transposed);
  const inBlocks = flipped.filter(({ rows }) => rows >= NARROW);
  const whole = flipped.filter(({ rows }) => rows < NARROW);
  const parts = new Map<ResampleMatrix, Value[]>(flipped.map((m) => [m, []]));
  const add = (of: readonly ResampleMatrix[], block: number, count: number): void => {
    const ranges = of.map(({ rows }) => [block, block + 1].map((b) => Math.floor((b * rows) / count)));
    const seen = of.map((m, k) => band(m, ranges[k][0], ranges[k][1]));
    const [first, end] = [Math.min(...seen.map(([a]) => a)), Math.max(...seen.map(([, b]) => b))];
    const sub = of.map((m, k) => part(m, ranges[k], [first, end]));
    const product = matmul(stacked(sub), slice(g, 1, first, end));
    let offset = 0;
    for (const [k, { rows }] of sub.entries()) {
      parts.get(of[k])!.push(slice(product, 1, offset, offset + rows));
      offset += rows;
    }
  };
  if (whole.length > 0) add(whole, 0, 1);
  if (inBlocks.length > 0) for (let block = 0; block < blocks; block++) add(inBlocks, block, blocks);
  return flipped.map((m) => concat(parts.get(m)!, 1));
}

/** Some rows and columns of a matrix. */
export function part(
  { columns, data }: ResampleMatrix,
  [top, bottom]: readonly number[],
  [first, end]: readonly number[],
): ResampleMatrix {
  const width = end - first;
  const cut = new Float32Array((bottom - top) * width);
  for (let i = top; i < bottom; i++) {
    cut.set(data.subarray(i * columns + first, i * columns + end), (i - top) * width);
  }
  return { rows: bottom - top, columns: width, data: cut };
}

/** Matrices of as many columns one below the other. */
function stacked(matrices: readonly ResampleMatrix[]): Value {
  const rows = matrices.reduce((sum, m) => sum + m.rows, 0);
  const data = new Float32Array(rows * matrices[0].columns);
  let offset = 0;
  for (const m of matrices) {
    data.set(m.data, offset);
    offset += m.data.length;
  }
  return inFloat32(constant(hostTensor(data, [rows, matrices[0].columns])));
}
