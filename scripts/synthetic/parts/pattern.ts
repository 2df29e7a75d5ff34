import { createTexture, type Texture } from '../assets/index.ts';
import { toSrgbByte, type Rgb } from '../colour.ts';
import type { KnitTop } from '../people/look.ts';

type Kind = NonNullable<Extract<KnitTop, { pattern: unknown }>['pattern']>['kind'];

const SIZE = 64;
/** Radius of a dot, in tiles. */
const DOT = 0.3;

/** How much of the second colour a point of the tile has; u and v are 0…1. */
const SHARE: Readonly<Record<Kind, (u: number, v: number) => number>> = {
  stripes: (_u, v) => (v < 0.5 ? 0 : 1),
  checks: (u, v) => ((u < 0.5 ? 0 : 1) + (v < 0.5 ? 0 : 1)) / 2,
  dots: (u, v) => (Math.hypot(u - 0.5, v - 0.5) < DOT ? 1 : 0),
};

/** A tile of a pattern in two colours. */
export function patternTexture(kind: Kind, first: Rgb, second: Rgb): Texture {
  const pixels = new Uint8Array(SIZE * SIZE * 4).fill(255);
  for (let i = 0; i < SIZE * SIZE; i++) {
    const share = SHARE[kind](((i % SIZE) + 0.5) / SIZE, (Math.floor(i / SIZE) + 0.5) / SIZE);
    for (let k = 0; k < 3; k++) pixels[4 * i + k] = toSrgbByte(first[k] + (second[k] - first[k]) * share);
  }
  return createTexture({ width: SIZE, height: SIZE, pixels });
}
