import type { Material, Part } from '../render/index.ts';
import { clamp, type Vec3 } from '../vector.ts';
import type { Figure } from './figure.ts';
import { vertexNormals } from './mesh.ts';

/** A mesh over the skin, each triangle cut into four; `rest` keeps the base-mesh position of each vertex. */
interface Refined {
  positions: number[];
  normals: number[];
  rest: number[];
  field: number[];
  triangles: number[];
}

function refine({ base, vertices, normals }: Figure, field: Float32Array): Refined {
  const { source, triangles, group } = base.topology;
  const mesh: Refined = { positions: [], normals: [], rest: [], field: [], triangles: [] };
  const known = new Map<number, number>();
  const vertex = (a: number, b: number): number => {
    const key = Math.min(a, b) * 1e6 + Math.max(a, b);
    let id = known.get(key);
    if (id !== undefined) return id;
    id = mesh.field.push((field[a] + field[b]) / 2) - 1;
    for (let k = 0; k < 3; k++) {
      mesh.positions.push((vertices[3 * a + k] + vertices[3 * b + k]) / 2);
      mesh.normals.push((normals[3 * a + k] + normals[3 * b + k]) / 2);
      mesh.rest.push((base.vertices[3 * a + k] + base.vertices[3 * b + k]) / 2);
    }
    known.set(key, id);
    return id;
  };
  for (let t = 0; t < group.length; t++) {
    if (group[t] !== base.bodyGroup) continue;
    const [a, b, c] = [0, 1, 2].map((k) => source[triangles[3 * t + k]]);
    if (Math.max(field[a], field[b], field[c]) <= -0.02) continue;
    const [ab, bc, ca] = [vertex(a, b), vertex(b, c), vertex(c, a)];
    mesh.triangles.push(vertex(a, a), ab, ca, ab, vertex(b, b), bc, ca, bc, vertex(c, c), ab, bc, ca);
  }
  return mesh;
}

/** Within this distance (dm) of its edge a shell sinks to the skin. */
const TAPER = 0.3;
/** The skull's middle on the base mesh, (y, z) in dm. */
const MIDDLE = [7.6, 0.5] as const;

/**
 * A thick, uneven layer over the skin where a field is positive. `height` tells its thickness (dm) at a point of the base mesh;
 * the texture repeats `tiles` times a radian around the skull's middle.
 */
export function refinedShell(
  figure: Figure,
  field: Float32Array,
  height: (rest: Vec3) => number,
  material: Material,
  tiles: number,
): Part {
  const mesh = refine(figure, field);
  const positions = Float32Array.from(mesh.positions);
  const uv = new Float32Array(mesh.field.length * 2);
  mesh.field.forEach((f, v) => {
    const [x, y, z] = mesh.rest.slice(3 * v, 3 * v + 3);
    const up = height([x, y, z]) * Math.sqrt(clamp((f + 0.03) / TAPER, 0, 1));
    for (let k = 0; k < 3; k++) positions[3 * v + k] += mesh.normals[3 * v + k] * up;
    // Around the axis through the ears, where the map's poles are bare; its seam is the face.
    const [dx, dy, dz] = [x, y - MIDDLE[0], z - MIDDLE[1]];
    uv[2 * v] = Math.atan2(dy, -dz) * tiles;
    uv[2 * v + 1] = Math.acos(dx / Math.hypot(dx, dy, dz)) * tiles;
  });
  const triangles = Uint32Array.from(mesh.triangles);
  const source = Uint32Array.from(mesh.field, (_, v) => v);
  const normals = vertexNormals(positions, { ...figure.base.topology, source, triangles });
  return { positions, normals, uv, triangles, material, field: Float32Array.from(mesh.field) };
}
