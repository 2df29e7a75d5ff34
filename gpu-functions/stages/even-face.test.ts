import { expect, it } from 'vitest';
import { Random } from '../nn/index.ts';
import { evened, evenNoise, placeOfFace, withEvenFace } from './even-face.ts';
import { emptyPicture, type Picture } from './picture.ts';

const [SIZE, REGION] = [128, { top: 32, left: 40, height: 64, width: 48 }];
const AREA = SIZE * SIZE;
const random = new Random(3);

/** Features about an axis at a column, as bright dots; `uneven` more on the right side alone, and light from the left. */
function face(axis: number, { uneven = 0, light = 0 } = {}): Picture {
  const picture = emptyPicture(SIZE, SIZE);
  const dots = Array.from({ length: 12 }, () => [random.uniform() * 14, 40 + random.uniform() * 48]);
  const odd = Array.from({ length: uneven }, () => [random.uniform() * 14, 40 + random.uniform() * 48]);
  for (let i = 0; i < AREA; i++) {
    const [x, y] = [(i % SIZE) + 0.5 - axis, Math.floor(i / SIZE) + 0.5];
    const near = (dx: number, [u, v]: number[]) => Math.exp(-((dx - u) ** 2 + (y - v) ** 2) / 8);
    let bright = 0.3 - (light * x) / SIZE;
    for (const dot of dots) bright += 0.3 * Math.max(near(x, dot), near(-x, dot));
    for (const dot of odd) bright += 0.3 * near(x, dot);
    for (let c = 0; c < 3; c++) picture.data[c * AREA + i] = Math.min(1, bright);
    picture.data[3 * AREA + i] = 1;
  }
  return picture;
}

it.each([61, 64, 66.5])('finds the axis at column %d', (axis) => {
  const place = placeOfFace(face(axis, { uneven: 1 }), REGION, SIZE)!;
  expect(Math.abs(place.centre[0] * SIZE - axis)).toBeLessThan(1);
});

it('finds none in what has no two sides', () => {
  const noise = face(64);
  noise.data.set(random.normals(3 * AREA).map((x) => 0.5 + x));
  expect(placeOfFace(noise, REGION, SIZE)).toBeUndefined();
});

const place = { centre: [0.5, 0.5], radius: [24 / SIZE, 32 / SIZE] } as const;
const at = (data: Float32Array, column: number, row: number) => data[row * SIZE + column];

/** How much brighter a pixel is than the one across from it. */
const apart = (values: Float32Array, column: number, row: number) =>
  at(values, column, row) - at(values, 127 - column, row);

it('makes both sides of a face alike, keeps the light on it, and what is around it', () => {
  const uneven = face(64, { uneven: 6, light: 0.8 });
  const { data } = withEvenFace(uneven, place);
  let [before, after] = [0, 0];
  for (let row = 54; row < 74; row++) {
    for (let column = 54; column < 64; column++) {
      const light = 0.8 * ((127 - 2 * column) / SIZE);
      before += (apart(uneven.data, column, row) - light) ** 2;
      after += (apart(data, column, row) - light) ** 2;
    }
  }
  expect(after).toBeLessThan(0.2 * before);
  expect(data.filter((x, i) => i % SIZE < 40 && x !== uneven.data[i])).toHaveLength(0);
  expect(data.subarray(3 * AREA)).toEqual(uneven.data.subarray(3 * AREA));
});

it('mirrors noise at the axis, and averages what is drawn with its mirror image', () => {
  const noise = random.normals(3 * REGION.width * REGION.height);
  const even = evenNoise(noise, REGION, SIZE, place);
  for (const [row, column] of [
    [0, 0],
    [63, 20],
    [30, 23],
  ])
    expect(even[row * 48 + 47 - column]).toBe(noise[row * 48 + column]);
  const drawn = random.normals(AREA);
  const both = evened(drawn, SIZE, place);
  expect(at(both, 60, 64)).toBeCloseTo((at(drawn, 60, 64) + at(drawn, 67, 64)) / 2, 5);
  expect(at(both, 67, 64)).toBeCloseTo(at(both, 60, 64), 5);
  expect(at(both, 20, 64)).toBe(at(drawn, 20, 64));
});
