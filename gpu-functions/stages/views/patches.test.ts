import { expect, it } from 'vitest';
import { Random } from '../../nn/index.ts';
import { emptyPicture } from '../picture.ts';
import { drawPatches, pixelTargets } from './patches.ts';

/** 16², the left half covered: plain grey but for one patch of black and white. */
function picture() {
  const made = emptyPicture(16, 16);
  for (let y = 0; y < 16; y++) {
    for (let x = 0; x < 8; x++) {
      const isDetailed = y < 4 && x < 4;
      for (let c = 0; c < 3; c++) made.data[(c * 16 + y) * 16 + x] = isDetailed ? (x + y) % 2 : 0.5;
      made.data[(3 * 16 + y) * 16 + x] = 1;
    }
  }
  return made;
}

it('draws whole patches, most where there is something, most of all where there is detail', () => {
  const count = 4000;
  const pixels = drawPatches(picture(), count, new Random(1));
  const drawn = Array.from({ length: 16 }, () => 0);
  for (let i = 0; i < count; i++) {
    const own = [...pixels.subarray(16 * i, 16 * i + 16)];
    const [left, top] = [own[0] % 16, Math.floor(own[0] / 16)];
    expect([left % 4, top % 4]).toEqual([0, 0]);
    expect(own).toEqual(Array.from({ length: 16 }, (_, k) => (top + (k >> 2)) * 16 + left + (k % 4)));
    drawn[top + left / 4]++;
  }
  const of = (x: number, y: number) => drawn[4 * y + x] / count;
  // 15 % anywhere; the rest on 8 covered patches, of which one weighs 4 and the others 1.
  expect(of(0, 0)).toBeCloseTo(0.15 / 16 + (0.85 * 4) / 11, 1);
  expect(of(1, 2)).toBeCloseTo(0.15 / 16 + 0.85 / 11, 1);
  expect(of(3, 3)).toBeCloseTo(0.15 / 16, 1);
});

it('gives the picture at pixels, premultiplied, with alpha', () => {
  expect([...pixelTargets(picture(), Int32Array.of(1, 15))]).toEqual([1, 1, 1, 1, 0, 0, 0, 0]);
});
