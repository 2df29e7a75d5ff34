import sharp from 'sharp';
import { markJpeg } from './marks.ts';
import type { Texture } from '../mesh/texture.ts';

/** A texture as JPEG without chroma subsampling: the form that every mesh format and viewer takes. */
export async function encodeJpeg({ size, rgb }: Texture): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await sharp(rgb, { raw: { width: size, height: size, channels: 3 } })
    .jpeg({ quality: 92, chromaSubsampling: '4:4:4' })
    .toBuffer();
  return markJpeg(bytes);
}
