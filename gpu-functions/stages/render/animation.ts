import sharp from 'sharp';
import { overWhite, type Picture } from '../picture.ts';

/** An animated WebP that loops for ever; frames over white, `delay` milliseconds each. */
export async function encodeAnimation(frames: readonly Picture[], delay: number): Promise<Uint8Array> {
  const { width, height } = frames[0];
  // sharp takes an animation as one tall picture of all frames with the height of a page.
  const tall = Buffer.concat(frames.map(overWhite));
  return sharp(tall, { raw: { width, height: height * frames.length, channels: 3, pageHeight: height } })
    .webp({ quality: 85, effort: 2, loop: 0, delay: frames.map(() => delay) })
    .toBuffer();
}
