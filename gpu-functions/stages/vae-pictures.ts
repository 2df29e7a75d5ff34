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

/** Planes `[C, S, S]` as `[C, side, side]`, linear between pixel centres; `side` is a multiple of S. */
export function enlarged(planes: Float32Array, size: number, side: number): Float32Array {
  if (size === side) return planes;
  const out = new Float32Array((planes.length / size ** 2) * side ** 2);
  const places = Array.from({ length: side }, (_, i) => {
    const at = Math.min(size - 1, Math.max(0, ((i + 0.5) * size) / side - 0.5));
    const low = Math.min(size - 2, Math.floor(at));
    return { low, share: at - low };
  });
  for (let i = 0; i < out.length; i++) {
    const x = places[i % side];
    const row = Math.floor(i / side);
    const y = places[row % side];
    const corner = (Math.floor(row / side) * size + y.low) * size + x.low;
    const along = (start: number) => planes[start] + x.share * (planes[start + 1] - planes[start]);
    out[i] = along(corner) + y.share * (along(corner + size) - along(corner));
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
