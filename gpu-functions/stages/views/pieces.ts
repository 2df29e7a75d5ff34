import type { DensityGrid } from './density-grid.ts';

/** The 6-connected pieces of the points that have one mark, as runs along x. */
export interface Pieces {
  /** First point of each run and the point after its last, `[runs, 2]`. */
  readonly runs: readonly number[];
  /** The run that stands for a run's piece. */
  pieceOf(run: number): number;
}

/** Finds the pieces by joining runs of neighbouring rows (He et al. 2008, with a union-find). */
export function piecesOf([nx, ny, nz]: DensityGrid['size'], marks: Uint8Array, mark: number): Pieces {
  const runs: number[] = [];
  const firstOfRow = new Int32Array(ny * nz + 1);
  for (let row = 0; row < ny * nz; row++) {
    firstOfRow[row] = runs.length / 2;
    const end = (row + 1) * nx;
    for (let i = row * nx; i < end; i++) {
      if (marks[i] !== mark) continue;
      runs.push(i);
      while (i < end && marks[i] === mark) i++;
      runs.push(i);
    }
  }
  firstOfRow[ny * nz] = runs.length / 2;
  const parent = Int32Array.from({ length: runs.length / 2 }, (_, run) => run);
  const root = (run: number): number => {
    let at = run;
    while (parent[at] !== at) at = parent[at] = parent[parent[at]];
    return at;
  };
  const join = (row: number, before: number) => {
    const shift = (row - before) * nx;
    let a = firstOfRow[row];
    let b = firstOfRow[before];
    while (a < firstOfRow[row + 1] && b < firstOfRow[before + 1]) {
      const [aEnd, bEnd] = [runs[2 * a + 1], runs[2 * b + 1] + shift];
      if (runs[2 * a] < bEnd && runs[2 * b] + shift < aEnd) parent[root(a)] = root(b);
      if (aEnd < bEnd) a++;
      else b++;
    }
  };
  for (let row = 0; row < ny * nz; row++) {
    if (row % ny > 0) join(row, row - 1);
    if (row >= ny) join(row, row - ny);
  }
  return { runs, pieceOf: root };
}

/** Gives the mark 0 to all points marked 1 whose piece has fewer points than a share of the largest. */
export function dropPieces(size: DensityGrid['size'], marks: Uint8Array, share: number): void {
  const { runs, pieceOf } = piecesOf(size, marks, 1);
  const points = new Int32Array(runs.length / 2);
  for (let run = 0; run < points.length; run++) points[pieceOf(run)] += runs[2 * run + 1] - runs[2 * run];
  const most = points.reduce((a, b) => Math.max(a, b), 0);
  const largest = points.indexOf(most);
  for (let run = 0; run < points.length; run++) {
    const piece = pieceOf(run);
    if (piece !== largest && points[piece] < share * most) marks.fill(0, runs[2 * run], runs[2 * run + 1]);
  }
}

/** Gives the mark 1 to all points marked 0 that are not connected to the first point. */
export function fillCavities(size: DensityGrid['size'], marks: Uint8Array): void {
  const { runs, pieceOf } = piecesOf(size, marks, 0);
  for (let run = 0; run < runs.length / 2; run++) {
    if (pieceOf(run) !== pieceOf(0)) marks.fill(1, runs[2 * run], runs[2 * run + 1]);
  }
}
