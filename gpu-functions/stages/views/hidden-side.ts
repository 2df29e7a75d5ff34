import { blurred, shrunk } from '../planes.ts';
import type { Picture } from '../picture.ts';
import { smoothStep } from '../ramp.ts';
import { keptShare } from './carved.ts';
import { Pinhole } from './pinhole.ts';
import type { PosedPicture } from './posed-picture.ts';
import type { Box } from './voxel-cells.ts';

/**
 * What is inferred of both sides of what a picture shows (double depth maps, Gabeur et al. 2019): where its rays enter and leave, and the colour of where
 * they leave.
 */
export interface HiddenSide {
  readonly size: number;
  /** Distances along the camera's axis, world units, `[size, size]`; where nobody is, they mean nothing. */
  readonly near: Float32Array;
  readonly far: Float32Array;
  /** sRGB 0…1 `[3, size, size]` of the far side. */
  readonly colours: Float32Array;
}

/**
 * Density well inside, and how it rises: from this far outside of a surface, over so many world units, as this power. Surfaces are drawn to a hundredth of a
 * unit or so: an edge as soft as that is nearer to the true one than a hard edge in a wrong place.
 */
const [SOLID, OUTSIDE, RISE, POWER] = [600, 0.014, 0.043, 3];

/** Share of a pixel that somebody covers from which on its depths and colours count. */
const COVERED = 0.3;

/** Pixels from the picture's frame: at the first the density is what it was, from the second on what both sides tell. */
const FRAME = [1, 8] as const;

/** Of the way through somebody: up to the first the colour is that of the near side, from the second on that of the far one. */
const MIDDLE = [0.35, 0.65] as const;

/** Alpha from which on a pixel shows nothing but the person, passes of the blur that tells how far inside it is, and from where on its own colour counts. */
const [OPAQUE, FEATHER, INNER] = [0.95, 8, [0.65, 0.95] as const];

/** What the colour of any pixel counts. */
const FAINT = 1e-4;

/** What is known of a pixel, one after the other: 1 where somebody is, both depths, and the colours of both sides. */
const [DEPTHS, NEAR_COLOUR, FAR_COLOUR, CHANNELS] = [1, 3, 6, 9];

/** Densities of a grid's points, and how much of each that is: nothing beyond the picture's frame, all of it well inside. */
export interface Told {
  readonly values: Float32Array;
  readonly shares: Float32Array;
}

/** What a picture that tells of both sides tells of points of the world, one after the other: there are millions of them. */
export class BothSides {
  readonly pinhole: Pinhole;
  /** Where the ray of the last point enters and leaves, distances along the camera's axis. */
  near = 0;
  far = 0;
  /** `[size, size, CHANNELS]`; all zero where nobody is. */
  readonly #pixels: Float32Array;
  readonly #depths = new Float64Array(2);
  readonly #far = new Float64Array(3);

  constructor({ picture, label }: PosedPicture, hidden: HiddenSide) {
    this.pinhole = new Pinhole(label, hidden.size);
    this.#pixels = pixelsOf(picture, hidden);
  }

