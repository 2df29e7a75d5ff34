import h264 from 'h264-mp4-encoder';
import { FRAMES_PER_SECOND, type Frames } from './frames.ts';
import { markMp4 } from './marks.ts';
import { tidyMp4 } from './mp4-boxes.ts';

/** Constant quantiser of the video (10 finest … 51), and effort (0 most … 10 least). */
const [QUANTISER, SPEED] = [20, 5];

/**
 * An MP4 with H.264 video (baseline profile, 4:2:0), 30 frames a second; the size must be even. To be loaded on a thread
 * of its own: the encoder puts handlers of its own on what the thread leaves uncaught.
 */
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
    return markMp4(tidyMp4(encoder.FS.readFile(encoder.outputFilename), size, FRAMES_PER_SECOND));
  } finally {
    encoder.delete();
  }
}

function withAlpha(rgb: Uint8Array): Uint8Array {
  const rgba = new Uint8Array((rgb.length / 3) * 4).fill(255);
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
    rgba[to] = rgb[from];
    rgba[to + 1] = rgb[from + 1];
    rgba[to + 2] = rgb[from + 2];
  }
  return rgba;
}
