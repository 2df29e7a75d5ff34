import type { DensityGrid } from '../views/density-grid.ts';

/** A closed triangle mesh around what is denser than a level. */
export interface Surface {
  /** World positions `[vertices, 3]`. */
  positions: Float32Array<ArrayBuffer>;
  /** Unit vectors out of the solid, from the density's gradient. */
  normals: Float32Array<ArrayBuffer>;
  /** Counter-clockwise seen from outside. */
  indices: Uint32Array<ArrayBuffer>;
}

/**
 * Naive surface nets (Gibson 1998): a vertex in every cell that the surface passes, at the mean of its crossings of
 * the cell's edges, and a quad around every edge that crosses. Smoother than marching cubes and with no sliver
 * triangles. Only the largest connected piece is kept; what touches the grid's border is closed there.
 */
export function surfaceNets(grid: DensityGrid, level: number): Surface {
  const padded = withEmptyBorder(grid);
  const { vertexOf, cells } = placeVertices(padded, level);
  const quads = largestPiece(connect(padded, level, vertexOf), cells.length / 3);
  const used = new Int32Array(cells.length / 3).fill(-1);
  const order: number[] = [];
  const indices = Uint32Array.from(quads, (vertex) => {
    if (used[vertex] < 0) used[vertex] = order.push(vertex) - 1;
    return used[vertex];
  });
  const positions = new Float32Array(3 * order.length);
  const normals = new Float32Array(3 * order.length);
  order.forEach((vertex, i) => {
    const [x, y, z] = cells.slice(3 * vertex, 3 * vertex + 3);
    normals.set(outward(padded, x, y, z), 3 * i);
    [x, y, z].forEach((p, axis) => (positions[3 * i + axis] = padded.origin[axis] + padded.spacing * p));
  });
  return { positions, normals, indices };
}

function withEmptyBorder({ size, origin, spacing, values }: DensityGrid): DensityGrid {
  const [nx, ny, nz] = size;
  const wide = [nx + 2, ny + 2, nz + 2] as const;
  const padded = new Float32Array(wide[0] * wide[1] * wide[2]);
  for (let k = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      const row = (k * ny + j) * nx;
      padded.set(values.subarray(row, row + nx), ((k + 1) * wide[1] + j + 1) * wide[0] + 1);
    }
  }
  return {
    size: wide,
    origin: [origin[0] - spacing, origin[1] - spacing, origin[2] - spacing],
    spacing,
    values: padded,
  };
}

/** The twelve edges of a cell as pairs of corners; corner bits are x, y, z. */
const EDGES = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((corner) =>
  [1, 2, 4].filter((bit) => !(corner & bit)).map((bit) => [corner, corner | bit] as const),
);

/** A vertex for every cell with corners on both sides, in grid units `[vertices, 3]`, and its number by cell. */
function placeVertices({ size: [nx, ny, nz], values }: DensityGrid, level: number) {
  const vertexOf = new Int32Array(nx * ny * nz).fill(-1);
  const offsets = [0, 1, nx, nx + 1, nx * ny, nx * ny + 1, nx * ny + nx, nx * ny + nx + 1];
  const cells: number[] = [];
  for (let k = 0; k < nz - 1; k++) {
    for (let j = 0; j < ny - 1; j++) {
      for (let i = 0; i < nx - 1; i++) {
        const base = (k * ny + j) * nx + i;
        let inside = 0;
        for (const offset of offsets) if (values[base + offset] > level) inside++;
        if (inside === 0 || inside === 8) continue;
        let crossings = 0;
        const sum = [0, 0, 0];
        for (const [a, b] of EDGES) {
          const [from, to] = [values[base + offsets[a]], values[base + offsets[b]]];
          if (from > level === to > level) continue;
          const share = (level - from) / (to - from);
          crossings++;
          for (let axis = 0; axis < 3; axis++) {
            const [low, high] = [(a >> axis) & 1, (b >> axis) & 1];
            sum[axis] += low + (high - low) * share;
          }
        }
        vertexOf[base] = cells.length / 3;
        cells.push(i + sum[0] / crossings, j + sum[1] / crossings, k + sum[2] / crossings);
      }
    }
  }
  return { vertexOf, cells };
}

/** Two triangles for each grid edge that crosses the surface, between the vertices of the four cells around it. */
function connect({ size: [nx, ny, nz], values }: DensityGrid, level: number, vertexOf: Int32Array): number[] {
  const strides = [1, nx, nx * ny];
  const triangles: number[] = [];
  for (let k = 1; k < nz - 1; k++) {
    for (let j = 1; j < ny - 1; j++) {
      for (let i = 1; i < nx - 1; i++) {
        const base = (k * ny + j) * nx + i;
        for (let axis = 0; axis < 3; axis++) {
          const inside = values[base] > level;
          if (inside === values[base + strides[axis]] > level) continue;
          const [u, v] = [strides[(axis + 1) % 3], strides[(axis + 2) % 3]];
          const [a, b, c, d] = [base - u - v, base - v, base, base - u].map((cell) => vertexOf[cell]);
          // Where density falls along the axis, the outside is ahead, and u → v turns counter-clockwise seen from there.
          if (inside) triangles.push(a, b, c, a, c, d);
          else triangles.push(a, c, b, a, d, c);
        }
      }
    }
  }
  return triangles;
}

/** Triangles of the piece with most of them. */
function largestPiece(triangles: readonly number[], vertices: number): number[] {
  const parent = Int32Array.from({ length: vertices }, (_, i) => i);
  const root = (vertex: number): number => {
    let v = vertex;
    while (parent[v] !== v) v = parent[v] = parent[parent[v]];
    return v;
  };
  for (let t = 0; t < triangles.length; t += 3) {
    parent[root(triangles[t])] = root(triangles[t + 1]);
    parent[root(triangles[t + 1])] = root(triangles[t + 2]);
  }
  const count = new Int32Array(vertices);
  for (let t = 0; t < triangles.length; t += 3) count[root(triangles[t])]++;
  const largest = count.indexOf(count.reduce((a, b) => Math.max(a, b), 0));
  const kept: number[] = [];
  for (let t = 0; t < triangles.length; t += 3) {
    if (root(triangles[t]) === largest) kept.push(triangles[t], triangles[t + 1], triangles[t + 2]);
  }
  return kept;
}

/** Against the gradient of the density, by central differences about the nearest grid point. */
function outward({ size, values }: DensityGrid, x: number, y: number, z: number): [number, number, number] {
  const at = [x, y, z].map((p, axis) => Math.min(size[axis] - 2, Math.max(1, Math.round(p))));
  const base = (at[2] * size[1] + at[1]) * size[0] + at[0];
  const slopes = [1, size[0], size[0] * size[1]].map(
    (stride) => values[base - stride] - values[base + stride],
  );
  const length = Math.hypot(...slopes);
  return length > 0 ? (slopes.map((s) => s / length) as [number, number, number]) : [0, 1, 0];
}
