import { cornerOffsets, mixedCells, type Solid } from './solid.ts';

/** Triangles between points, counter-clockwise seen from outside. */
export interface TriangleMesh {
  /** World positions `[vertices, 3]`. */
  readonly positions: Float32Array<ArrayBuffer>;
  /** `[triangles, 3]` */
  readonly indices: Uint32Array<ArrayBuffer>;
}

/** The twelve edges of a cell as pairs of corners; corner bits are x, y, z. */
const EDGES = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((corner) =>
  [1, 2, 4].filter((bit) => !(corner & bit)).map((bit) => [corner, corner | bit] as const),
);

/**
 * Naive surface nets (Gibson 1998): a vertex in every cell that the surface passes, at the mean of its crossings of
 * the cell's edges, and a quad around every grid edge that crosses. Smoother than marching cubes and with no sliver
 * triangles. Around a well-composed solid it is closed, and every edge has two triangles.
 */
export function surfaceNets(solid: Solid): TriangleMesh {
  const { size } = solid.grid;
  const cells = mixedCells(size, solid.inside);
  const vertexOf = new Int32Array(solid.inside.length).fill(-1);
  cells.forEach((base, vertex) => (vertexOf[base] = vertex));
  return { positions: crossings(solid, cells), indices: connect(solid, cells, vertexOf) };
}

function crossings({ grid, level }: Solid, cells: Int32Array): Float32Array<ArrayBuffer> {
  const { size, origin, spacing, values } = grid;
  const [nx, ny] = size;
  const offsets = cornerOffsets(size);
  const positions = new Float32Array(3 * cells.length);
  cells.forEach((base, vertex) => {
    let count = 0;
    const sum = [0, 0, 0];
    for (const [a, b] of EDGES) {
      const from = values[base + offsets[a]];
      const to = values[base + offsets[b]];
      if (from > level === to > level) continue;
      const share = (level - from) / (to - from);
      count++;
      for (let axis = 0; axis < 3; axis++) {
        const low = (a >> axis) & 1;
        sum[axis] += low + (((b >> axis) & 1) - low) * share;
      }
    }
    const cell = [base % nx, Math.floor(base / nx) % ny, Math.floor(base / (nx * ny))];
    for (let axis = 0; axis < 3; axis++) {
      positions[3 * vertex + axis] = origin[axis] + spacing * (cell[axis] + sum[axis] / count);
    }
  });
  return positions;
}

/** Two triangles for each grid edge that crosses the surface, between the vertices of the four cells around it. */
function connect(
  { grid: { size }, inside }: Solid,
  cells: Int32Array,
  vertexOf: Int32Array,
): Uint32Array<ArrayBuffer> {
  const strides = [1, size[0], size[0] * size[1]];
  const triangles: number[] = [];
  // Every crossing edge belongs to a mixed cell as an edge from its first point: no other has to be looked at.
  for (const base of cells) {
    for (let axis = 0; axis < 3; axis++) {
      if (inside[base] === inside[base + strides[axis]]) continue;
      const u = strides[(axis + 1) % 3];
      const v = strides[(axis + 2) % 3];
      const a = vertexOf[base - u - v];
      const b = vertexOf[base - v];
      const c = vertexOf[base];
      const d = vertexOf[base - u];
      // Where density falls along the axis, the outside is ahead, and u → v turns counter-clockwise seen from there.
      if (inside[base]) triangles.push(a, b, c, a, c, d);
      else triangles.push(a, c, b, a, d, c);
    }
  }
  return Uint32Array.from(triangles);
}
