import type { Region } from '../diffusion/index.ts';
import type { Picture } from './picture.ts';
import { blurred, enlarged, shrunk } from './planes.ts';
import { smoothStep } from './ramp.ts';

/** Where in a picture from the front a face is, in shares of its side: an ellipse about the axis that it is symmetric to. */
export interface FacePlace {
  /** Column of the axis, and row of the middle. */
  readonly centre: readonly [x: number, y: number];
  readonly radius: readonly [x: number, y: number];
}

/** Of the radius: inside of the first a face is even, beyond the second it is as it was drawn. */
const [EVEN, DRAWN] = [0.5, 0.75];

/**
 * About the side of the picture that the axis is looked for in, how far it may be from the middle there in pixels, by which steps, and the
 * passes of the blurs between which features are.
 */
const LOOK = { side: 64, reach: 3, step: 0.25, fine: 1, coarse: 15 };

/** Share of a face's features that may differ from their mirror image's; two that have nothing in common differ by a half. */
const MOST_UNEVEN = 0.3;

/** Passes of the blur, at 128², below which unevenness is a matter of light, which stays. */
const LIGHT = 30;

/**
 * Where the face in a picture from the front is symmetric.
 *
 * @param region of a picture of side `size`, with the face in its middle
 * @returns nothing where no axis makes it so, as in a head that is turned
 */
export function placeOfFace(picture: Picture, region: Region, size: number): FacePlace | undefined {
  const { top, left, height, width } = region;
  const middle = (left + width / 2) / size;
  const place = (shift: number): FacePlace => ({
    centre: [middle + shift / LOOK.side, (top + height / 2) / size],
    radius: [width / 2 / size, height / 2 / size],
  });
  const features = featuresOf(picture);
  let best = { place: place(0), uneven: unevenness(features, place(0)) };
  for (let shift = -LOOK.reach; shift <= LOOK.reach; shift += LOOK.step) {
    const there = place(shift);
    const uneven = unevenness(features, there);
    if (uneven < best.uneven) best = { place: there, uneven };
  }
  return best.uneven <= MOST_UNEVEN ? best.place : undefined;
}

/** What is smaller than a face and larger than noise in the brightness of a picture, [side, side]. */
function featuresOf({ width, data }: Picture): Float32Array {
  const { fine, coarse } = LOOK;
  let factor = Math.max(1, Math.floor(width / LOOK.side));
  while (width % factor > 0) factor--;
  const side = width / factor;
  const small = shrunk(data, width, side);
  const grey = Float32Array.from(
    { length: side * side },
    (_, i) => (small[i] + small[i + side * side] + small[i + 2 * side * side]) / 3,
  );
  const seen = blurred(grey, side, fine);
  const plain = blurred(grey, side, coarse);
  return seen.map((x, i) => x - plain[i]);
}

/** Mean squared difference of features to their mirror image, as a share of what two unlike ones have: 0 to about 1. */
function unevenness(features: Float32Array, place: FacePlace): number {
  const side = Math.sqrt(features.length);
  const share = shareOfFace(side, place);
  const mirrored = mirroredAt(features, side, place);
  let [apart, whole] = [0, 0];
  features.forEach((x, i) => {
    apart += share[i] * (x - mirrored[i]) ** 2;
    whole += share[i] * (x ** 2 + mirrored[i] ** 2);
  });
  return whole > 1e-9 ? apart / whole / 2 : 0;
}

/** The picture with a face whose two sides are alike, but for the light on them. */
export function withEvenFace(picture: Picture, place: FacePlace): Picture {
  const { width, data } = picture;
  const area = width * width;
  const colours = data.subarray(0, 3 * area);
  // What varies so slowly is found as well in half of the pixels along each axis, with a quarter of the passes.
  const side = width % 2 === 0 ? width / 2 : width;
  const passes = Math.round(LIGHT * (side / 128) ** 2);
  const apart = mirroredAt(colours, width, place).map((x, i) => (x - colours[i]) / 2);
  const light = enlarged(blurred(shrunk(apart, width, side), side, passes), side, width);
  const share = shareOfFace(width, place);
  const out = data.slice();
  for (let i = 0; i < 3 * area; i++) {
    const alpha = data[3 * area + (i % area)];
    out[i] = Math.min(alpha, Math.max(0, data[i] + share[i % area] * (apart[i] - light[i])));
  }
  return { ...picture, data: out };
}

/** Planes [C, S, S], in the face the mean of themselves and of their mirror image. */
export function evened(planes: Float32Array, size: number, place: FacePlace): Float32Array {
  const share = shareOfFace(size, place);
  const mirrored = mirroredAt(planes, size, place);
  return planes.map((x, i) => x + (share[i % share.length] * (mirrored[i] - x)) / 2);
}

/** Noise of a region [C, H, W], of pictures of side `size`, whose right half is the left one's mirror image about the face's axis. */
export function evenNoise(noise: Float32Array, region: Region, size: number, place: FacePlace): Float32Array {
  const { left, width } = region;
  const axis = place.centre[0] * size - left;
  return noise.map((x, i) => {
    const column = i % width;
    const other = Math.round(2 * axis - 1 - column);
    return column + 0.5 > axis && other >= 0 ? noise[i - column + other] : x;
  });
}

/** How much of each pixel is face, [S, S]. */
function shareOfFace(size: number, { centre, radius }: FacePlace): Float32Array {
  return Float32Array.from({ length: size * size }, (_, i) => {
    const x = ((i % size) + 0.5) / size - centre[0];
    const y = (Math.floor(i / size) + 0.5) / size - centre[1];
    return 1 - smoothStep(Math.hypot(x / radius[0], y / radius[1]), EVEN, DRAWN);
  });
}

/** Planes [C, S, S] mirrored at the face's axis, linear between pixels; the border's go on beyond it. */
function mirroredAt(planes: Float32Array, size: number, { centre }: FacePlace): Float32Array {
  const axis = centre[0] * size;
  return planes.map((_, i) => {
    const column = i % size;
    const at = Math.min(size - 1, Math.max(0, 2 * axis - 1 - column));
    const low = Math.min(size - 2, Math.floor(at));
    const from = i - column + low;
    return planes[from] + (at - low) * (planes[from + 1] - planes[from]);
  });
}
