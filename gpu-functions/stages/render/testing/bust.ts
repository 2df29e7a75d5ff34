import { MINI } from '../../../portrait/index.ts';
import { emptyGrid, allPoints, gridPoints } from '../../views/density-grid.ts';
import { viewLabel } from '../../views/orbit.ts';
import { cellsOf } from '../../views/voxel-cells.ts';
import type { Voxels } from '../../views/voxels.ts';

export const CAMERA = MINI.camera;

/** Labels of cameras around it. */
export const OUTLINES = [0, 90].map((azimuth) => viewLabel(CAMERA, azimuth));

/** Radius of the bust's head, whose centre is the world's origin, and height of its lowest point. */
export const [HEAD, BOTTOM] = [0.25, -0.6];

/** How deep a point lies in a ball, below 0 outside. */
const inBall = (x: number, y: number, z: number, [cx, cy, cz, radius]: readonly number[]) =>
  radius - Math.hypot(x - cx, y - cy, z - cz);

const BALLS = [
  [0, 0, 0, HEAD],
  [0, -0.75, 0, 0.5],
];

/** How deep a point lies in the bust, below 0 outside. */
export function depthInBust(x: number, y: number, z: number): number {
  return Math.max(...BALLS.map((ball) => inBall(x, y, z, ball)));
}

/** Hangs in the air beside the head. */
const FLOATER = [0.4, 0.35, 0.2, 0.06];

/**
 * A bust of two balls, of which the bottom of the box cuts the lower, with a floater beside it and a cavity in its head.
 * Its surface is soft over a few voxels; its colours change smoothly from place to place.
 */
export function bust(points = 81): Voxels {
  const grid = emptyGrid(0.5, 0.6, points);
  const places = gridPoints(grid, allPoints(grid));
  const colours = new Uint8ClampedArray(places.length);
  for (let i = 0; i < grid.values.length; i++) {
    const [x, y, z] = places.subarray(3 * i, 3 * i + 3);
    const depth = Math.max(depthInBust(x, y, z), inBall(x, y, z, FLOATER));
    const cavity = Math.hypot(x, y, z) < 0.08;
    grid.values[i] = cavity ? 0 : Math.min(400, Math.max(0, 4000 * (depth + 0.5 * grid.spacing)));
    colours[3 * i] = 128 + 100 * Math.sin(9 * x);
    colours[3 * i + 1] = 128 + 100 * Math.sin(9 * y + 1);
    colours[3 * i + 2] = 128 + 100 * Math.sin(9 * z + 2);
  }
  return {
    density: grid,
    colours,
    decoded: new Uint8Array(grid.values.length).fill(1),
    cells: cellsOf(grid),
  };
}
