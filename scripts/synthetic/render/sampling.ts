import type { Texture } from '../assets/index.ts';
import { SRGB_TO_LINEAR } from '../colour.ts';

/** Bilinear alpha, 0…1; v is upwards, both coordinates wrap. */
export function sampleAlpha(texture: Texture, level: number, u: number, v: number): number {
  const { width, height, pixels } = texture.mips[level];
  const x = u * width - 0.5;
  const y = (1 - v) * height - 0.5;
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  const fx = x - x0;
  const fy = y - y0;
  const left = x0 & (width - 1);
  const right = (x0 + 1) & (width - 1);
  const top = (y0 & (height - 1)) * width;
  const bottom = ((y0 + 1) & (height - 1)) * width;
  const above = pixels[(top + left) * 4 + 3] * (1 - fx) + pixels[(top + right) * 4 + 3] * fx;
  const below = pixels[(bottom + left) * 4 + 3] * (1 - fx) + pixels[(bottom + right) * 4 + 3] * fx;
  return (above * (1 - fy) + below * fy) / 255;
}

/** Bilinear colour in linear light, written to `out`. */
export function sampleColour(texture: Texture, level: number, u: number, v: number, out: Float32Array): void {
  const { width, height, pixels } = texture.mips[level];
  const x = u * width - 0.5;
  const y = (1 - v) * height - 0.5;
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  const fx = x - x0;
  const fy = y - y0;
  const left = x0 & (width - 1);
  const right = (x0 + 1) & (width - 1);
  const top = (y0 & (height - 1)) * width;
  const bottom = ((y0 + 1) & (height - 1)) * width;
  const i0 = (top + left) * 4;
  const i1 = (top + right) * 4;
  const i2 = (bottom + left) * 4;
  const i3 = (bottom + right) * 4;
  const w0 = (1 - fx) * (1 - fy);
  const w1 = fx * (1 - fy);
  const w2 = (1 - fx) * fy;
  const w3 = fx * fy;
  const L = SRGB_TO_LINEAR;
  out[0] = L[pixels[i0]] * w0 + L[pixels[i1]] * w1 + L[pixels[i2]] * w2 + L[pixels[i3]] * w3;
  out[1] = L[pixels[i0 + 1]] * w0 + L[pixels[i1 + 1]] * w1 + L[pixels[i2 + 1]] * w2 + L[pixels[i3 + 1]] * w3;
  out[2] = L[pixels[i0 + 2]] * w0 + L[pixels[i1 + 2]] * w1 + L[pixels[i2 + 2]] * w2 + L[pixels[i3 + 2]] * w3;
}
