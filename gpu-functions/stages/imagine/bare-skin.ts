import type { Picture } from '../picture.ts';

/** Where a head-and-shoulders picture shows the face, and where the clothes: shares of its width and height. */
const FACE = { left: 0.42, right: 0.58, top: 0.45, bottom: 0.68 };
const TORSO = { left: 0, right: 1, top: 0.84, bottom: 1 };

const OPAQUE = 0.9;

/** Distance in CIELAB up to which a colour may be that of the face's skin: light and shadow move it about as far. */
const SKIN_DISTANCE = 14;
/** Lightness counts less than colour: a chest is often in the shadow of the chin. */
const LIGHTNESS_WEIGHT = 0.5;

type Colour = readonly [L: number, a: number, b: number];

/**
 * Share of the picture's lower edge, below the neck, that has the colour of the face's skin: near 0 for whoever wears
 * clothes, near 1 for a bare chest. Clothes of just the colour of their wearer's skin look bare to it.
 *
 * @returns 0 to 1; 0 where no face or nothing below it is shown
 */
export function bareShare(picture: Picture): number {
  const face = coloursIn(picture, FACE);
  const torso = coloursIn(picture, TORSO);
  if (face.length === 0 || torso.length === 0) return 0;
  const skin = median(face);
  return torso.filter((colour) => distance(colour, skin) <= SKIN_DISTANCE).length / torso.length;
}

function coloursIn({ width, height, data }: Picture, { left, right, top, bottom }: typeof FACE): Colour[] {
  const area = width * height;
  const colours: Colour[] = [];
  for (let y = Math.floor(top * height); y < Math.ceil(bottom * height); y++) {
    for (let x = Math.floor(left * width); x < Math.ceil(right * width); x++) {
      const i = y * width + x;
      const alpha = data[3 * area + i];
      if (alpha < OPAQUE) continue;
      colours.push(toLab(data[i] / alpha, data[area + i] / alpha, data[2 * area + i] / alpha));
    }
  }
  return colours;
}

/** The median of each coordinate: eyes, brows and glasses do not move it. */
function median(colours: readonly Colour[]): Colour {
  const middle = (c: 0 | 1 | 2) =>
    colours.map((colour) => colour[c]).toSorted((a, b) => a - b)[colours.length >> 1];
  return [middle(0), middle(1), middle(2)];
}

function distance(p: Colour, q: Colour): number {
  return Math.hypot(LIGHTNESS_WEIGHT * (p[0] - q[0]), p[1] - q[1], p[2] - q[2]);
}

/** The cube root of CIELAB, straight near black. */
const f = (t: number) => (t > (6 / 29) ** 3 ? Math.cbrt(t) : t / (3 * (6 / 29) ** 2) + 4 / 29);

/** CIELAB (D65) of an sRGB colour in [0, 1] (IEC 61966-2-1). */
function toLab(red: number, green: number, blue: number): Colour {
  const [r, g, b] = [red, green, blue].map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  const x = f((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
  const y = f(0.2126729 * r + 0.7151522 * g + 0.072175 * b);
  const z = f((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}
