import type { Picture } from '../picture.ts';

/** Where a head-and-shoulders picture shows the face, and where the clothes: shares of its width and height. */
const FACE = { left: 0.42, right: 0.58, top: 0.45, bottom: 0.68 };
const TORSO = { left: 0, right: 1, top: 0.84, bottom: 1 };
const BELOW_NECK = 0.8;

/** Pictures of any size are looked at in this many cells a side. */
const SIDE = 64;
const OPAQUE = 0.9;
/** Cells between two that are compared for roughness. */
const LAG = 2;
const DARKEST = 1e-3;

/**
 * What a picture is judged by. Colours are logarithms of linear light: a shadow moves red−green and green−blue not at all,
 * whatever the skin, and the lightness alone.
 */
export interface BareMeasures {
  /** The torso's colour (red−green, green−blue) and lightness, from those of the face's skin. */
  redGreenFromFace: number;
  greenBlueFromFace: number;
  lightnessFromFace: number;
  /** The torso's own colour: white, grey and black are 0 and 0. */
  redGreen: number;
  greenBlue: number;
  /** Logarithms of how far the torso's colours lie apart. */
  redGreenSpread: number;
  greenBlueSpread: number;
  /** Logarithms of how much neighbouring cells differ: cloth is rougher than skin. */
  redGreenRoughness: number;
  greenBlueRoughness: number;
  lightnessRoughness: number;
}

/** A measure's mean and standard deviation over bare torsos, and its weights, plain and squared. */
type Weights = readonly [mean: number, deviation: number, linear: number, square: number];

/** Logistic regression on the measures and their squares (`npm run -s picture-check -- fit`). */
const INTERCEPT = 5.55;
const WEIGHTS: Readonly<Record<keyof BareMeasures, Weights>> = {
  redGreenFromFace: [-0.31, 0.163, 2.23, 0],
  greenBlueFromFace: [-0.0779, 0.146, -1.34, -0.000872],
  lightnessFromFace: [0.848, 0.447, 1.35, -0.168],
  redGreen: [0.62, 0.209, -0.531, -0.236],
  greenBlue: [0.522, 0.195, 1.19, -0.753],
  redGreenSpread: [-2.71, 0.215, 0.772, -0.179],
  greenBlueSpread: [-2.68, 0.238, 0.202, -0.372],
  redGreenRoughness: [-3.19, 0.221, -0.044, 0],
  greenBlueRoughness: [-3.19, 0.241, -1.55, 0],
  lightnessRoughness: [-2.5, 0.251, -0.867, 0],
};

/**
 * How much speaks for a bare torso below the face, above 0 for one that may not be shown. −∞ where no face, or nothing
 * below it, is shown.
 */
export function bareScore(picture: Picture): number {
  const measures = bareMeasures(picture);
  if (!measures) return Number.NEGATIVE_INFINITY;
  return Object.entries(WEIGHTS).reduce((sum, [name, [mean, deviation, linear, square]]) => {
    const z = (measures[name as keyof BareMeasures] - mean) / deviation;
    return sum + linear * z + square * z * z;
  }, INTERCEPT);
}

/** Red−green, green−blue and lightness of a cell. */
type Colour = readonly [redGreen: number, greenBlue: number, lightness: number];

/** The measures of a picture; null where no face, or nothing below it, is shown. */
export function bareMeasures(picture: Picture): BareMeasures | null {
  const cells = cellsOf(picture);
  const face = cellsIn(cells, FACE);
  const torso = cellsIn(cells, TORSO);
  if (face.length === 0 || torso.length === 0) return null;
  // The redder half of the face is skin: sunglasses, white beards and brows are in the other.
  const skin = face.toSorted((p, q) => p[0] + p[1] - q[0] - q[1]).slice(face.length >> 1);
  const reference = mid(skin);
  const own = mid(torso);
  const spread = (c: 0 | 1) => Math.log(median(torso.map((cell) => Math.abs(cell[c] - own[c]))) + 0.02);
  const rough = roughness(cells);
  return {
    redGreenFromFace: own[0] - reference[0],
    greenBlueFromFace: own[1] - reference[1],
    lightnessFromFace: own[2] - reference[2],
    redGreen: own[0],
    greenBlue: own[1],
    redGreenSpread: spread(0),
    greenBlueSpread: spread(1),
    redGreenRoughness: rough[0],
    greenBlueRoughness: rough[1],
    lightnessRoughness: rough[2],
  };
}

/** The colour of each of SIDE × SIDE cells, row by row; null where it is not opaque. */
function cellsOf({ width, height, data }: Picture): (Colour | null)[] {
  const area = width * height;
  return Array.from({ length: SIDE * SIDE }, (_, cell): Colour | null => {
    const [row, column] = [Math.floor(cell / SIDE), cell % SIDE];
    const sums = [0, 0, 0, 0];
    let count = 0;
    for (let y = Math.floor((row * height) / SIDE); y < Math.ceil(((row + 1) * height) / SIDE); y++) {
      for (let x = Math.floor((column * width) / SIDE); x < Math.ceil(((column + 1) * width) / SIDE); x++) {
        for (let c = 0; c < 4; c++) sums[c] += data[c * area + y * width + x];
        count++;
      }
    }
    const alpha = sums[3];
    if (alpha / count <= OPAQUE) return null;
    const [r, g, b] = sums.slice(0, 3).map((sum) => Math.log(Math.max(DARKEST, linear(sum / alpha))));
    return [r - g, g - b, g];
  });
}

function cellsIn(cells: readonly (Colour | null)[], { left, right, top, bottom }: typeof FACE): Colour[] {
  return cells.filter((cell, i): cell is Colour => {
    const [row, column] = [Math.floor(i / SIDE), i % SIDE];
    return (
      cell !== null &&
      row >= Math.floor(top * SIDE) &&
      row < Math.ceil(bottom * SIDE) &&
      column >= Math.floor(left * SIDE) &&
      column < Math.ceil(right * SIDE)
    );
  });
}

/** Logarithms of the medians of how much cells below the neck differ from those beside and below them. */
function roughness(cells: readonly (Colour | null)[]): Colour {
  const differences: Colour[] = [];
  for (let row = Math.floor(BELOW_NECK * SIDE); row < SIDE; row++) {
    for (let column = 0; column < SIDE; column++) {
      const here = cells[row * SIDE + column];
      const beside = column + LAG < SIDE ? cells[row * SIDE + column + LAG] : null;
      const below = row + LAG < SIDE ? cells[(row + LAG) * SIDE + column] : null;
      for (const there of [beside, below])
        if (here && there)
          differences.push([
            Math.abs(here[0] - there[0]),
            Math.abs(here[1] - there[1]),
            Math.abs(here[2] - there[2]),
          ]);
    }
  }
  const [redGreen, greenBlue, lightness] = mid(differences).map((value) => Math.log(value + 0.01));
  return [redGreen, greenBlue, lightness];
}

/** The median of each coordinate. */
function mid(colours: readonly Colour[]): Colour {
  const along = (c: 0 | 1 | 2) => median(colours.map((colour) => colour[c]));
  return [along(0), along(1), along(2)];
}

/** The middle value, or the mean of the two in the middle; 0 of none. */
function median(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Linear light of an sRGB value in [0, 1] (IEC 61966-2-1). */
const linear = (v: number) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
