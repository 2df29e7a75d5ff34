import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors } from '../../../weights/index.ts';
import { hostTensor } from '../../../graph/index.ts';
import { encodeJpeg } from './jpeg.ts';
import { encodeMp4 } from './mp4.ts';
import { DIGITAL_SOURCE_TYPE, markPng, markSafetensors, XMP } from './marks.ts';
import { encodeWebp } from './webp.ts';

const SIDE = 16;
const rgb = Uint8Array.from({ length: 3 * SIDE * SIDE }, (_, i) => (i * 7) % 256);
const raw = { width: SIDE, height: SIDE, channels: 3 } as const;
const pixels = (bytes: Uint8Array) => sharp(bytes, { animated: true }).raw().toBuffer();

/** The XMP packet that libvips finds in a picture. */
const xmpOf = async (bytes: Uint8Array) => (await sharp(bytes).metadata()).xmpAsString;

describe('marks', () => {
  it('are where readers of XMP look for them in PNG, JPEG and WebP, and change no pixel', async () => {
    const png = await sharp(rgb, { raw }).png().toBuffer();
    const marked = markPng(png);
    expect(await xmpOf(marked)).toBe(XMP);
    expect(await pixels(marked)).toEqual(await pixels(png));
    expect(await xmpOf(await encodeJpeg({ size: SIDE, rgb }))).toBe(XMP);
    const webp = await encodeWebp({ size: SIDE, rgb: [rgb, rgb.toReversed()] });
    expect(await xmpOf(webp)).toBe(XMP);
    expect((await sharp(webp, { animated: true }).metadata()).pages).toBe(2);
  });

  it('are a box of their own at the end of an MP4', async () => {
    const mp4 = Buffer.from(await encodeMp4({ size: SIDE, rgb: [rgb, rgb] }));
    const boxes: string[] = [];
    for (let at = 0; at < mp4.length; at += mp4.readUInt32BE(at))
      boxes.push(mp4.toString('latin1', at + 4, at + 8));
    expect(boxes).toEqual(['ftyp', 'moov', 'mdat', 'uuid']);
    expect(mp4.subarray(-Buffer.byteLength(XMP)).toString()).toBe(XMP);
  });

  it('are in the metadata of safetensors, whose tensors stay as they are', () => {
    const tensors = new Map([['ws', hostTensor([1, 2, 3], [3])]]);
    const { metadata, tensors: read } = decodeSafetensors(
      markSafetensors(encodeSafetensors(tensors, { profile: 'mini' })),
    );
    expect(metadata).toMatchObject({ profile: 'mini', digital_source_type: DIGITAL_SOURCE_TYPE });
    expect(read.get('ws')).toEqual(tensors.get('ws'));
  });
});
