import {
  add,
  concat,
  constant,
  differentiated,
  gather,
  hostTensor,
  matmul,
  reshape,
  slice,
  transpose,
  zeros,
  type Value,
} from '../graph/index.ts';
import type { Pyramid } from './backbone.ts';
import { CACHE_LINE, planeExtent, PLANES, type PlaneGrid, type Range } from './plane-sampling.ts';
import {
  band,
  bands,
  linearAt,
  matrixValue,
  part,
  transposed,
  transposedRows,
  transposedValue,
  type ResampleMatrix,
} from './resample.ts';

/**
 * Tables of large pyramids, made a few lines at a time: a line of texels holds all channels, [channel, column], so that the rows that are
 * sampled are one transposition away, and what is in hand stays in the processor's cache until they are written. Only texels that the
 * grid keeps are made.
 */

/** Lines made at once. */
const LINES = 32;

/** Levels of this side or wider are stretched in windows of their columns; of narrower ones interpolation needs most columns anyway. */
const WIDE = 128;

/** Columns of a window. */
const WINDOW = 64;

/** One plane of a table: image n, plane p. */
interface PlaneOf {
  readonly n: number;
  readonly p: number;
  readonly grid: PlaneGrid;
  /** Values of a texel. */
  readonly channels: number;
  /** Where the values of a row stand among a level's channels: all features of the first slice, then of the next. */
  readonly order: readonly number[];
  readonly columns: Range;
  readonly lines: Range;
}

const width = ([first, end]: Range): number => end - first;
const counted = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const indices = (list: readonly number[]): Value => constant(hostTensor([...list], [list.length], 'int32'));

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

/** Cuts a range into parts of about the same size. */
function cut(range: Range, count: number): Range[] {
  const at = (i: number): number => range[0] + Math.floor((i * width(range)) / count);
  return counted(count).map((i) => [at(i), at(i + 1)] as const);
}

/** How a level is interpolated at the nodes of a range. */
function matrixOf(side: number, { scale, centre }: PlaneGrid, range: Range): ResampleMatrix {
  return linearAt(
    side,
    counted(width(range)).map((i) => ((range[0] + i - centre) / scale + 1) / 2),
  );
}

/** Whether the nodes of a grid are a level's own texels. */
function owns({ side, scale, centre }: PlaneGrid, level: Value): boolean {
  const own = level.shape[3];
  return side === own && scale === own / 2 && centre === own / 2 - 0.5;
}

/** Lines and columns of a level: [N, 3, C·D, s, s] → [lines, C·D, columns], channels in the order of a row. */
function linesOf(level: Value, { n, p, channels, order }: PlaneOf, lines: Range, columns: Range): Value {
  const side = level.shape[3];
  const piece = gcd(side, gcd(columns[0], columns[1]));
  const across = side / piece;
  const list: number[] = [];
  for (let y = lines[0]; y < lines[1]; y++) {
    for (const c of order) {
      const row = (((3 * n + p) * channels + c) * side + y) * across;
      for (let k = columns[0] / piece; k < columns[1] / piece; k++) list.push(row + k);
    }
  }
  const pieces = reshape(level, [level.shape[0] * 3 * channels * side * across, piece]);
  return reshape(gather(pieces, indices(list)), [width(lines), channels, width(columns)]);
}

/** Some columns of lines [M, X]: by pieces where that goes, which several threads do. */
function columnsOf(x: Value, columns: Range): Value {
  const [count, all] = x.shape;
  if (columns[0] === 0 && columns[1] === all) return x;
  const piece = gcd(all, gcd(columns[0], columns[1]));
  if (piece < CACHE_LINE) return slice(x, 1, columns[0], columns[1]);
  const across = all / piece;
  const list = counted(count).flatMap((i) =>
    counted(width(columns) / piece).map((k) => i * across + columns[0] / piece + k),
  );
  return reshape(gather(reshape(x, [count * across, piece]), indices(list)), [count, width(columns)]);
}

