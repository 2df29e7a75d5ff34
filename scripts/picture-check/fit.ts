import type { BareMeasures } from '../../gpu-functions/stages/imagine/bare-skin.ts';

/** Weight of a drawing of somebody with dark skin: their clothes are the hardest to tell from skin. */
const DARK_WEIGHT = 4;
const RIDGE = 0.1;
/** What speaks for a bare torso must be this much more than what speaks against it. */
const MARGIN = 1;

export interface Sample {
  measures: BareMeasures;
  bare: boolean;
  dark: boolean;
}

export interface Fitted {
  intercept: number;
  /** Mean and deviation over bare torsos, linear and square weight of each measure. */
  weights: Record<string, [mean: number, deviation: number, linear: number, square: number]>;
}

/**
 * Ridge logistic regression on the measures and their squares, by Newton's method. A square counts only against a bare
 * torso: what is far from every one that was seen is none.
 */
export function fitBareness(samples: readonly Sample[]): Fitted {
  const names = Object.keys(samples[0].measures) as (keyof BareMeasures)[];
  const bare = samples.filter((sample) => sample.bare);
  const scales = names.map((name): [number, number] => {
    const values = bare.map(({ measures }) => measures[name]);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    return [mean, Math.sqrt(variance)];
  });
  const rows = samples.map(({ measures }) => {
    const z = names.map((name, i) => (measures[name] - scales[i][0]) / scales[i][1]);
    return [1, ...z, ...z.map((value) => value * value)];
  });
  const counts = [bare.length, samples.length - bare.length];
  const weights = samples.map(
    (sample) => (250 / counts[sample.bare ? 0 : 1]) * (sample.dark && !sample.bare ? DARK_WEIGHT : 1),
  );
  const labels = samples.map((sample) => (sample.bare ? 1 : 0));
  const used = new Set(rows[0].keys());
  for (;;) {
    const t = newton(rows, labels, weights, [...used]);
    const against = names.map((_, i) => 1 + names.length + i).filter((column) => t[column] > 0);
    if (against.length === 0)
      return {
        intercept: t[0] - MARGIN,
        weights: Object.fromEntries(
          names.map((name, i) => [name, [...scales[i], t[1 + i], t[1 + names.length + i]]]),
        ) as Fitted['weights'],
      };
    for (const column of against) used.delete(column);
  }
}

/** Coefficients of every column, 0 for those not used; the first is the intercept. */
function newton(rows: number[][], labels: number[], weights: number[], columns: number[]): number[] {
  const n = columns.length;
  let t = columns.map(() => 0);
  const scoreOf = (row: number[], at: number[]) => columns.reduce((sum, c, j) => sum + row[c] * at[j], 0);
  const lossOf = (at: number[]) =>
    rows.reduce((sum, row, i) => {
      const score = scoreOf(row, at);
      return (
        sum + weights[i] * (Math.max(score, 0) + Math.log1p(Math.exp(-Math.abs(score))) - labels[i] * score)
      );
    }, 0) +
    (RIDGE / 2) * at.slice(1).reduce((sum, value) => sum + value * value, 0);
  for (let step = 0; step < 100; step++) {
    const gradient = t.map((value, j) => (j === 0 ? 0 : RIDGE * value));
    const hessian = columns.map((_, j) => columns.map((__, k) => (j !== k ? 0 : j === 0 ? 1e-9 : RIDGE)));
    for (const [i, row] of rows.entries()) {
      const p = 1 / (1 + Math.exp(-scoreOf(row, t)));
      for (let j = 0; j < n; j++) {
        gradient[j] += weights[i] * (p - labels[i]) * row[columns[j]];
        for (let k = 0; k < n; k++)
          hessian[j][k] += weights[i] * p * (1 - p) * row[columns[j]] * row[columns[k]];
      }
    }
    const direction = solve(hessian, gradient);
    const before = lossOf(t);
    let length = 1;
    const moved = () => t.map((value, j) => value - length * direction[j]);
    while (lossOf(moved()) > before && length > 1e-4) length /= 2;
    t = moved();
    if (Math.max(...direction.map(Math.abs)) < 1e-8) break;
  }
  const all = rows[0].map(() => 0);
  for (const [j, column] of columns.entries()) all[column] = t[j];
  return all;
}

/** x of A·x = b, by elimination with pivots. */
function solve(a: number[][], b: number[]): number[] {
  const m = a.map((row, i) => [...row, b[i]]);
  const n = b.length;
  for (let i = 0; i < n; i++) {
    let pivot = i;
    for (let r = i + 1; r < n; r++) if (Math.abs(m[r][i]) > Math.abs(m[pivot][i])) pivot = r;
    [m[i], m[pivot]] = [m[pivot], m[i]];
    for (let r = i + 1; r < n; r++) {
      const factor = m[r][i] / m[i][i];
      for (let c = i; c <= n; c++) m[r][c] -= factor * m[i][c];
    }
  }
  const x = Array.from({ length: n }, () => 0);
  for (let i = n - 1; i >= 0; i--)
    x[i] =
      (m[i][n] - m[i].slice(i + 1, n).reduce((sum, value, k) => sum + value * x[i + 1 + k], 0)) / m[i][i];
  return x;
}
