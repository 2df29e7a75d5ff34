import { emptyPicture, type Picture } from './picture.ts';

/**
 * Between pictures and what the autoencoder sees: `[4, S, S]` in [−1, 1], colour composited over white, then alpha.
 */
export function toVaeImage({ width, height, data }: Picture): Float32Array {
  const area = width * height;
  const image = new Float32Array(4 * area);
  for (let i = 0; i < area; i++) {
    const alpha = data[3 * area + i];
    for (let c = 0; c < 3; c++) image[c * area + i] = 2 * (data[c * area + i] + 1 - alpha) - 1;
    image[3 * area + i] = 2 * alpha - 1;
  }
  return image;
}

/** A value of [−1, 1] as one of [0, 1], to which it is held. */
export const toUnit = (x: number): number => Math.min(1, Math.max(0, (x + 1) / 2));

/** Alpha below the first counts as none, above the second as full: a decoder never quite gets to the ends. */
const [CLEAR, SOLID] = [0.04, 0.96];

/** The `index`-th picture of decoded `[N, 4, S, S]`. */
export function fromVaeImage(images: Float32Array, size: number, index = 0): Picture {
  const area = size * size;
  const picture = emptyPicture(size, size);
  const from = index * 4 * area;
  for (let i = 0; i < area; i++) {
    const raw = (images[from + 3 * area + i] + 1) / 2;
    const alpha = Math.min(1, Math.max(0, (raw - CLEAR) / (SOLID - CLEAR)));
    picture.data[3 * area + i] = alpha;
    for (let c = 0; c < 3; c++) {
      const overWhite = (images[from + c * area + i] + 1) / 2;
      picture.data[c * area + i] = Math.min(alpha, Math.max(0, overWhite - (1 - alpha)));
    }
  }
  return picture;
}

/**
 * A picture whose colours over white are changed by `[C, S, S]` in units of [−1, 1], of which the first three planes count;
 * it stays as covered as it is. `share` is how much of the change counts where it is covered so far.
 */
export function recoloured(
  picture: Picture,
  change: Float32Array,
  share: (alpha: number) => number = () => 1,
): Picture {
  const { width, height, data } = picture;
  const area = width * height;
  const out = emptyPicture(width, height);
  for (let i = 0; i < area; i++) {
    const alpha = data[3 * area + i];
    out.data[3 * area + i] = alpha;
    const part = share(alpha);
    for (let c = 0; c < 3; c++) {
      const colour = data[c * area + i] + (part * change[c * area + i]) / 2;
      out.data[c * area + i] = Math.min(alpha, Math.max(0, colour));
    }
  }
  return out;
}
