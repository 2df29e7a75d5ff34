import type { Material, Part } from '../render/index.ts';
import { cross, normalise, type Vec3 } from '../vector.ts';

const SIDES = 6;

/** A mesh of tubes, grown one path at a time. */
export interface TubeMesh {
  positions: number[];
  normals: number[];
  triangles: number[];
}

/** Adds a tube along a path, of one radius or of one that varies along it (0…1); a closed path joins its end to its start. */
export function addTube(
  mesh: TubeMesh,
  path: readonly Vec3[],
  radius: number | ((along: number) => number),
  closed: boolean,
): void {
  const start = mesh.positions.length / 3;
  const count = path.length;
  path.forEach((point, i) => {
    const before = path[closed ? (i + count - 1) % count : Math.max(0, i - 1)];
    const after = path[closed ? (i + 1) % count : Math.min(count - 1, i + 1)];
    const along = normalise([after[0] - before[0], after[1] - before[1], after[2] - before[2]]);
    const side = normalise(cross(along, Math.abs(along[2]) < 0.9 ? [0, 0, 1] : [0, 1, 0]));
    const up = cross(side, along);
    const r = typeof radius === 'number' ? radius : radius(i / (count - 1));
    for (let k = 0; k < SIDES; k++) {
      const c = Math.cos((2 * Math.PI * k) / SIDES);
      const s = Math.sin((2 * Math.PI * k) / SIDES);
      for (let axis = 0; axis < 3; axis++) {
        const n = c * up[axis] + s * side[axis];
        mesh.positions.push(point[axis] + r * n);
        mesh.normals.push(n);
      }
    }
  });
  for (let i = 0; i < (closed ? count : count - 1); i++) {
    for (let k = 0; k < SIDES; k++) {
      const a = start + i * SIDES + k;
      const b = start + i * SIDES + ((k + 1) % SIDES);
      const c = start + ((i + 1) % count) * SIDES + k;
      const d = start + ((i + 1) % count) * SIDES + ((k + 1) % SIDES);
      mesh.triangles.push(a, b, c, b, d, c);
    }
  }
}

/** Tubes as a part, with a texture laid along and around them. */
export function tubePart({ positions, normals, triangles }: TubeMesh, material: Material): Part {
  const vertices = positions.length / 3;
  return {
    positions: Float32Array.from(positions),
    normals: Float32Array.from(normals),
    uv: Float32Array.from({ length: 2 * vertices }, (_, i) => {
      const vertex = i >> 1;
      return i & 1 ? Math.floor(vertex / SIDES) * 0.13 : (vertex % SIDES) / SIDES;
    }),
    triangles: Uint32Array.from(triangles),
    material,
  };
}
