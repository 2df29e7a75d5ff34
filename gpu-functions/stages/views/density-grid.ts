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

/** World positions `[count, 3]` of points of a grid, or of as many as are asked for: past the last there is the origin. */
export function gridPoints(
  { size, origin, spacing }: DensityGrid,
  indices: ArrayLike<number>,
  count = indices.length,
): Float32Array {
  const points = new Float32Array(3 * count);
  const [nx, ny] = size;
  for (let i = 0; i < indices.length; i++) {
    const row = Math.floor(indices[i] / nx);
    const slice = Math.floor(row / ny);
    points[3 * i] = origin[0] + spacing * (indices[i] - row * nx);
    points[3 * i + 1] = origin[1] + spacing * (row - slice * ny);
    points[3 * i + 2] = origin[2] + spacing * slice;
  }
  return points;
}

/**
 * Writes the direction `[3]` in which the density falls, the normal of a surface, given how many points to either side are compared; false where it does not
 * fall, and at the grid's ends.
 */
export function slopeAt(
  { size: [nx, ny, nz], values }: DensityGrid,
  index: number,
  reach: number,
  into: Float64Array,
): boolean {
  const i = index % nx;
  const line = (index - i) / nx;
  const j = line % ny;
  const k = (line - j) / ny;
  const isInside = (at: number, n: number): boolean => at >= reach && at < n - reach;
  if (!isInside(i, nx) || !isInside(j, ny) || !isInside(k, nz)) return false;
  const [dy, dz] = [reach * nx, reach * nx * ny];
  const x = values[index - reach] - values[index + reach];
  const y = values[index - dy] - values[index + dy];
  const z = values[index - dz] - values[index + dz];
  const length = Math.sqrt(x * x + y * y + z * z);
  if (length === 0) return false;
  into[0] = x / length;
  into[1] = y / length;
  into[2] = z / length;
  return true;
}

/** The indices of all points of a grid. */
export function allPoints({ values }: DensityGrid): Int32Array {
  return Int32Array.from({ length: values.length }, (_, i) => i);
}

/** The indices of the points that are marked with 1, ascending. */
export function markedPoints(marks: Uint8Array): Int32Array {
  let count = 0;
  for (let i = 0; i < marks.length; i++) count += marks[i];
  const indices = new Int32Array(count);
  for (let i = 0, next = 0; next < count; i++) if (marks[i] === 1) indices[next++] = i;
  return indices;
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
