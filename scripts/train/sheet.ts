import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import sharp from 'sharp';

/** Writes square pictures side by side as one PNG. Each is [C, size, size] planes in [−1, 1]; the first three planes are shown. */
export async function writeSheet(
  path: string,
  images: readonly Float32Array[],
  size: number,
  columns: number,
): Promise<void> {
  const rows = Math.ceil(images.length / columns);
  const width = columns * size;
  const rgb = Buffer.alloc(width * rows * size * 3, 255);
  const pixels = size * size;
  images.forEach((image, k) => {
    const left = (k % columns) * size;
    const top = Math.floor(k / columns) * size;
    for (let i = 0; i < pixels; i++) {
      const at = ((top + Math.floor(i / size)) * width + left + (i % size)) * 3;
      for (let c = 0; c < 3; c++) {
        rgb[at + c] = Math.max(0, Math.min(255, Math.round((image[c * pixels + i]! + 1) * 127.5)));
      }
    }
  });
  await mkdir(dirname(path), { recursive: true });
  await sharp(rgb, { raw: { width, height: rows * size, channels: 3 } })
    .png()
    .toFile(path);
}

/** One plane shown as grey, for instance the alpha of a picture. */
export function greyPlanes(planes: Float32Array, size: number, channel: number): Float32Array {
  const plane = planes.subarray(channel * size * size, (channel + 1) * size * size);
  const out = new Float32Array(3 * plane.length);
  for (let c = 0; c < 3; c++) out.set(plane, c * plane.length);
  return out;
}
