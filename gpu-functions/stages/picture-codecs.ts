import sharp from 'sharp';
import { fromRgba, overWhite, toRgba, type Picture } from './picture.ts';

/** PNG with straight alpha. */
export async function encodePng(picture: Picture): Promise<Uint8Array> {
  const { width, height } = picture;
  return sharp(toRgba(picture), { raw: { width, height, channels: 4 } })
    .png()
    .toBuffer();
}

/** PNG over white, without alpha. */
export async function encodeOpaquePng(picture: Picture): Promise<Uint8Array> {
  const { width, height } = picture;
  return sharp(overWhite(picture), { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

/** Reads any picture file; `size` resizes it to a square of that side, averaging premultiplied colours. */
export async function decodePicture(bytes: Uint8Array, size?: number): Promise<Picture> {
  let image = sharp(bytes).toColourspace('srgb').ensureAlpha();
  if (size) image = image.resize(size, size, { fit: 'fill', kernel: 'lanczos3' });
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  return fromRgba(data, info.width, info.height);
}
