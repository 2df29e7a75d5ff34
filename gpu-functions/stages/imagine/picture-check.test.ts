import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  compile,
  constant,
  greater,
  hostTensor,
  input,
  mean,
  saveModel,
  add,
  mul,
  reshape,
} from '../../graph/index.ts';
import type { Profile } from '../../weights/index.ts';
import { decodePicture } from '../picture-codecs.ts';
import { emptyPicture, fromRgba, toRgba, type Picture } from '../picture.ts';
import { bareScore } from './bare-skin.ts';
import { allowedOf, type PictureCheck } from './picture-check.ts';

const SIDE = 64;
type Rgb = readonly [number, number, number];
const PALE: Rgb = [0.9, 0.75, 0.68];

/** A head on shoulders: a disc in the colour of skin above a block in that of clothes, shaded from left to right. */
function bust(skin: Rgb, clothes: Rgb): Picture {
  const picture = emptyPicture(SIDE, SIDE);
  const paint = (x: number, y: number, colour: Rgb) => {
    const i = y * SIDE + x;
    const shade = 0.85 + (0.15 * x) / SIDE;
    for (let c = 0; c < 3; c++) picture.data[c * SIDE * SIDE + i] = shade * colour[c];
    picture.data[3 * SIDE * SIDE + i] = 1;
  };
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const [u, v] = [x / SIDE - 0.5, y / SIDE];
      if (Math.hypot(u, v - 0.5) < 0.25) paint(x, y, skin);
      else if (v > 0.8) paint(x, y, clothes);
    }
  }
  return picture;
}

/**
 * Six synthetic people without clothes, from the palest skin to the darkest, redrawn by the bundled model; below them six
 * drawings of clothed people, most of them in brown on brown skin.
 */
const SHEET = new URL('testing/bare-and-clothed.png', import.meta.url);
const COLUMNS = 6;

let bare: Picture[];
let clothed: Picture[];
beforeAll(async () => {
  const sheet = await decodePicture(await readFile(SHEET));
  const tileAt = (row: number, column: number): Picture => {
    const picture = emptyPicture(SIDE, SIDE);
    for (let c = 0; c < 4; c++)
      for (let y = 0; y < SIDE; y++) {
        const from = (c * sheet.height + row * SIDE + y) * sheet.width + column * SIDE;
        picture.data.set(sheet.data.subarray(from, from + SIDE), (c * SIDE + y) * SIDE);
      }
    return picture;
  };
  [bare, clothed] = [0, 1].map((row) => Array.from({ length: COLUMNS }, (_, i) => tileAt(row, i)));
});

describe('bare skin', () => {
  it('is seen on every skin', () => {
    for (const picture of bare) expect(bareScore(picture)).toBeGreaterThan(0);
  });

  it('is not seen in clothes, though they have the colour of the skin', () => {
    for (const picture of clothed) expect(bareScore(picture)).toBeLessThan(0);
  });

  it('is neither white nor black nor blue nor grey', () => {
    for (const skin of [
      [0.9, 0.75, 0.68],
      [0.4, 0.26, 0.2],
    ] as const)
      for (const clothes of [
        [0.9, 0.9, 0.9],
        [0.05, 0.05, 0.05],
        [0.1, 0.2, 0.8],
        [0.4, 0.4, 0.4],
      ] as const)
        expect(bareScore(bust(skin, clothes))).toBeLessThan(-2);
  });

  it('is the same however large the picture is', async () => {
    const large = fromRgba(
      await sharp(toRgba(bare[3]), { raw: { width: SIDE, height: SIDE, channels: 4 } })
        .resize(4 * SIDE, 4 * SIDE, { kernel: 'nearest' })
        .raw()
        .toBuffer(),
      4 * SIDE,
      4 * SIDE,
    );
    expect(bareScore(large)).toBeCloseTo(bareScore(bare[3]), 2);
  });

  it('is none where there is nobody', () => {
    expect(bareScore(emptyPicture(SIDE, SIDE))).toBe(Number.NEGATIVE_INFINITY);
  });
});

const drawings = (...pictures: Picture[]) => pictures.map((picture, index) => ({ picture, index }));

describe('the check of drawings', () => {
  let folder: string;
  let profile: Profile;
  const check = async (how: PictureCheck, drawn: ReturnType<typeof drawings>, said: string[] | null = null) =>
    (await allowedOf(drawn, how, said, { profile, provider: 'cpu' })).map(({ index }) => index);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'picture-check-'));
    // A checker of the released layout whose one concept is red: the mean red of CLIP's input above a threshold.
    const clip = input('clip_input', [1, 3, 224, 224]);
    const images = input('images', [1, 224, 224, 3]);
    const weights = constant(hostTensor([3, -1.5, -1.5], [1, 3, 1, 1]));
    const redness = reshape(mean(mul(clip, weights)), [1]);
    const seen = add(redness, mul(reshape(mean(images), [1]), 0));
    await saveModel(
      join(folder, 'checker.onnx'),
      compile({ has_nsfw_concepts: greater(seen, 0.1) }, { name: 'checker' }),
    );
    profile = {
      folder,
      manifest: { name: 'own', networks: { 'safety-checker': { file: 'checker.onnx', config: {} } } },
    } as unknown as Profile;
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('leaves out the bare ones', async () => {
    const drawn = drawings(bare[0], clothed[0], bare[5]);
    expect(await check('bare-skin', drawn)).toEqual([1]);
    expect(await check('off', drawn)).toEqual([0, 1, 2]);
    expect(await check('bare-skin', drawn, ['hair'])).toEqual([1]);
    expect(await check('bare-skin', drawn, ['hair', 'topColour'])).toEqual([0, 1, 2]);
  });

  it('filters where none is left', async () => {
    await expect(check('bare-skin', drawings(bare[1]))).rejects.toThrow(
      expect.objectContaining({ name: 'ContentFilteredError' }),
    );
  });

  it('asks a safety checker of the released layout that the profile brings', async () => {
    const drawn = drawings(bust(PALE, [1, 0, 0]), bust(PALE, [0.2, 0.3, 0.9]));
    expect(await check('safety-checker', drawn)).toEqual([1]);
  });

  it('says how to bring one where there is none', async () => {
    const without = { folder, manifest: { name: 'own', networks: {} } } as unknown as Profile;
    const asked = allowedOf(drawings(bare[1]), 'safety-checker', null, {
      profile: without,
      provider: 'cpu',
    });
    await expect(asked).rejects.toThrow(/safety_checker\/model\.onnx/);
  });
});
