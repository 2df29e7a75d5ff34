import type { SimplifiedMesh } from './simplify.ts';
import type { TriangleMesh } from './surface-nets.ts';

/** Cosine of the angle above which neighbouring triangles make an edge that shows. */
const CREASE = Math.cos((60 * Math.PI) / 180);

/** Unit normals of the vertices: the mean of their triangles, weighted by area. `[vertices, 3]` */
export function vertexNormals(mesh: TriangleMesh): Float32Array<ArrayBuffer> {
  const faces = faceNormals(mesh);
  const normals = new Float32Array(mesh.positions.length);
  for (let corner = 0; corner < mesh.indices.length; corner++) {
    const face = corner - (corner % 3);
    const to = 3 * mesh.indices[corner];
    normals[to] += faces[face];
    normals[to + 1] += faces[face + 1];
    normals[to + 2] += faces[face + 2];
  }
  for (let i = 0; i < normals.length; i += 3) {
    const length = Math.hypot(normals[i], normals[i + 1], normals[i + 2]);
    if (length === 0) normals[i + 1] = 1;
    else for (let axis = 0; axis < 3; axis++) normals[i + axis] /= length;
  }
  return normals;
}

/**
 * A unit normal for each corner of a simplified mesh, `[triangles, 3, 3]`, taken from the mesh it was simplified from:
 * its own triangles may be slivers. Where that one has a crease at a vertex, and so several normals, a corner gets the
 * one nearest to its triangle's.
 */
export function cornerNormals(simple: SimplifiedMesh, fine: TriangleMesh): Float32Array<ArrayBuffer> {
  const candidates = creasedNormals(fine, simple.source);
  const faces = faceNormals(simple);
  const normals = new Float32Array(3 * simple.indices.length);
  simple.indices.forEach((vertex, corner) => {
    const face = corner - (corner % 3);
    const towards = (normal: readonly number[]) =>
      normal[0] * faces[face] + normal[1] * faces[face + 1] + normal[2] * faces[face + 2];
    const nearest = candidates[vertex].reduce((a, b) => (towards(b) > towards(a) ? b : a));
    normals.set(nearest, 3 * corner);
  });
  return normals;
}

/** The normals that each of some vertices has: for each triangle around it the mean of those it meets smoothly. */
function creasedNormals(mesh: TriangleMesh, vertices: Uint32Array): number[][][] {
  const faces = faceNormals(mesh);
  const placeOf = new Int32Array(mesh.positions.length / 3).fill(-1);
  vertices.forEach((vertex, place) => (placeOf[vertex] = place));
  const around: number[][] = Array.from(vertices, () => []);
  for (let corner = 0; corner < mesh.indices.length; corner++) {
    const place = placeOf[mesh.indices[corner]];
    if (place >= 0) around[place].push(corner - (corner % 3));
  }
  const dot = (a: number, b: number) =>
    faces[a] * faces[b] + faces[a + 1] * faces[b + 1] + faces[a + 2] * faces[b + 2];
  return around.map((corners) =>
    corners.map((own) => {
      const sum = [0, 0, 0];
      for (const other of corners) {
        if (dot(own, other) < CREASE * Math.sqrt(dot(own, own) * dot(other, other))) continue;
        for (let axis = 0; axis < 3; axis++) sum[axis] += faces[other + axis];
      }
      return unit(sum);
    }),
  );
}

/** Normals with the length of twice the area, `[triangles, 3]`. */
function faceNormals({ positions: p, indices }: TriangleMesh): Float64Array {
  const normals = new Float64Array(indices.length);
  for (let t = 0; t < indices.length; t += 3) {
    const a = 3 * indices[t];
    const b = 3 * indices[t + 1];
    const c = 3 * indices[t + 2];
    const ux = p[b] - p[a];
    const uy = p[b + 1] - p[a + 1];
    const uz = p[b + 2] - p[a + 2];
    const vx = p[c] - p[a];
    const vy = p[c + 1] - p[a + 1];
    const vz = p[c + 2] - p[a + 2];
    normals[t] = uy * vz - uz * vy;
    normals[t + 1] = uz * vx - ux * vz;
    normals[t + 2] = ux * vy - uy * vx;
  }
  return normals;
}

function unit(vector: readonly number[]): number[] {
  const length = Math.hypot(vector[0], vector[1], vector[2]);
  return length > 0 ? [vector[0] / length, vector[1] / length, vector[2] / length] : [0, 1, 0];
}
