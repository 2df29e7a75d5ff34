import type { Random } from '../../nn/index.ts';
import type { Picture } from '../picture.ts';
import { PATCH } from './fit-graph.ts';

/** Share of the patches that are drawn where there is something to see. */
const COVERED_SHARE = 0.85;

/** Pixels `row·size + column` of `count` patches, each patch's together; mostly where the picture is covered. */
export function drawPatches(picture: Picture, count: number, random: Random): Int32Array {
  const size = picture.width;
  const across = Math.floor(size / PATCH);
  const covered: number[] = [];
  for (let patch = 0; patch < across * across; patch++) {
    if (pixelsOf(patch, across, size).some((pixel) => picture.data[3 * size * size + pixel] > 0.02))
      covered.push(patch);
  }
  const pixels = new Int32Array(count * PATCH * PATCH);
  for (let i = 0; i < count; i++) {
    const fromCovered = covered.length > 0 && random.uniform() < COVERED_SHARE;
    const patch = fromCovered ? covered[random.int(covered.length)] : random.int(across * across);
    pixels.set(pixelsOf(patch, across, size), i * PATCH * PATCH);
  }
  return pixels;
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
