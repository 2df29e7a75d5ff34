import { MeshoptSimplifier } from 'meshoptimizer';
import type { TriangleMesh } from './surface-nets.ts';
import { topologyOf } from './topology.ts';

/** A mesh of some of another's vertices. */
export interface SimplifiedMesh extends TriangleMesh {
  /** The other's vertex that each one is. */
  readonly source: Uint32Array;
}

/** Farthest that simplifying may move the surface, as a share of the mesh's extent. */
const MOST_ERROR = 0.004;

/**
 * The mesh with about `triangles` triangles, by quadric edge collapses (Garland and Heckbert 1997); its vertices are
 * some of the closed mesh's own. It stays one closed piece of the same genus: should collapses change that, more triangles are
 * kept.
 */
export async function simplify(mesh: TriangleMesh, triangles: number): Promise<SimplifiedMesh> {
  await MeshoptSimplifier.ready;
  // In a closed mesh every triangle has three halves of edges.
  const euler = mesh.positions.length / 3 - mesh.indices.length / 6;
  for (let target = triangles; target < mesh.indices.length / 3; target *= 1.5) {
    const wanted = 3 * Math.round(target);
    const [indices] = MeshoptSimplifier.simplify(mesh.indices, mesh.positions, 3, wanted, MOST_ERROR);
    const simpler = compact(mesh.positions, withoutFlaps(indices));
    const found = topologyOf(simpler);
    if (found.unpaired === 0 && found.euler === euler) return simpler;
  }
  return compact(mesh.positions, mesh.indices);
}

/** The triangles without pairs that lie back to back: a collapse may leave such a flap on an edge. */
export function withoutFlaps(indices: Uint32Array): Uint32Array<ArrayBuffer> {
  const known = new Map<string, number>();
  const flaps = new Set<number>();
  for (let t = 0; t < indices.length; t += 3) {
    const corners = indices
      .subarray(t, t + 3)
      .toSorted()
      .join(' ');
    const other = known.get(corners);
    if (other === undefined) known.set(corners, t);
    else flaps.add(other).add(t);
  }
  return Uint32Array.from(indices.filter((_, corner) => !flaps.has(corner - (corner % 3))));
}

/** The vertices that triangles use, and no others. */
function compact(positions: Float32Array, indices: Uint32Array<ArrayBuffer>): SimplifiedMesh {
  const place = new Int32Array(positions.length / 3).fill(-1);
  const order: number[] = [];
  const renumbered = indices.map((vertex) => {
    if (place[vertex] < 0) place[vertex] = order.push(vertex) - 1;
    return place[vertex];
  });
  const kept = new Float32Array(3 * order.length);
  order.forEach((vertex, i) => kept.set(positions.subarray(3 * vertex, 3 * vertex + 3), 3 * i));
  return { positions: kept, indices: renumbered, source: Uint32Array.from(order) };
}
