import h264 from 'h264-mp4-encoder';
import sharp from 'sharp';
import { tidyMp4 } from './mp4-boxes.ts';

/** Frames of a turn over white: sRGB, `[size, size, 3]` each. */
export interface Frames {
  readonly size: number;
  readonly rgb: readonly Uint8Array[];
}

export const FRAMES_PER_SECOND = 30;

/** Constant quantiser of the video (10 finest … 51), and effort (0 most … 10 least). */
const [QUANTISER, SPEED] = [20, 5];

/** When a frame begins: WebP's times are whole milliseconds, and 33, 34, 33 … keep in step with the clock. */
function millisecond(frame: number): number {
  return Math.round((1000 * frame) / FRAMES_PER_SECOND);
}

/** An animated WebP that loops for ever, 30 frames a second. */
export async function encodeWebp({ size, rgb }: Frames): Promise<Uint8Array> {
  // sharp takes an animation as one tall picture of all frames with the height of a page.
  const raw = { width: size, height: size * rgb.length, channels: 3, pageHeight: size } as const;
  return sharp(Buffer.concat(rgb), { raw })
    .webp({ quality: 85, effort: 2, loop: 0, delay: rgb.map((_, i) => millisecond(i + 1) - millisecond(i)) })
    .toBuffer();
}

/** An MP4 with H.264 video (baseline profile, 4:2:0), 30 frames a second; the size must be even. */
export async function encodeMp4({ size, rgb }: Frames): Promise<Uint8Array> {
  const encoder = await h264.createH264MP4Encoder();
  try {
    Object.assign(encoder, {
      width: size,
      height: size,
      frameRate: FRAMES_PER_SECOND,
      quantizationParameter: QUANTISER,
      speed: SPEED,
      groupOfPictures: FRAMES_PER_SECOND,
    });
    encoder.initialize();
    for (const frame of rgb) encoder.addFrameRgba(withAlpha(frame));
    encoder.finalize();
    return tidyMp4(encoder.FS.readFile(encoder.outputFilename), size, FRAMES_PER_SECOND);
  } finally {
    encoder.delete();
  }
}

function withAlpha(rgb: Uint8Array): Uint8Array {
  const rgba = new Uint8Array((rgb.length / 3) * 4).fill(255);
  for (let i = 0; i < rgb.length / 3; i++) rgba.set(rgb.subarray(3 * i, 3 * i + 3), 4 * i);
  return rgba;
}
