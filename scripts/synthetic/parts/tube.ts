import { cross, normalise, type Vec3 } from '../vector.ts';

const SIDES = 6;

/** A mesh of tubes, grown one path at a time. */
export interface TubeMesh {
  positions: number[];
  normals: number[];
  triangles: number[];
}

/** Adds a tube of a radius along a path; a closed path joins its end to its start. */
export function addTube(mesh: TubeMesh, path: readonly Vec3[], radius: number, closed: boolean): void {
  const start = mesh.positions.length / 3;
  const count = path.length;
  path.forEach((point, i) => {
    const before = path[closed ? (i + count - 1) % count : Math.max(0, i - 1)];
    const after = path[closed ? (i + 1) % count : Math.min(count - 1, i + 1)];
    const along = normalise([after[0] - before[0], after[1] - before[1], after[2] - before[2]]);
    const side = normalise(cross(along, Math.abs(along[2]) < 0.9 ? [0, 0, 1] : [0, 1, 0]));
    const up = cross(side, along);
    for (let k = 0; k < SIDES; k++) {
      const c = Math.cos((2 * Math.PI * k) / SIDES);
      const s = Math.sin((2 * Math.PI * k) / SIDES);
      for (let axis = 0; axis < 3; axis++) {
        const n = c * up[axis] + s * side[axis];
        mesh.positions.push(point[axis] + radius * n);
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
