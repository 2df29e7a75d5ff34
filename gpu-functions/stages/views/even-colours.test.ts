import { expect, it } from 'vitest';
import { emptyGrid } from './density-grid.ts';
import { evenColours } from './even-colours.ts';

const SIDE = 24;
const all = new Uint8Array(SIDE ** 3).fill(1);
const dense = new Float32Array(SIDE ** 3).fill(100);

/** Evens the colours of a cube of points. */
function even(colours: Uint8ClampedArray, values = dense, decoded = all, told?: Uint8Array): void {
  evenColours({
    density: { ...emptyGrid(0.5, 0.5, SIDE), size: [SIDE, SIDE, SIDE], values },
    colours,
    decoded,
    ...(told && { told }),
  });
}

/** Colours of a grid's points by their columns. */
function coloured(of: (column: number) => number): Uint8ClampedArray {
  return Uint8ClampedArray.from({ length: 3 * SIDE ** 3 }, (_, i) => of(Math.floor(i / 3) % SIDE));
}

/** Red of the points in the middle row. */
const rowOf = (colours: Uint8ClampedArray) =>
  Array.from({ length: SIDE }, (_, i) => colours[3 * ((12 * SIDE + 12) * SIDE + i)]);

const stripe = (i: number): number => (i % 6 < 3 ? 8 : -8);

/** Mean distance of values from one. */
const strayed = (values: number[], from: number): number =>
  values.reduce((sum, x) => sum + Math.abs(x - from), 0) / values.length;

it('takes stripes away, and leaves a border where it was', () => {
  const colours = coloured((i) => (i < 12 ? 60 : 200) + stripe(i));
  even(colours);
  const row = rowOf(colours);
  expect(strayed(row.slice(0, 11), 60)).toBeLessThan(3.5);
  expect(strayed(row.slice(13), 200)).toBeLessThan(3.5);
  expect(row[12] - row[11]).toBeGreaterThan(110);
});

it('leaves one colour as it is, to the edges of the grid', () => {
  const colours = coloured(() => 77);
  even(colours);
  expect(new Set(colours)).toEqual(new Set([77]));
});

it('does not carry colours from one edge of the grid to the other', () => {
  const colours = coloured((i) => (i === 0 ? 90 : 80));
  even(colours);
  expect(rowOf(colours)[SIDE - 1]).toBe(80);
});

it('neither takes from points that are not of the surface, nor changes them', () => {
  const colours = coloured((i) => (i === 12 ? 100 : 90));
  const surface = all.map((_, p) => (p % SIDE === 12 ? 0 : 1));
  even(colours, dense, surface);
  expect(rowOf(colours)).toEqual(Array.from({ length: SIDE }, (_, i) => (i === 12 ? 100 : 90)));
});

it('what is there counts, and what is not hardly', () => {
  const colours = coloured((i) => (i < 12 ? 90 : 100));
  const density = dense.map((d, p) => (p % SIDE < 12 ? 0 : d));
  even(colours, density);
  const row = rowOf(colours);
  expect(row[12]).toBe(100);
  expect(row[11]).toBeGreaterThan(96);
});

it('takes the grain of what pictures tell, but not its details', () => {
  const grain = coloured((i) => (i % 2 === 0 ? 94 : 86));
  even(grain, dense, all, all);
  expect(strayed(rowOf(grain), 90)).toBeLessThan(2.5);
  const details = () => coloured((i) => 90 + stripe(i));
  const [own, told] = [details(), details()];
  even(own);
  even(told, dense, all, all);
  expect(strayed(rowOf(told), 90)).toBeGreaterThan(1.5 * strayed(rowOf(own), 90));
});

it('lets what pictures tell count for what a field tells beside it', () => {
  const half = all.map((_, p) => (p % SIDE < 12 ? 1 : 0));
  const colours = coloured((i) => (i < 12 ? 90 : 100));
  even(colours, dense, all, half);
  const row = rowOf(colours);
  expect(row[0]).toBe(90);
  expect(row[12]).toBeLessThan(97);
});
