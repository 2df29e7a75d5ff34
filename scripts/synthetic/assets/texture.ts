import sharp from 'sharp';
import { SRGB_TO_LINEAR, type Rgb } from '../colour.ts';

/** One level of a texture: RGBA, straight alpha, first row on top. Sizes are powers of two. */
export interface Mip {
  width: number;
  height: number;
  pixels: Uint8Array;
}

export interface Texture {
  mips: Mip[];
  hasAlpha: boolean;
  /** Alpha-weighted mean, linear light. */
  mean: Rgb;
  /** Luminance of the mean. */
  luminance: number;
}

/** Decodes a PNG or JPEG file. */
export async function decodeImage(file: string): Promise<Mip> {
  const { data, info } = await sharp(file)
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, pixels: new Uint8Array(data) };
}

/** Halves a level, weighting colours by alpha so that transparent texels do not bleed in. */
function halve(from: Mip): Mip {
  const width = from.width >> 1;
  const height = from.height >> 1;
  const pixels = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let r = 0;
      let g = 0;
      let b = 0;
      let a = 0;
      for (let k = 0; k < 4; k++) {
        const i = ((2 * y + (k >> 1)) * from.width + 2 * x + (k & 1)) * 4;
        const alpha = from.pixels[i + 3] + 0.01;
        r += from.pixels[i] * alpha;
        g += from.pixels[i + 1] * alpha;
        b += from.pixels[i + 2] * alpha;
        a += alpha;
      }
      const o = (y * width + x) * 4;
      pixels[o] = r / a + 0.5;
      pixels[o + 1] = g / a + 0.5;
      pixels[o + 2] = b / a + 0.5;
      pixels[o + 3] = a / 4 + 0.5;
    }
  }
  return { width, height, pixels };
}

function meanColour({ pixels }: Mip): Rgb {
  const sum: Rgb = [0, 0, 0];
  let weight = 1e-9;
  for (let i = 0; i < pixels.length; i += 4) {
    const alpha = pixels[i + 3];
    if (alpha < 20) continue;
    for (let k = 0; k < 3; k++) sum[k] += SRGB_TO_LINEAR[pixels[i + k]] * alpha;
    weight += alpha;
  }
  return [sum[0] / weight, sum[1] / weight, sum[2] / weight];
}

/** Builds the mip levels (down to 8 texels) and statistics of an image. */
export function createTexture(image: Mip): Texture {
  const mips = [image];
  for (let mip = image; mip.width > 8 && mip.height > 8;) mips.push((mip = halve(mip)));
  const mean = meanColour(image);
  return {
    mips,
    hasAlpha: image.pixels.some((value, i) => (i & 3) === 3 && value < 250),
    mean,
    luminance: 0.2126 * mean[0] + 0.7152 * mean[1] + 0.0722 * mean[2],
  };
}
