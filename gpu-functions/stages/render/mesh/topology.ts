import type { TriangleMesh } from './surface-nets.ts';

/** What makes a triangle mesh the surface of a solid. */
export interface Topology {
  /** Directed edges that do not have exactly one partner in the other direction: 0 in a closed, oriented 2-manifold. */
  readonly unpaired: number;
  /** Pieces connected by edges. */
  readonly pieces: number;
  /** Vertices − edges + faces of those used: 2 for a sphere, 2 less for each handle. */
  readonly euler: number;
  /** Of the solid, in cubed units of the positions; above 0 when triangles are counter-clockwise seen from outside. */
  readonly volume: number;
}

/** Counts edges, pieces and volume of a mesh. */
export function topologyOf({ positions, indices }: TriangleMesh): Topology {
  const vertices = positions.length / 3;
  const edges = new Map<number, number>();
  const parent = Int32Array.from({ length: vertices }, (_, i) => i);
  const root = (vertex: number): number => {
    let v = vertex;
    while (parent[v] !== v) v = parent[v] = parent[parent[v]];
    return v;
  };
  let volume = 0;
  for (let t = 0; t < indices.length; t += 3) {
    const [a, b, c] = [indices[t], indices[t + 1], indices[t + 2]];
    for (const [from, to] of [
      [a, b],
      [b, c],
      [c, a],
    ]) {
      edges.set(from * vertices + to, (edges.get(from * vertices + to) ?? 0) + 1);
      parent[root(from)] = root(to);
    }
    volume += signedVolume(positions, a, b, c);
  }
  let unpaired = 0;
  for (const [edge, count] of edges) {
    const from = Math.floor(edge / vertices);
    const back = edges.get((edge % vertices) * vertices + from);
    if (count !== 1 || back !== 1) unpaired++;
  }
  const used = new Set(indices);
  let pieces = 0;
  for (const vertex of used) if (root(vertex) === vertex) pieces++;
  return { unpaired, pieces, euler: used.size - edges.size / 2 + indices.length / 3, volume };
}

/** Volume of the tetrahedron between a triangle and the origin. */
function signedVolume(p: Float32Array, a: number, b: number, c: number): number {
  const [ax, ay, az] = [p[3 * a], p[3 * a + 1], p[3 * a + 2]];
  const [bx, by, bz] = [p[3 * b], p[3 * b + 1], p[3 * b + 2]];
  const [cx, cy, cz] = [p[3 * c], p[3 * c + 1], p[3 * c + 2]];
  return (ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx)) / 6;
}
