import { expect, it } from 'vitest';
import { Random } from '../../nn/index.ts';
import { emptyGrid } from './density-grid.ts';
import { cellsOf } from './voxel-cells.ts';

/** The largest of the distances along the axes. */
const apart = (a: number[], b: number[]) => Math.max(...a.map((x, axis) => Math.abs(x - b[axis])));

it('tells of every cell how many cells away something may show', () => {
  const grid = emptyGrid(0.35, 0.5, 32);
  const random = new Random(3);
  for (let n = 0; n < 6; n++) grid.values[Math.floor(random.uniform() * grid.values.length)] = 100;
  const { size, side, clearance } = cellsOf(grid);
  const [cx, cy, cz] = size;
  const cells = Array.from({ length: cx * cy * cz }, (_, i) => [
    i % cx,
    Math.floor(i / cx) % cy,
    Math.floor(i / (cx * cy)),
  ]);
  const shows = cells.filter((cell) => {
    for (let corner = 0; corner < (side + 1) ** 3; corner++) {
      const [i, j, k] = [corner % (side + 1), Math.floor(corner / (side + 1)) % (side + 1), Math.floor(corner / (side + 1) ** 2)].map((offset, axis) => cell[axis] * side + offset); // prettier-ignore
      if (i >= grid.size[0] || j >= grid.size[1] || k >= grid.size[2]) continue;
      if (grid.values[(k * grid.size[1] + j) * grid.size[0] + i] > 0) return true;
    }
    return false;
  });
  expect(shows.length).toBeGreaterThan(6);
  expect([...clearance]).toEqual(cells.map((cell) => Math.min(...shows.map((other) => apart(cell, other)))));
});

it('finds nothing where nothing is', () => {
  const { clearance, blocks } = cellsOf(emptyGrid(0.35, 0.5, 16));
  expect(Math.min(...clearance)).toBeGreaterThan(1);
  expect(blocks).toHaveLength(0);
});
