import { expect, it } from 'vitest';
import { decodePicture, encodePng } from './picture-codecs.ts';
import { fromRgba, overWhite, tile, toRgba } from './picture.ts';

const rgba = Uint8Array.from([255, 0, 0, 255, 0, 128, 0, 128, 9, 9, 9, 0, 20, 40, 60, 255]);

it('keeps straight alpha through premultiplication and PNG', async () => {
  const picture = fromRgba(rgba, 2, 2);
  const back = toRgba(await decodePicture(await encodePng(picture)));
  const expected = rgba.slice();
  expected.fill(0, 8, 11); // colour under alpha 0 is not kept
  expect([...back]).toEqual([...expected]);
});

it('shows transparent parts white', () => {
  const rgb = overWhite(fromRgba(rgba, 2, 2));
  expect(rgb.slice(0, 3)).toEqual(Uint8Array.from([255, 0, 0]));
  expect(rgb.slice(6, 9)).toEqual(Uint8Array.from([255, 255, 255]));
});

it('lays pictures out in rows', () => {
  const picture = fromRgba(rgba, 2, 2);
  const sheet = tile([picture, picture, picture], 2);
  expect([sheet.width, sheet.height]).toEqual([4, 4]);
  expect(toRgba(sheet).slice(8, 12)).toEqual(Uint8Array.from([255, 0, 0, 255]));
});