/** A range widened to whole pieces. */
function inPieces([first, end]: Range, side: number): Range {
  const widened: Range = [
    CACHE_LINE * Math.floor(first / CACHE_LINE),
    Math.min(side, CACHE_LINE * Math.ceil(end / CACHE_LINE)),
  ];
  return side % CACHE_LINE === 0 ? widened : [first, end];
}

/** The lines of a level, stretched to the columns of a plane: [N, 3, C·D, s, s] → [lines, C·D·columns]. */
function stretched(level: Value, plane: PlaneOf, lines: Range): Value {
  const side = level.shape[3];
  const { columns, channels, grid } = plane;
  const m = matrixOf(side, grid, columns);
  const windows = side < WIDE ? 1 : side / WINDOW;
  const parts = cut([0, m.rows], windows).map((to) => {
    const seen = windows === 1 ? ([0, side] as const) : inPieces(band(m, ...to), side);
    const x = reshape(linesOf(level, plane, lines, seen), [width(lines) * channels, width(seen)]);
    return matmul(x, transposedValue(part(m, to, seen)));
  });
  return reshape(concat(parts, 1), [width(lines), channels * m.rows]);
}

/** A plane's rows, in blocks of lines. */
function planeRows(levels: Pyramid, plane: PlaneOf): Value[] {
  const { lines, columns, grid, channels } = plane;
  const own = levels.find((level) => owns(grid, level));
  const coarse = levels.filter((level) => level !== own);
  const matrices = coarse.map((level) => matrixOf(level.shape[3], grid, lines));
  const needed = matrices.map((m) => band(m, 0, m.rows));
  const above = coarse.length > 0 ? concat(coarse.map((level, k) => stretched(level, plane, needed[k])), 0) : null; // prettier-ignore
  return cut([0, width(lines)], Math.ceil(width(lines) / LINES)).map((block) => {
    const sum: Value[] = [];
    if (above) sum.push(matmul(...bandsOf(above, matrices, needed, block)));
    if (own) {
      const at: Range = [lines[0] + block[0], lines[0] + block[1]];
      sum.push(reshape(linesOf(own, plane, at, columns), [width(block), channels * width(columns)]));
    }
    const made = reshape(sum.length > 1 ? add(sum[0], sum[1]) : sum[0], [width(block), channels, width(columns)]); // prettier-ignore
    return reshape(transpose(made, [0, 2, 1]), [width(block) * width(columns), channels]);
  });
}

/** The weights of a block of lines, and the lines of all levels that they weigh. */
function bandsOf(
  above: Value,
  matrices: readonly ResampleMatrix[],
  needed: readonly Range[],
  block: Range,
): [weights: Value, lines: Value] {
  const at = matrices.map((m) => band(m, ...block));
  const list: number[] = [];
  let offset = 0;
  for (const [k, [first, end]] of at.entries()) {
    list.push(...counted(end - first).map((i) => offset + first + i - needed[k][0]));
    offset += width(needed[k]);
  }
  return [bands(matrices, ...block, at), gather(above, indices(list))];
}

/**
 * The sum of levels [N, 3, C·D, s, s] at the nodes of a grid, as the rows that are sampled: linearly interpolated, zeros outside.
 * @returns [texels that the grid keeps of all planes, D·C]
 */
export function summedRows(levels: Pyramid, grid: PlaneGrid, depth: number): Value {
  const [images, , channels] = levels[0].shape;
  const features = channels / depth;
  const order = counted(channels).map((i) => (i % features) * depth + Math.floor(i / features));
  const planes = counted(images).flatMap((n) =>
    PLANES.map((p) => ({ n, p, grid, channels, order, ...planeExtent(grid, p) })),
  );
  const rows = planes.flatMap((plane) => planeRows(levels, plane));
  return differentiated(concat(rows, 0), levels, (g) => {
    const lines = linesBack(g, planes);
    const coarse = levels.filter((level) => !owns(grid, level));
    const back = coarse.length > 0 ? coarseBack(lines, coarse, planes) : [];
    return levels.map(
      (level) => () => (owns(grid, level) ? ownBack(lines, level, planes) : back[coarse.indexOf(level)]),
    );
  });
}

