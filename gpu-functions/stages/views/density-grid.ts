/**
 * The density `softplus(σ − 1)` of a scene on a regular grid of world points, x fastest. It tells where a ray may
 * meet something, so that networks are asked only there.
 */
export interface DensityGrid {
  readonly size: readonly [nx: number, ny: number, nz: number];
  /** World position of the first point. */
  readonly origin: readonly [number, number, number];
  readonly spacing: number;
  readonly values: Float32Array;
}

/** A grid inside `|x|, |z| ≤ halfWidth`, `|y| ≤ halfHeight` with `points` along y; its values are still to be filled in. */
export function emptyGrid(halfWidth: number, halfHeight: number, points: number): DensityGrid {
  const spacing = (2 * halfHeight) / (points - 1);
  const across = 2 * Math.floor(halfWidth / spacing) + 1;
  const half = ((across - 1) / 2) * spacing;
  return {
    size: [across, points, across],
    origin: [-half, -halfHeight, -half],
    spacing,
    values: new Float32Array(across * points * across),
  };
}

/** The integer part of a coordinate, kept in 0…most. */
export function clampInt(x: number, most: number): number {
  const i = x | 0;
  return i < 0 ? 0 : i > most ? most : i;
}

/** World positions `[count, 3]` of the points `from … from + count` of a grid; past the end the last is repeated. */
export function gridPoints(
  { size, origin, spacing, values }: DensityGrid,
  from: number,
  count: number,
): Float32Array {
  const points = new Float32Array(3 * count);
  for (let i = 0; i < count; i++) {
    const index = Math.min(from + i, values.length - 1);
    points[3 * i] = origin[0] + spacing * (index % size[0]);
    points[3 * i + 1] = origin[1] + spacing * (Math.floor(index / size[0]) % size[1]);
    points[3 * i + 2] = origin[2] + spacing * Math.floor(index / (size[0] * size[1]));
  }
  return points;
}

/** Each value replaced by the largest of its 3×3×3 neighbourhood. */
export function dilate(grid: DensityGrid): DensityGrid {
  return { ...grid, values: largest(grid.values, grid.size) };
}

/** Each value replaced by the smallest of its 3×3×3 neighbourhood. */
export function erode(grid: DensityGrid): DensityGrid {
  const negated = grid.values.map((x) => -x);
  return { ...grid, values: largest(negated, grid.size).map((x) => -x) };
}

/** Along each axis in turn, the largest of each value and its two neighbours. */
function largest(values: Float32Array, [nx, ny, nz]: DensityGrid['size']): Float32Array {
  let from = values;
  for (const [stride, n] of [
    [1, nx],
    [nx, ny],
    [nx * ny, nz],
  ]) {
    const to = new Float32Array(from.length);
    for (let line = 0; line < from.length; line += stride * n) {
      for (let position = 0; position < n; position++) {
        const start = line + position * stride;
        const before = position > 0 ? stride : 0;
        const after = position < n - 1 ? stride : 0;
        for (let i = start; i < start + stride; i++) {
          let most = from[i];
          if (from[i - before] > most) most = from[i - before];
          if (from[i + after] > most) most = from[i + after];
          to[i] = most;
        }
      }
    }
    from = to;
  }
  return from;
}
