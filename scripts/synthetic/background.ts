import { toSrgbByte, type Rgb } from './colour.ts';
import { between, random } from './random.ts';

/** What stands behind people: nothing (alpha), one colour, or two of which one fades into the other. */
export const BACKGROUNDS = ['none', 'plain', 'gradient'] as const;
export type Background = (typeof BACKGROUNDS)[number];

/** Paints a person's background behind a picture (RGBA, straight alpha, in place); the same in all views. */
export function paintBackground(pixels: Uint8Array, size: number, kind: Background, seed: number): void {
  if (kind === 'none') return;
  const next = random(seed, 'background');
  const light = between(next, 0.1, 0.8);
  const colour = (): Rgb => [0, 1, 2].map(() => light * between(next, 0.75, 1.25)) as Rgb;
  const top = colour();
  const bottom = kind === 'plain' ? top : colour().map((c) => c * between(next, 0.3, 0.9));
  for (let i = 0; i < size * size; i++) {
    const down = Math.floor(i / size) / (size - 1);
    const alpha = pixels[4 * i + 3] / 255;
    for (let k = 0; k < 3; k++) {
      const behind = toSrgbByte(top[k] + (bottom[k] - top[k]) * down);
      pixels[4 * i + k] = pixels[4 * i + k] * alpha + behind * (1 - alpha) + 0.5;
    }
    pixels[4 * i + 3] = 255;
  }
}
