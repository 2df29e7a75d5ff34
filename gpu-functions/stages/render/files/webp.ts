import sharp from 'sharp';
import { FRAMES_PER_SECOND, type Frames } from './frames.ts';
import { markWebp } from './marks.ts';

/** When a frame begins: WebP's times are whole milliseconds, and 33, 34, 33 … keep in step with the clock. */
function millisecond(frame: number): number {
  return Math.round((1000 * frame) / FRAMES_PER_SECOND);
}

/** An animated WebP that loops for ever, 30 frames a second. */
export async function encodeWebp({ size, rgb }: Frames): Promise<Uint8Array> {
  // sharp takes an animation as one tall picture of all frames with the height of a page.
  const raw = { width: size, height: size * rgb.length, channels: 3, pageHeight: size } as const;
  const webp = await sharp(Buffer.concat(rgb), { raw })
    .webp({ quality: 85, effort: 2, loop: 0, delay: rgb.map((_, i) => millisecond(i + 1) - millisecond(i)) })
    .toBuffer();
  return markWebp(webp);
}
