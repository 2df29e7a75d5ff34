import sharp from 'sharp';
import { expect, it } from 'vitest';
import { encodeMp4 } from './mp4.ts';
import { encodeWebp } from './webp.ts';

const SIZE = 64;
const frames = {
  size: SIZE,
  rgb: Array.from({ length: 6 }, (_, f) =>
    Uint8Array.from({ length: 3 * SIZE * SIZE }, (_value, i) => (f * 40 + i) % 256),
  ),
};

it('WebP turns at 30 frames a second, for ever', async () => {
  const { pages, width, pageHeight, delay, loop } = await sharp(await encodeWebp(frames), {
    animated: true,
  }).metadata();
  expect({ pages, width, pageHeight, loop }).toEqual({ pages: 6, width: SIZE, pageHeight: SIZE, loop: 0 });
  expect(delay).toEqual([33, 34, 33, 33, 34, 33]);
});

it('MP4 has H.264 at 30 frames a second, its index first, and no time of making', async () => {
  const bytes = Buffer.from(await encodeMp4(frames));
  const at = (type: string) => bytes.indexOf(type, 0, 'latin1');
  expect(at('ftyp')).toBe(4);
  expect(at('moov')).toBeGreaterThan(0);
  expect(at('moov')).toBeLessThan(at('mdat'));
  expect(bytes.readUInt32BE(at('mdhd') + 8)).toBe(0);
  const timescale = bytes.readUInt32BE(at('mdhd') + 16);
  const [runs, count, duration] = [8, 12, 16].map((offset) => bytes.readUInt32BE(at('stts') + offset));
  expect([runs, count, timescale / duration]).toEqual([1, 6, 30]);
  expect([bytes.readUInt16BE(at('avc1') + 28), bytes.readUInt16BE(at('avc1') + 30)]).toEqual([SIZE, SIZE]);

  // The first chunk begins with a picture: a NAL unit with its length before it, of type 5 (IDR) at the latest after others.
  let offset = bytes.readUInt32BE(at('stco') + 12);
  expect(offset).toBe(at('mdat') + 4);
  const types: number[] = [];
  const end = at('mdat') - 4 + bytes.readUInt32BE(at('mdat') - 4);
  while (offset < end) {
    types.push(bytes[offset + 4] & 31);
    offset += 4 + bytes.readUInt32BE(offset);
  }
  expect(offset).toBe(end);
  expect(types[0]).toBe(5);
  expect(types.filter((type) => type === 1 || type === 5)).toHaveLength(6);
  expect(Buffer.compare(bytes, Buffer.from(await encodeMp4(frames)))).toBe(0);
});
