import { expect, it } from 'vitest';
import { Random } from '../../../nn/index.ts';
import { emptyGrid, allPoints, gridPoints, type DensityGrid } from '../../views/density-grid.ts';
import { smoothDensity } from './smooth.ts';
import { solidOf } from './solid.ts';
import { surfaceNets } from './surface-nets.ts';
import { topologyOf } from './topology.ts';

function gridOf(density: (x: number, y: number, z: number, i: number) => number): DensityGrid {
  const grid = emptyGrid(0.5, 0.5, 21);
  const points = gridPoints(grid, allPoints(grid));
  for (let i = 0; i < grid.values.length; i++) {
    grid.values[i] = density(points[3 * i], points[3 * i + 1], points[3 * i + 2], i);
  }
  return grid;
}

const ball = (x: number, y: number, z: number, radius: number) => 10 + 100 * (radius - Math.hypot(x, y, z));

it.each([1, 2, 3, 4, 5, 6])('noise becomes one closed, oriented 2-manifold too (seed %d)', (seed) => {
  const noise = new Random(seed).uniforms(21 ** 3);
  const surface = surfaceNets(
    solidOf(
      gridOf((_x, _y, _z, i) => 20 * noise[i]),
      10,
    ),
  );
  const { unpaired, pieces, euler, volume } = topologyOf(surface);
  expect({ unpaired, pieces }).toEqual({ unpaired: 0, pieces: 1 });
  // Noise has many handles: an even number below 2.
  expect(euler).toBeLessThan(2);
  expect(euler % 2).toBeCloseTo(0);
  expect(volume).toBeGreaterThan(0);
});

it('a ball is a sphere: on its surface, of its volume, without its cavity and the crumb beside it', () => {
  const grid = gridOf((x, y, z) => {
    if (Math.hypot(x, y, z) < 0.1) return 0;
    return Math.max(ball(x, y, z, 0.35), ball(x - 0.4, y - 0.4, z - 0.4, 0.06));
  });
  const surface = surfaceNets(solidOf(grid, 10));
  const { unpaired, pieces, euler, volume } = topologyOf(surface);
  expect({ unpaired, pieces, euler }).toEqual({ unpaired: 0, pieces: 1, euler: 2 });
  expect(volume / ((4 / 3) * Math.PI * 0.35 ** 3)).toBeCloseTo(1, 1);
  for (let v = 0; v < surface.positions.length; v += 3) {
    expect(Math.abs(Math.hypot(...surface.positions.subarray(v, v + 3)) - 0.35)).toBeLessThan(0.01);
  }
});

it('what the border of the grid cuts is closed flat, half a step outside', () => {
  const surface = surfaceNets(
    solidOf(
      gridOf((x, y, z) => ball(x, y + 0.5, z, 0.35)),
      10,
    ),
  );
  expect(topologyOf(surface)).toMatchObject({ unpaired: 0, euler: 2 });
  const heights = surface.positions.filter((_, i) => i % 3 === 1);
  const lowest = heights.reduce((a, b) => Math.min(a, b));
  expect(lowest).toBeCloseTo(-0.5 - 0.05 / 2, 3);
  expect(heights.filter((y) => Math.abs(y - lowest) < 1e-4).length).toBeGreaterThan(100);
});

it('smoothing keeps the sum inside and flattens a checkerboard', () => {
  const impulse = gridOf((x, y, z) => (Math.hypot(x, y, z) < 0.01 ? 64 : 0));
  const smooth = smoothDensity(impulse).values;
  expect(smooth.reduce((a, b) => a + b)).toBeCloseTo(64);
  expect(Math.max(...smooth)).toBeCloseTo(8);
  const board = gridOf((_x, _y, _z, i) => i % 2);
  expect(smoothDensity(board).values[10 * 441 + 10 * 21 + 10]).toBeCloseTo(0.5);
  expect(impulse.values.filter((x) => x > 0)).toHaveLength(1);
});
