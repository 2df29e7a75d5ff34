import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
import { emptyPicture, type Picture } from '../picture.ts';
import { bareShare } from './bare-skin.ts';
import { allowedOf, type PictureCheck } from './picture-check.ts';

const SIDE = 64;
type Rgb = readonly [number, number, number];
const PALE: Rgb = [0.9, 0.75, 0.68];
const DARK: Rgb = [0.4, 0.26, 0.2];

/** A head on shoulders: a disc in the colour of skin above a block in that of clothes, shaded from left to right. */
function bust(skin: Rgb, clothes: Rgb, collar = 0): Picture {
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
      else if (v > 0.8) paint(x, y, Math.abs(u) < collar ? skin : clothes);
    }
  }
  return picture;
}

describe('bare skin', () => {
  it('is nearly the whole chest of who wears nothing, whatever their skin', () => {
    for (const skin of [PALE, DARK]) expect(bareShare(bust(skin, skin))).toBeGreaterThan(0.95);
  });

  it('is a small part of a neckline, and none of a turtleneck', () => {
    for (const skin of [PALE, DARK]) {
      expect(bareShare(bust(skin, [0.8, 0.1, 0.1]))).toBeLessThan(0.05);
      expect(bareShare(bust(skin, [0.1, 0.2, 0.8], 0.15))).toBeLessThan(0.4);
    }
  });

  it('is none where there is nobody', () => {
    expect(bareShare(emptyPicture(SIDE, SIDE))).toBe(0);
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
    const drawn = drawings(bust(PALE, PALE), bust(PALE, [0.1, 0.1, 0.1]), bust(DARK, DARK));
    expect(await check('bare-skin', drawn)).toEqual([1]);
    expect(await check('off', drawn)).toEqual([0, 1, 2]);
    expect(await check('bare-skin', drawn, ['hair'])).toEqual([1]);
    expect(await check('bare-skin', drawn, ['hair', 'topColour'])).toEqual([0, 1, 2]);
  });

  it('filters where none is left', async () => {
    await expect(check('bare-skin', drawings(bust(PALE, PALE)))).rejects.toThrow(
      expect.objectContaining({ name: 'ContentFilteredError' }),
    );
  });

  it('asks a safety checker of the released layout that the profile brings', async () => {
    const drawn = drawings(bust(PALE, [1, 0, 0]), bust(PALE, [0.2, 0.3, 0.9]));
    expect(await check('safety-checker', drawn)).toEqual([1]);
  });

  it('says how to bring one where there is none', async () => {
    const without = { folder, manifest: { name: 'own', networks: {} } } as unknown as Profile;
    const asked = allowedOf(drawings(bust(PALE, PALE)), 'safety-checker', null, {
      profile: without,
      provider: 'cpu',
    });
    await expect(asked).rejects.toThrow(/safety_checker\/model\.onnx/);
  });
});
