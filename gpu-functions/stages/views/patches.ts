import type { Random } from '../../nn/index.ts';
import type { Picture } from '../picture.ts';
import { PATCH } from './fit-graph.ts';

/** Share of the patches that are drawn where there is something to see. */
const COVERED_SHARE = 0.85;
/** How much more often the patches with most detail are drawn than those without: eyes need more steps than cloth. */
const DETAIL_WEIGHT = 3;

/** Patches of a picture that show something, and their cumulative weights. */
interface Covered {
  readonly patches: readonly number[];
  readonly upTo: Float64Array;
}

const known = new WeakMap<Picture, Covered>();

/** Pixels `row·size + column` of `count` patches, each patch's together; mostly where the picture is covered, and shows most. */
export function drawPatches(picture: Picture, count: number, random: Random): Int32Array {
  const size = picture.width;
  const across = Math.floor(size / PATCH);
  const covered = known.get(picture) ?? coveredPatches(picture, across);
  known.set(picture, covered);
  const { patches, upTo } = covered;
  const pixels = new Int32Array(count * PATCH * PATCH);
  for (let i = 0; i < count; i++) {
    const fromCovered = patches.length > 0 && random.uniform() < COVERED_SHARE;
    const patch = fromCovered
      ? patches[firstAbove(upTo, random.uniform() * upTo[patches.length - 1])]
      : random.int(across * across);
    pixels.set(pixelsOf(patch, across, size), i * PATCH * PATCH);
  }
  return pixels;
}

/** Patches are weighted by 1 and by their contrast, up to that of the most detailed twentieth. */
function coveredPatches(picture: Picture, across: number): Covered {
  const area = picture.width * picture.height;
  const patches: number[] = [];
  const contrasts: number[] = [];
  for (let patch = 0; patch < across * across; patch++) {
    const pixels = pixelsOf(patch, across, picture.width);
    if (!pixels.some((pixel) => picture.data[3 * area + pixel] > 0.02)) continue;
    patches.push(patch);
    contrasts.push(contrastOf(picture.data, area, pixels));
  }
  const most = contrasts.toSorted((a, b) => a - b)[Math.floor(0.95 * contrasts.length)] ?? 0;
  const upTo = new Float64Array(patches.length);
  let sum = 0;
  contrasts.forEach((contrast, i) => {
    sum += 1 + DETAIL_WEIGHT * (most > 0 ? Math.min(1, contrast / most) : 0);
    upTo[i] = sum;
  });
  return { patches, upTo };
}

/** Mean distance of pixels' colours and alpha from their mean. */
function contrastOf(planes: Float32Array, area: number, pixels: readonly number[]): number {
  let sum = 0;
  for (let c = 0; c < 4; c++) {
    const mean = pixels.reduce((total, pixel) => total + planes[c * area + pixel], 0) / pixels.length;
    for (const pixel of pixels) sum += Math.abs(planes[c * area + pixel] - mean);
  }
  return sum / (4 * pixels.length);
}

/** Index of the first of rising numbers above x. */
function firstAbove(rising: Float64Array, x: number): number {
  let [low, high] = [0, rising.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rising[middle] > x) high = middle;
    else low = middle + 1;
  }
  return low;
}

function pixelsOf(patch: number, across: number, size: number): number[] {
  const top = Math.floor(patch / across) * PATCH;
  const left = (patch % across) * PATCH;
  return Array.from(
    { length: PATCH * PATCH },
    (_, i) => (top + Math.floor(i / PATCH)) * size + left + (i % PATCH),
  );
}

/** The picture at pixels: `[pixels, 4]`. */
export function pixelTargets({ width, height, data }: Picture, pixels: Int32Array): Float32Array {
  const target = new Float32Array(4 * pixels.length);
  pixels.forEach((pixel, i) => {
    for (let c = 0; c < 4; c++) target[4 * i + c] = data[c * width * height + pixel];
  });
  return target;
}
