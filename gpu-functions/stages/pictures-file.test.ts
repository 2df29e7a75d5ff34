import { expect, it } from 'vitest';
import { encodeSafetensors } from '../weights/index.ts';
import { decodePictures, picturesOutput } from './pictures-file.ts';

const picture = (value: number) => ({ width: 2, height: 2, data: new Float32Array(16).fill(value) });
const label = (first: number) => Float32Array.from({ length: 25 }, (_, i) => first + i / 8);

it('keeps pictures to a byte, and their cameras', () => {
  const views = [
    { picture: picture(0.4), label: label(1) },
    { picture: picture(1.2), label: label(-3) },
  ];
  const { bytes, contentType } = picturesOutput(views);
  expect(contentType).toBe('application/octet-stream');
  const found = decodePictures(bytes);
  expect(found.map(({ label }) => label)).toEqual(views.map(({ label }) => label));
  expect(found[0].picture).toEqual(picture(102 / 255));
  expect(found[1].picture).toEqual(picture(1));
});

it('keeps what the first picture hides', () => {
  const hidden = {
    size: 2,
    near: Float32Array.of(2.5, 2.6, 2.7, 2.8),
    far: Float32Array.of(2.9, 3, 3.1, 3.2),
    colours: Float32Array.from({ length: 12 }, (_, i) => i / 15),
  };
  const views = [
    { picture: picture(1), label: label(0), hidden },
    { picture: picture(1), label: label(1) },
  ];
  const [first, second] = decodePictures(picturesOutput(views).bytes);
  expect(first.hidden).toEqual(hidden);
  expect(second).not.toHaveProperty('hidden');
});

it('keeps what the first picture looks like from the sides', () => {
  const sides = [1, 2].map((n) => ({
    label: label(n),
    size: 2,
    depths: Float32Array.of(n, n + 0.1, n + 0.2, n + 0.3),
    picture: Float32Array.from({ length: 16 }, (_, i) => (i * n) / 51),
  }));
  const views = [{ picture: picture(1), label: label(0), sides }];
  const [first] = decodePictures(picturesOutput(views).bytes);
  expect(first.sides).toEqual(sides);
});

it('says what a file lacks that holds none', () => {
  expect(() => decodePictures(encodeSafetensors(new Map()))).toThrow('make it with the stage invert');
});
