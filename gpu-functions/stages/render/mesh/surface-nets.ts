import { cornerOffsets, mixedCells, type Solid } from './solid.ts';

/** Triangles between points, counter-clockwise seen from outside. */
export interface TriangleMesh {
  /** World positions `[vertices, 3]`. */
  readonly positions: Float32Array<ArrayBuffer>;
  /** `[triangles, 3]` */
  readonly indices: Uint32Array<ArrayBuffer>;
}

/** The twelve edges of a cell: the corner that each begins at, and the axis that it follows; corner bits are x, y, z. */
const EDGES = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((corner) =>
  [0, 1, 2].filter((axis) => !((corner >> axis) & 1)).map((axis) => ({ corner, axis })),
);
const EDGE_CORNER = Uint8Array.from(EDGES, ({ corner }) => corner);
const EDGE_AXIS = Uint8Array.from(EDGES, ({ axis }) => axis);

/**
 * Naive surface nets (Gibson 1998): a vertex in every cell that the surface passes, at the mean of its crossings of
 * the cell's edges, and a quad around every grid edge that crosses. Smoother than marching cubes and with no sliver
 * triangles. Around a well-composed solid it is closed, and every edge has two triangles.
 */
export function surfaceNets(solid: Solid): TriangleMesh {
  const { size } = solid.grid;
  const cells = mixedCells(size, solid.inside);
  const vertexOf = new Int32Array(solid.inside.length).fill(-1);
  for (let vertex = 0; vertex < cells.length; vertex++) vertexOf[cells[vertex]] = vertex;
  return { positions: crossings(solid, cells), indices: connect(solid, cells, vertexOf) };
}

function crossings({ grid, level }: Solid, cells: Int32Array): Float32Array<ArrayBuffer> {
  const { size, origin, spacing, values } = grid;
  const nx = size[0];
  const ny = size[1];
  const offsets = Int32Array.from(cornerOffsets(size));
  const positions = new Float32Array(3 * cells.length);
  const sum = new Float64Array(3);
  for (let vertex = 0; vertex < cells.length; vertex++) {
    const base = cells[vertex];
    let count = 0;
    sum.fill(0);
    for (let edge = 0; edge < EDGE_CORNER.length; edge++) {
      const corner = EDGE_CORNER[edge];
      const axis = EDGE_AXIS[edge];
      const from = values[base + offsets[corner]];
      const to = values[base + offsets[corner | (1 << axis)]];
      if (from > level === to > level) continue;
      count++;
      sum[0] += corner & 1;
      sum[1] += (corner >> 1) & 1;
      sum[2] += corner >> 2;
      sum[axis] += (level - from) / (to - from);
    }
    const row = Math.floor(base / nx);
    const slice = Math.floor(row / ny);
    positions[3 * vertex] = origin[0] + spacing * (base - row * nx + sum[0] / count);
    positions[3 * vertex + 1] = origin[1] + spacing * (row - slice * ny + sum[1] / count);
    positions[3 * vertex + 2] = origin[2] + spacing * (slice + sum[2] / count);
  }
  return positions;
}

/** Two triangles for each grid edge that crosses the surface, between the vertices of the four cells around it. */
function connect(
  { grid: { size }, inside }: Solid,
  cells: Int32Array,
  vertexOf: Int32Array,
): Uint32Array<ArrayBuffer> {
  const strides = [1, size[0], size[0] * size[1]];
  const triangles = new Uint32Array(3 * 6 * cells.length);
  let count = 0;
  // Every crossing edge belongs to a mixed cell as an edge from its first point: no other has to be looked at.
  for (let vertex = 0; vertex < cells.length; vertex++) {
    const base = cells[vertex];
    for (let axis = 0; axis < 3; axis++) {
      if (inside[base] === inside[base + strides[axis]]) continue;
      const u = strides[(axis + 1) % 3];
      const v = strides[(axis + 2) % 3];
      // Where density falls along the axis, the outside is ahead, and u → v turns counter-clockwise seen from there.
      const turn = inside[base];
      triangles[count] = triangles[count + 3] = vertexOf[base - u - v];
      triangles[count + 2 - turn] = vertexOf[base - v];
      triangles[count + 1 + turn] = triangles[count + 5 - turn] = vertex;
      triangles[count + 4 + turn] = vertexOf[base - u];
      count += 6;
    }
  }
  return triangles.slice(0, count);
}