/** Cotangents of rows as lines, of each plane [lines, C·D, columns]. */
function linesBack(g: Value, planes: readonly PlaneOf[]): Value[] {
  let from = 0;
  return planes.map(({ lines, columns, channels }) => {
    const blocks = cut([0, width(lines)], Math.ceil(width(lines) / LINES)).map((block) => {
      const rows = slice(g, 0, from, (from += width(block) * width(columns)));
      return transpose(reshape(rows, [width(block), width(columns), channels]), [0, 2, 1]);
    });
    return concat(blocks, 0);
  });
}

/** The cotangent of the level whose texels the nodes are: zero where the grid keeps none. */
function ownBack(lines: readonly Value[], level: Value, planes: readonly PlaneOf[]): Value {
  const side = level.shape[3];
  const piece = planes.reduce((d, { columns }) => gcd(d, gcd(columns[0], columns[1])), side);
  const counts = planes.map((plane) => (width(plane.lines) * plane.channels * width(plane.columns)) / piece);
  const none = counts.reduce((a, b) => a + b);
  const list: number[] = [];
  let offset = 0;
  for (const [
    k,
    {
      lines: [top, bottom],
      columns: [left, right],
      channels,
      order,
    },
  ] of planes.entries()) {
    // prettier-ignore
    const across = (right - left) / piece;
    const place = order.map((_, c) => order.indexOf(c));
    for (let c = 0; c < channels; c++) {
      for (let y = 0; y < side; y++) {
        const row = offset + ((y - top) * channels + place[c]) * across - left / piece;
        for (let x = 0; x < side / piece; x++) {
          const inside = y >= top && y < bottom && x >= left / piece && x < right / piece;
          list.push(inside ? row + x : none);
        }
      }
    }
    offset += counts[k];
  }
  const pieces = lines.map((x, k) => reshape(x, [counts[k], piece]));
  return reshape(gather(concat([...pieces, zeros([1, piece])], 0), indices(list)), level.shape);
}

/** The cotangents of levels that were interpolated. */
function coarseBack(lines: readonly Value[], levels: Pyramid, planes: readonly PlaneOf[]): Value[] {
  const found = planes.map(({ grid, channels, columns, lines: kept }, k) => {
    const matrices = levels.map((level) => matrixOf(level.shape[3], grid, kept));
    const g = reshape(lines[k], [1, width(kept), channels * width(columns)]);
    return transposedRows(g, matrices).map((x, i) => {
      const side = levels[i].shape[3];
      return shrunk(reshape(x, [side * channels, width(columns)]), matrixOf(side, grid, columns));
    });
  });
  return levels.map((level, i) => {
    const side = level.shape[3];
    const list = planes.flatMap(({ channels, order }, k) =>
      counted(channels * side).map(
        (j) => (k * side + (j % side)) * channels + order.indexOf(Math.floor(j / side)),
      ),
    );
    const stacked = concat(found.map((of) => of[i]), 0); // prettier-ignore
    return reshape(gather(stacked, indices(list)), level.shape);
  });
}

/** x · matrix, x [M, rows] → [M, columns], in windows where the matrix is wide. */
function shrunk(x: Value, m: ResampleMatrix): Value {
  const windows = m.columns < WIDE ? 1 : m.columns / WINDOW;
  if (windows === 1) return matmul(x, matrixValue(m));
  const flipped = transposed(m);
  const parts = cut([0, m.columns], windows).map((to) => {
    const seen = inPieces(band(flipped, ...to), m.rows);
    return matmul(columnsOf(x, seen), matrixValue(part(m, seen, to)));
  });
  return concat(parts, 1);
}
