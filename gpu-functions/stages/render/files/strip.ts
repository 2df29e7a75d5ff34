import sharp from 'sharp';
import type { Frames } from './frames.ts';
import { markPng } from './marks.ts';

/** Frames side by side, from left to right, as one PNG. */
export async function encodeStrip({ size, rgb }: Frames): Promise<Uint8Array> {
  const line = 3 * size;
  const pixels = new Uint8Array(rgb.length * size * line);
  rgb.forEach((frame, i) => {
    for (let y = 0; y < size; y++) {
      pixels.set(frame.subarray(y * line, (y + 1) * line), (y * rgb.length + i) * line);
    }
  });
  const raw = { width: rgb.length * size, height: size, channels: 3 } as const;
  return markPng(await sharp(pixels, { raw }).png().toBuffer());
}