  /** Least and largest distance along the camera's axis of what there is in a row of pixels; the least is larger where there is nobody. */
  extent(row: number): { least: number; largest: number } {
    const line = CHANNELS * this.pinhole.side;
    let [least, largest] = [Infinity, -Infinity];
    for (let at = line * row; at < line * (row + 1); at += CHANNELS) {
      if (this.#pixels[at] === 0) continue;
      least = Math.min(least, this.#pixels[at + DEPTHS]);
      largest = Math.max(largest, this.#pixels[at + DEPTHS + 1]);
    }
    return { least, largest };
  }

  /** Whether somebody is where the ray of the point goes that the pinhole looked at last, and it saw that point. */
  meets(): boolean {
    const depths = this.#depths;
    if (!this.#between(DEPTHS, depths)) return false;
    this.near = depths[0];
    this.far = depths[1];
    return true;
  }

  /** How much of the last point's colour is the far side's, 0 to 1. */
  behind(): number {
    const { near, far } = this;
    return smoothStep((this.pinhole.ahead - near) / Math.max(1e-3, far - near), MIDDLE[0], MIDDLE[1]);
  }

  /** Writes the sRGB 0…1 `[3]` of the last point, given how much of it is the far side's. */
  colour(behind: number, into: Float64Array): void {
    this.#between(NEAR_COLOUR, into);
    if (behind === 0) return;
    const far = this.#far;
    this.#between(FAR_COLOUR, far);
    for (let c = 0; c < 3; c++) into[c] += behind * (far[c] - into[c]);
  }

  /** Interpolates channels of the pixels where somebody is, at the last point that was looked at; false where nobody is. */
  #between(first: number, into: Float64Array): boolean {
    const pixels = this.#pixels;
    const { column, row, side } = this.pinhole;
    const i = column | 0;
    const j = row | 0;
    const p = column - i;
    const q = row - j;
    const at = CHANNELS * (j * side + i);
    const below = at + CHANNELS * side;
    const a = (1 - p) * (1 - q) * pixels[at];
    const b = p * (1 - q) * pixels[at + CHANNELS];
    const c = (1 - p) * q * pixels[below];
    const d = p * q * pixels[below + CHANNELS];
    const total = a + b + c + d;
    if (total === 0) return false;
    for (let n = 0; n < into.length; n++) {
      const k = first + n;
      into[n] =
        (a * pixels[at + k] + b * pixels[at + CHANNELS + k] + c * pixels[below + k] + d * pixels[below + CHANNELS + k]) / total; // prettier-ignore
    }
    return true;
  }
}

/** The density of a point this far inside of what lies between two surfaces, world units. */
export function densityBetween(deep: number): number {
  const risen = (deep + OUTSIDE) / RISE;
  return risen <= 0 ? 0 : risen < 1 ? SOLID * risen ** POWER : SOLID;
}

/** What a picture that tells of both sides tells of the densities of a grid's points, and of the colours of any. */
export class BetweenSides {
  readonly #grid: Box;
  readonly #sides: BothSides;

  constructor(grid: Box, front: PosedPicture, hidden: HiddenSide) {
    this.#grid = grid;
    this.#sides = new BothSides(front, hidden);
  }

  /** What both sides tell of the density of the grid's points: full between them, none before and behind. */
  densities(): Told {
    const { size, origin, spacing } = this.#grid;
    const [nx, ny, nz] = size;
    const sides = this.#sides;
    const { pinhole } = sides;
    const values = new Float32Array(nx * ny * nz);
    const shares = new Float32Array(values.length);
    let at = 0;
    for (let k = 0; k < nz; k++) {
      for (let j = 0; j < ny; j++) {
        for (let i = 0; i < nx; i++, at++) {
          if (!pinhole.look(origin[0] + spacing * i, origin[1] + spacing * j, origin[2] + spacing * k))
            continue;
          const edge = pinhole.edge();
          shares[at] = edge < FRAME[1] ? smoothStep(edge, FRAME[0], FRAME[1]) : 1;
          if (sides.meets())
            values[at] = densityBetween(Math.min(pinhole.ahead - sides.near, sides.far - pinhole.ahead));
        }
      }
    }
    return { values, shares };
  }

  /** Looks at a point of the world: how much of its colour is the far side's, 0 to 1, and −1 where nobody is. */
  behind(x: number, y: number, z: number): number {
    const sides = this.#sides;
    return sides.pinhole.look(x, y, z) && sides.meets() ? sides.behind() : -1;
  }

  /** Writes the sRGB 0…1 `[3]` of the point that was looked at last, given how much of it is the far side's. */
  colour(behind: number, into: Float64Array): void {
    this.#sides.colour(behind, into);
  }
}

function pixelsOf(picture: Picture, { size, near, far, colours }: HiddenSide): Float32Array {
  const area = size * size;
  const covered = shrunk(keptShare(picture), picture.width, size);
  const planes = shrunk(picture.data, picture.width, size);
  const alpha = planes.subarray(3 * area);
  const straight = Float32Array.from(
    { length: 3 * area },
    (_, i) => planes[i] / Math.max(FAINT, alpha[i % area]),
  );
  const [seen, behind] = [straight, colours].map((side) => insideColours(side, alpha, size));
  const pixels = new Float32Array(CHANNELS * area);
  for (let i = 0; i < area; i++) {
    if (covered[i] < COVERED) continue;
    const at = CHANNELS * i;
    pixels[at] = 1;
    pixels[at + DEPTHS] = near[i];
    pixels[at + DEPTHS + 1] = far[i];
    for (let c = 0; c < 3; c++) {
      pixels[at + NEAR_COLOUR + c] = seen[c * area + i];
      pixels[at + FAR_COLOUR + c] = behind[c * area + i];
    }
  }
  return pixels;
}

/**
 * Colours `[3, size, size]`; along outlines, where the ground shines through, those of what is further inside: slopes are painted with them.
 *
 * @param alpha of the picture, `[size, size]`
 */
function insideColours(colours: Float32Array, alpha: Float32Array, size: number): Float32Array {
  const area = size * size;
  const opaque = alpha.map((x) => (x > OPAQUE ? 1 : 0));
  const counts = blurred(opaque, size, FEATHER).map((x, i) => opaque[i] * smoothStep(x, ...INNER) + FAINT);
  const counted = new Float32Array(4 * area);
  counted.set(counts, 3 * area);
  for (let i = 0; i < 3 * area; i++) counted[i] = counts[i % area] * colours[i];
  const around = blurred(counted, size, FEATHER);
  return colours.map((own, i) => {
    const at = i % area;
    return own + (1 - Math.min(1, counts[at])) * (around[i] / around[3 * area + at] - own);
  });
}
