import { describe, expect, it } from 'vitest';
import { emptyGrid } from './density-grid.ts';
import { FromSides } from './side-views.ts';
import { RADIUS, sides as views } from './testing/ball.ts';

const grid = emptyGrid(0.18, 0.18, 37);

const sides = new FromSides(grid, views);

const at = (...place: number[]): number => {
  const [i, j, k] = place.map((x, axis) => Math.round((x - grid.origin[axis]) / grid.spacing));
  return (k * grid.size[1] + j) * grid.size[0] + i;
};

/** The colour of a magenta point after the sides have told theirs. */
function seen(point: [number, number, number], normal: number[]): number[] {
  const colour = Float64Array.of(1, 0, 1);
  if (sides.look(...point, Float64Array.from(normal)) > 0) sides.colour(colour);
  return [...colour].map((x) => Math.round(100 * x) / 100);
}

describe('what is told of densities', () => {
  it('is full between both surfaces and nothing beside them, where nothing was told', () => {
    const values = new Float32Array(grid.values.length);
    const shares = new Float32Array(values.length);
    sides.tellRest(values, shares);
    expect(values[at(0, 0, 0)]).toBeGreaterThan(100);
    expect(values[at(RADIUS - 0.05, 0, 0)]).toBeGreaterThan(100);
    expect(values[at(0, RADIUS + 0.025, 0)]).toBe(0);
    expect(values[at(RADIUS + 0.025, 0, 0)]).toBe(0);
    expect(shares.every((share) => share === 1)).toBe(true);
  });

  it('changes nothing that is told already', () => {
    const values = new Float32Array(grid.values.length).fill(7);
    sides.tellRest(values, new Float32Array(values.length).fill(1));
    expect(values.every((x) => x === 7)).toBe(true);
  });
});

describe('the colour of a point', () => {
  it('is that of the side that its surface is turned to', () => {
    expect(seen([RADIUS, 0, 0], [1, 0, 0])).toEqual([0, 1, 0]);
    expect(seen([-RADIUS, 0, 0], [-1, 0, 0])).toEqual([1, 1, 0]);
  });

  it('stays what it was where its surface is turned elsewhere, and where a side sees something else', () => {
    expect(seen([0, 0, RADIUS], [0, 0, 1])).toEqual([1, 0, 1]);
    expect(seen([-RADIUS, 0, 0], [1, 0, 0])).toEqual([1, 0, 1]);
  });
});
