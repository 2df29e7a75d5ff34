import type { Mip } from '../assets/index.ts';
import { SRGB_TO_LINEAR, toSrgbByte, type Rgb } from '../colour.ts';
import { clamp } from '../vector.ts';

/** Garments of the data whose cloth can be dyed while shirt, tie and buttons keep their colours. */
export type Dyeable = 'suit' | 'jacket' | 'overalls' | 'striped shirt' | 'checked shirt';

interface Cloth {
  /** How much of the second dye a texel (sRGB bytes) takes, the rest being the first; null where it is no cloth. */
  share: (r: number, g: number, b: number, x: number, y: number) => number | null;
  /** sRGB luminance at which the texture shows the first dye, and the second, as it is. */
  reference: readonly [number, number];
}

const luminance = (r: number, g: number, b: number): number => 0.2126 * r + 0.7152 * g + 0.0722 * b;

const CLOTH: Readonly<Record<Dyeable, Cloth>> = {
  // Dark and without a hue; the shirt is light, the tie bluish.
  suit: {
    share: (r, g, b) => (luminance(r, g, b) < 75 && Math.abs(r - b) < 9 ? 0 : null),
    reference: [42, 42],
  },
  // Olive; the shirt under it is striped red on black.
  jacket: {
    share: (r, g, b) => {
      const light = luminance(r, g, b);
      return Math.abs(r - b) < 28 && light > 40 && light < 150 ? 0 : null;
    },
    reference: [88, 88],
  },
  overalls: { share: (r, _g, b) => (b > r + 35 ? 0 : null), reference: [150, 150] },
  // Red and light stripes on a dark ground; what is blue are the trousers.
  'striped shirt': {
    share: (r, g, b) => (b > r + 15 ? null : clamp(Math.max(luminance(r, g, b) - 45, r - g - 25) / 45, 0, 1)),
    reference: [34, 110],
  },
  // The plain collared shirt, in squares of the texture; where the cloth turns, so do the squares.
  'checked shirt': {
    share: (_r, _g, _b, x, y) => (((x >> 4) & 1) + ((y >> 4) & 1)) / 2,
    reference: [73, 73],
  },
};

/** Dyes a garment's texture in place; folds and seams stay. */
export function dye(garment: Dyeable, first: Rgb, second: Rgb, { pixels, width }: Mip): void {
  const { share, reference } = CLOTH[garment];
  const [low, high] = reference.map((value) => SRGB_TO_LINEAR[value]);
  for (let i = 0; i < pixels.length; i += 4) {
    const [r, g, b] = [pixels[i], pixels[i + 1], pixels[i + 2]];
    const texel = i / 4;
    const mix = share(r, g, b, texel % width, Math.floor(texel / width));
    if (mix === null) continue;
    const light = SRGB_TO_LINEAR[Math.round(luminance(r, g, b))] / (low + (high - low) * mix);
    const k = clamp(light ** 0.6, 0.45, 1.5);
    for (let c = 0; c < 3; c++) pixels[i + c] = toSrgbByte((first[c] + (second[c] - first[c]) * mix) * k);
  }
}
