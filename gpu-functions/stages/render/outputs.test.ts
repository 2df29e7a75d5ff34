import sharp from 'sharp';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { settingsFor } from '../settings.ts';
import { viewLabel } from '../views/orbit.ts';
import { makeOutputs, type Making } from './outputs.ts';
import { Studio } from './studio.ts';
import { bust, CAMERA, OUTLINES } from './testing/bust.ts';

const SIZE = 24;

let studio: Studio;
beforeEach(() => {
  studio = new Studio(2);
});
afterEach(() => studio.close());

/** How to make outputs of a bust, with turntables of so many frames. */
function making(turntableFrames: number): Making {
  const stages = { render: { turntableFrames, turntableSize: SIZE, stripSize: SIZE } };
  const settings = settingsFor({ name: 'bust', stages }, 'render', 'draft');
  studio.sit({ voxels: bust(41), outlines: OUTLINES, settings });
  return {
    studio,
    settings,
    label: (azimuth) => viewLabel(CAMERA, azimuth),
    portrait: new Uint8Array(),
    advance() {},
  };
}

it.each([
  [16, 16],
  [12, 12 + 4],
])('a turntable of %i frames and a strip are made of %i pictures', async (frames, drawn) => {
  const make = vi.spyOn(studio, 'make');
  await makeOutputs(['strip', 'turntable'], making(frames));
  expect(make).toHaveBeenCalledTimes(drawn);
});

it('a strip shows eight sides of somebody, from left to right', async () => {
  const { 'strip.png': strip } = await makeOutputs(['strip'], making(16));
  const { data, info } = await sharp(strip.bytes).raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height, info.channels]).toEqual([8 * SIZE, SIZE, 3]);
  const third = await studio.make({ kind: 'frame', label: viewLabel(CAMERA, 90), size: SIZE });
  const row = SIZE / 2;
  const from = 3 * (row * 8 * SIZE + 2 * SIZE);
  expect([...data.subarray(from, from + 3 * SIZE)]).toEqual([
    ...third.subarray(3 * row * SIZE, 3 * (row + 1) * SIZE),
  ]);
});
