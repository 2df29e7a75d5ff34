import type { StageSettings } from '../settings.ts';
import type { DensityGrid } from '../views/density-grid.ts';
import type { Voxels } from '../views/voxels.ts';
import type { ColouredMesh } from './glb.ts';
import { surfaceNets } from './surface-nets.ts';

/** How far below the surface colours are looked up, in voxels: on the surface itself they are mixed with emptiness. */
const COLOUR_DEPTHS = [0, 0.5, 1, 1.5];

/** The surface of baked voxels, with their colours, in metres. */
export function extractMesh(
  { density, colours }: Voxels,
  { meshLevel, metresPerUnit }: Pick<StageSettings['render'], 'meshLevel' | 'metresPerUnit'>,
): ColouredMesh {
  const { positions, normals, indices } = surfaceNets(smooth(density), meshLevel);
  const found = new Float32Array(positions.length);
  for (let vertex = 0; vertex < positions.length; vertex += 3) {
    let total = 0;
    for (const depth of COLOUR_DEPTHS) {
      const index = nearestPoint(density, positions, normals, vertex, depth * density.spacing);
      const weight = density.values[index] + 1e-6;
      total += weight;
      for (let c = 0; c < 3; c++) found[vertex + c] += (weight * colours[3 * index + c]) / 255;
    }
    for (let c = 0; c < 3; c++) found[vertex + c] /= total;
  }
  return { positions: positions.map((x) => x * metresPerUnit), normals, colours: found, indices };
}

/** Index of the grid point nearest to a vertex moved inwards by a depth. */
function nearestPoint(
  { size, origin, spacing }: DensityGrid,
  positions: Float32Array,
  normals: Float32Array,
  vertex: number,
  depth: number,
): number {
  const at = [0, 1, 2].map((axis) => {
    const position = positions[vertex + axis] - depth * normals[vertex + axis];
    return Math.min(size[axis] - 1, Math.max(0, Math.round((position - origin[axis]) / spacing)));
  });
  return (at[2] * size[1] + at[1]) * size[0] + at[0];
}

/** Binomial smoothing [1, 2, 1]/4 along each axis: the surface of a learned density is rough at the scale of a voxel. */
function smooth(grid: DensityGrid): DensityGrid {
  let values = grid.values;
  [1, grid.size[0], grid.size[0] * grid.size[1]].forEach((stride, axis) => {
    const n = grid.size[axis];
    const next = values.slice();
    for (let i = 0; i < values.length; i++) {
      const position = Math.floor(i / stride) % n;
      if (position === 0 || position === n - 1) continue;
      next[i] = (values[i - stride] + 2 * values[i] + values[i + stride]) / 4;
    }
    values = next;
  });
  return { ...grid, values };
}
