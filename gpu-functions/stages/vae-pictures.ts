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

/** Planes `[C, S, S]` as `[C, side, side]`, each pixel the mean of those it stands for; S is a multiple of `side`. */
export function shrunk(planes: Float32Array, size: number, side: number): Float32Array {
  const factor = size / side;
  if (factor === 1) return planes;
  const channels = planes.length / size ** 2;
  const out = new Float32Array(channels * side * side);
  for (let i = 0; i < planes.length; i++) {
    const row = Math.floor(i / size);
    const channel = Math.floor(row / size);
    const into =
      (channel * side + Math.floor((row % size) / factor)) * side + Math.floor((i % size) / factor);
    out[into] += planes[i] / factor ** 2;
  }
  return out;
}

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

/** A picture with the colours over white of an image `[4, S, S]` in [−1, 1], as covered as it is. */
export function recoloured({ width, height, data }: Picture, image: Float32Array): Picture {
  const area = width * height;
  const picture = emptyPicture(width, height);
  for (let i = 0; i < area; i++) {
    const alpha = data[3 * area + i];
    picture.data[3 * area + i] = alpha;
    for (let c = 0; c < 3; c++) {
      const overWhite = (image[c * area + i] + 1) / 2;
      picture.data[c * area + i] = Math.min(alpha, Math.max(0, overWhite - (1 - alpha)));
    }
  }
  return picture;
}
