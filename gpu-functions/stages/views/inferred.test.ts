import { expect, it } from 'vitest';
import { emptyGrid } from './density-grid.ts';
import { Inferred } from './inferred.ts';
import { front, RADIUS, sides } from './testing/ball.ts';

const grid = emptyGrid(0.18, 0.18, 37);
const at = (...place: number[]): number => {
  const [i, j, k] = place.map((x, axis) => Math.round((x - grid.origin[axis]) / grid.spacing));
  return (k * grid.size[1] + j) * grid.size[0] + i;
};
const inferred = Inferred.from(grid, [{ ...front, sides }])!;
const density = { ...grid, values: inferred.values };

/** The colour of a point where the field has a grey surface. */
function colourAt(...place: number[]): { asked: boolean; colour: number[] } {
  const colour = new Float64Array(3);
  const asked = !inferred.isKnown(density, at(...place), colour);
  if (asked) inferred.mixInto(density, at(...place), 1000, colour.fill(0.5));
  return { asked, colour: [...colour] };
}

it('has nothing to tell where no picture tells of both sides', () => {
  expect(Inferred.from(grid, [{ picture: front.picture, label: front.label }])).toBeUndefined();
});

it('knows the colours of the far side and of both flanks, whatever a field says', () => {
  expect(colourAt(0, 0, -RADIUS)).toEqual({ asked: false, colour: [0, 0, 1] });
  expect(colourAt(RADIUS, 0, 0)).toEqual({ asked: false, colour: [0, 1, 0] });
  expect(colourAt(-RADIUS, 0, 0)).toEqual({ asked: false, colour: [1, 1, 0] });
});

it('leaves the near side to the field where that has a surface', () => {
  expect(colourAt(0, 0, RADIUS)).toEqual({ asked: true, colour: [0.5, 0.5, 0.5] });
  const colour = Float64Array.of(0.5, 0.5, 0.5);
  inferred.mixInto(density, at(0, 0, RADIUS), 0, colour);
  expect([...colour]).toEqual([1, 0, 0]);
});

it('passes over from one to the other where a surface is turned half to each', () => {
  const slope = RADIUS * Math.SQRT1_2;
  const { colour } = colourAt(slope, 0, -slope);
  // Far side and left: no red, some of green and of blue, or all of one.
  expect(colour[0]).toBeCloseTo(0, 5);
  expect(colour[1] + colour[2]).toBeCloseTo(1, 5);
});
