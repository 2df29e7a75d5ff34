import type { Material, Part } from '../render/index.ts';
import { clamp } from '../vector.ts';
import type { Figure } from './figure.ts';
import { extractPart } from './mesh.ts';

export interface ShellOptions {
  vertices?: Float32Array;
  /** Repeats the texture. */
  tiles?: number;
  /** How far (dm) the layer hangs down at a vertex. */
  drop?: (vertex: number) => number;
}

/**
 * A layer over the skin where a signed field is positive, cut per pixel at its zero. `height` (dm above the skin) is a
 * function of the vertex, or a number that tapers towards the edge.
 */
export function shell(
  figure: Figure,
  field: Float32Array,
  height: number | ((vertex: number) => number),
  material: Material,
  { vertices = figure.vertices, tiles = 1, drop }: ShellOptions = {},
): Part {
  const { base, normals } = figure;
  const { topology } = base;
  const { source, triangles, group } = topology;
  const margin = -(material.edge ?? 0) * 0.6;
  const chosen: number[] = [];
  for (let t = 0; t < group.length; t++) {
    if (group[t] !== base.bodyGroup) continue;
    const reach = Math.max(
      field[source[triangles[3 * t]]],
      field[source[triangles[3 * t + 1]]],
      field[source[triangles[3 * t + 2]]],
    );
    if (reach > margin) chosen.push(t);
  }
  const raised = vertices.slice();
  for (const v of base.bodyVertices) {
    if (field[v] <= -0.5) continue;
    const k = typeof height === 'number' ? height * clamp(0.3 + field[v] * 4, 0.15, 1) : height(v);
    for (let axis = 3 * v; axis < 3 * v + 3; axis++) raised[axis] += normals[axis] * k;
    if (drop) raised[3 * v + 1] -= drop(v);
  }
  const { sources, ...part } = extractPart(raised, normals, topology, chosen, material);
  return { ...part, uv: part.uv.map((x) => x * tiles), field: Float32Array.from(sources, (v) => field[v]) };
}
