import { describe, expect, it } from 'vitest';
import { emptyGrid, gridPoints, type DensityGrid } from '../views/density-grid.ts';
import { surfaceNets } from './surface-nets.ts';

/** Density that falls linearly through 10 at the surface of balls. */
function balls(...list: [x: number, y: number, z: number, radius: number][]): DensityGrid {
  const grid = emptyGrid(0.5, 0.5, 41);
  const points = gridPoints(grid, 0, grid.values.length);
  for (let i = 0; i < grid.values.length; i++) {
    const depths = list.map(
      ([x, y, z, r]) => r - Math.hypot(points[3 * i] - x, points[3 * i + 1] - y, points[3 * i + 2] - z),
    );
    grid.values[i] = Math.max(0, 10 + 100 * Math.max(...depths));
  }
  return grid;
}

describe('surfaceNets', () => {
  const { positions, normals, indices } = surfaceNets(balls([0, 0, 0, 0.3], [0.42, 0.42, 0.42, 0.05]), 10);

  it('lies on the surface, and keeps the largest piece alone', () => {
    for (let v = 0; v < positions.length; v += 3) {
      expect(Math.abs(Math.hypot(...positions.subarray(v, v + 3)) - 0.3)).toBeLessThan(0.006);
    }
  });

  it('has normals that point outwards', () => {
    for (let v = 0; v < positions.length; v += 3) {
      const dot = [0, 1, 2].reduce((sum, a) => sum + normals[v + a] * positions[v + a], 0) / 0.3;
      expect(dot).toBeGreaterThan(0.95);
    }
  });

  it("is closed and turned outwards: its volume is the ball's, and every edge has one neighbour", () => {
    let volume = 0;
    const edges = new Map<string, number>();
    for (let t = 0; t < indices.length; t += 3) {
      const [a, b, c] = [0, 1, 2].map((i) => positions.subarray(3 * indices[t + i], 3 * indices[t + i] + 3));
      volume += (a[0] * (b[1] * c[2] - b[2] * c[1]) + a[1] * (b[2] * c[0] - b[0] * c[2]) + a[2] * (b[0] * c[1] - b[1] * c[0])) / 6; // prettier-ignore
      for (const [from, to] of [
        [0, 1],
        [1, 2],
        [2, 0],
      ]) {
        const [low, high] = [indices[t + from], indices[t + to]].toSorted((x, y) => x - y);
        const turn = indices[t + from] === low ? 1 : -1;
        edges.set(`${low} ${high}`, (edges.get(`${low} ${high}`) ?? 0) + turn);
      }
    }
    expect(volume / ((4 / 3) * Math.PI * 0.3 ** 3)).toBeCloseTo(1, 1);
    expect([...edges.values()].every((sum) => sum === 0)).toBe(true);
  });

  it('closes what the border of the grid cuts', () => {
    const cut = surfaceNets(balls([0, -0.5, 0, 0.3]), 10);
    const lowest = cut.positions.filter((_, i) => i % 3 === 1).reduce((a, b) => Math.min(a, b), 1);
    expect(lowest).toBeGreaterThan(-0.53);
    expect(lowest).toBeLessThan(-0.49);
  });
});
