import type { Topology } from '../assets/index.ts';
import type { Material, Part } from '../render/index.ts';

/** Area-weighted vertex normals of a mesh; only the triangles that `keep` accepts count. */
export function vertexNormals(
  positions: Float32Array,
  { source, triangles }: Topology,
  keep: (triangle: number) => boolean = () => true,
): Float32Array {
  const normals = new Float32Array(positions.length);
  for (let t = 0; t < triangles.length / 3; t++) {
    if (!keep(t)) continue;
    const a = 3 * source[triangles[3 * t]];
    const b = 3 * source[triangles[3 * t + 1]];
    const c = 3 * source[triangles[3 * t + 2]];
    const x1 = positions[b] - positions[a];
    const y1 = positions[b + 1] - positions[a + 1];
    const z1 = positions[b + 2] - positions[a + 2];
    const x2 = positions[c] - positions[a];
    const y2 = positions[c + 1] - positions[a + 1];
    const z2 = positions[c + 2] - positions[a + 2];
    const nx = y1 * z2 - z1 * y2;
    const ny = z1 * x2 - x1 * z2;
    const nz = x1 * y2 - y1 * x2;
    for (const v of [a, b, c]) {
      normals[v] += nx;
      normals[v + 1] += ny;
      normals[v + 2] += nz;
    }
  }
  for (let v = 0; v < normals.length; v += 3) {
    const length = Math.hypot(normals[v], normals[v + 1], normals[v + 2]) || 1;
    normals[v] /= length;
    normals[v + 1] /= length;
    normals[v + 2] /= length;
  }
  return normals;
}

/** The chosen triangles (by number) of a mesh as a part that holds only the vertices it uses; `sources` are those. */
export function extractPart(
  positions: Float32Array,
  normals: Float32Array,
  { source, uv, triangles }: Topology,
  chosen: readonly number[],
  material: Material,
): Part & { sources: Uint32Array } {
  const renumbered = new Int32Array(source.length).fill(-1);
  const used: number[] = [];
  const out = new Uint32Array(chosen.length * 3);
  chosen.forEach((t, i) => {
    for (let k = 0; k < 3; k++) {
      const v = triangles[3 * t + k];
      if (renumbered[v] < 0) {
        renumbered[v] = used.length;
        used.push(v);
      }
      out[3 * i + k] = renumbered[v];
    }
  });
  const part = {
    positions: new Float32Array(used.length * 3),
    normals: new Float32Array(used.length * 3),
    uv: new Float32Array(used.length * 2),
    triangles: out,
    material,
    sources: Uint32Array.from(used, (v) => source[v]),
  };
  used.forEach((v, i) => {
    const from = 3 * source[v];
    part.positions.set(positions.subarray(from, from + 3), 3 * i);
    part.normals.set(normals.subarray(from, from + 3), 3 * i);
    part.uv.set(uv.subarray(2 * v, 2 * v + 2), 2 * i);
  });
  return part;
}
