/**
 * A picture as the networks see it: planar `[4, height, width]` in `[0, 1]`, colour premultiplied by alpha. That is
 * what volume rendering gives (alpha is the accumulated weight), and the form in which pictures may be averaged.
 */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

export function emptyPicture(width: number, height: number): Picture {
  return { width, height, data: new Float32Array(4 * width * height) };
}

/** A share of 0…1 as a byte. */
export const byte = (value: number): number => Math.min(255, Math.max(0, Math.round(value * 255)));

/** Straight 8-bit RGBA, interleaved, as PNG and WebP store it. */
export function toRgba(picture: Picture): Uint8Array {
  const area = picture.width * picture.height;
  const rgba = new Uint8Array(4 * area);
  for (let i = 0; i < area; i++) {
    const alpha = Math.min(1, Math.max(0, picture.data[3 * area + i]));
    for (let c = 0; c < 3; c++) {
      rgba[4 * i + c] = alpha > 0 ? byte(picture.data[c * area + i] / alpha) : 0;
    }
    rgba[4 * i + 3] = byte(alpha);
  }
  return rgba;
}

/** The inverse of {@link toRgba}. */
export function fromRgba(rgba: Uint8Array, width: number, height: number): Picture {
  const area = width * height;
  const picture = emptyPicture(width, height);
  for (let i = 0; i < area; i++) {
    const alpha = rgba[4 * i + 3] / 255;
    for (let c = 0; c < 3; c++) picture.data[c * area + i] = (rgba[4 * i + c] / 255) * alpha;
    picture.data[3 * area + i] = alpha;
  }
  return picture;
}

/** The picture over a white ground: interleaved 8-bit RGB. */
export function overWhite(picture: Picture): Uint8Array {
  const area = picture.width * picture.height;
  const { data } = picture;
  // Clamped bytes round and stay in range by themselves: this is every pixel of a video.
  const rgb = new Uint8ClampedArray(3 * area);
  for (let i = 0; i < area; i++) {
    const ground = 1 - Math.min(1, Math.max(0, data[3 * area + i]));
    rgb[3 * i] = 255 * (data[i] + ground);
    rgb[3 * i + 1] = 255 * (data[area + i] + ground);
    rgb[3 * i + 2] = 255 * (data[2 * area + i] + ground);
  }
  return new Uint8Array(rgb.buffer);
}

/** Pictures of one size in rows of `columns`, left to right, top to bottom. */
export function tile(pictures: readonly Picture[], columns: number): Picture {
  const { width, height } = pictures[0];
  const rows = Math.ceil(pictures.length / columns);
  const sheet = emptyPicture(width * Math.min(columns, pictures.length), height * rows);
  pictures.forEach((picture, index) => {
    const left = (index % columns) * width;
    const top = Math.floor(index / columns) * height;
    for (let c = 0; c < 4; c++) {
      for (let y = 0; y < height; y++) {
        const from = (c * height + y) * width;
        sheet.data.set(
          picture.data.subarray(from, from + width),
          (c * sheet.height + top + y) * sheet.width + left,
        );
      }
    }
  });
  return sheet;
}
