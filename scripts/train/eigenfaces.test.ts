import { describe, expect, it } from 'vitest';
import { Random } from '../../gpu-functions/nn/index.ts';
import { facenessOf } from '../../gpu-functions/stages/imagine/faceness.ts';
import { emptyPicture, type Picture } from '../../gpu-functions/stages/picture.ts';
import { eigenfacesOf, learnEigenfaces } from './eigenfaces.ts';

const SIDE = 128;

interface Drawing {
  skin?: number;
  /** How dark features are. */
  depth?: number;
  moved?: readonly [right: number, down: number];
  /** Where eyes and mouth are, about the middle of the face. */
  features?: readonly (readonly [x: number, y: number])[];
}

const FACE = [
  [-9, -8],
  [9, -8],
  [0, 14],
] as const;

/** A bright disc on white with dark spots. */
function drawn({
  skin = 0.7,
  depth = 0.7,
  moved: [right, down] = [0, 0],
  features = FACE,
}: Drawing): Picture {
  const picture = emptyPicture(SIDE, SIDE);
  const area = SIDE * SIDE;
  for (let i = 0; i < area; i++) {
    const [x, y] = [(i % SIDE) - 64 - right, Math.floor(i / SIDE) - 64 - down];
    if (Math.hypot(x / 24, y / 32) > 1) continue;
    const dark = features.reduce((sum, [u, v]) => sum + Math.exp(-((x - u) ** 2 + (y - v) ** 2) / 12), 0);
    for (let c = 0; c < 3; c++) picture.data[c * area + i] = skin * (1 - depth * Math.min(1, dark));
    picture.data[3 * area + i] = 1;
  }
  return picture;
}

const random = new Random(3);
const near = (x: number) => x + 2 * random.uniform() - 1;
const people = Array.from({ length: 24 }, () =>
  drawn({ skin: 0.3 + 0.6 * random.uniform(), features: FACE.map(([x, y]) => [near(x), near(y)]) }),
);
const faces = learnEigenfaces(people, 4);
const noFace = { features: Array.from({ length: 7 }, (_, i) => [i % 2 ? 6 : -7, 7 * i - 24] as const) };

describe('faceness', () => {
  it.each([0.35, 0.85])('is that of faces for a face, with skin of %d', (skin) => {
    expect(facenessOf(drawn({ skin }), faces)).toBeGreaterThan(-1.5);
  });

  it('finds a face that is not quite in its place', () => {
    expect(facenessOf(drawn({ moved: [2, 4] }), faces)).toBeGreaterThan(-1.5);
  });

  it('misses what is no face, and what is hardly one', () => {
    expect(facenessOf(drawn(noFace), faces)).toBeLessThan(-4);
    expect(facenessOf(drawn({ features: [] }), faces)).toBeLessThan(-4);
    expect(facenessOf(drawn({ depth: 0.2 }), faces)).toBeLessThan(-4);
  });
});

describe('eigenfaces', () => {
  it('are orthonormal, and the first is what faces have in common', () => {
    const patterns = Array.from({ length: 40 }, (_, i) => {
      const one = new Float32Array(12);
      one[4] = one[7] = 1;
      one[8 + (i % 4)] = 0.4;
      return one;
    });
    const found = eigenfacesOf(patterns, 4, 2);
    const product = (j: number, k: number) =>
      found.subarray(12 * j, 12 * j + 12).reduce((sum, x, i) => sum + x * found[12 * k + i]!, 0);
    expect([product(0, 0), product(1, 1), product(0, 1)]).toEqual([1, 1, 0].map((x) => expect.closeTo(x, 4)));
    expect(found[4]).toBeGreaterThan(0.6);
    expect(found[4]).toBeCloseTo(found[7]!, 4);
  });
});
