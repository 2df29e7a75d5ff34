import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { constant, evaluate, float32, hostTensor, input } from '../../graph/index.ts';
import { Random } from '../../nn/index.ts';
import * as portrait from '../../portrait/index.ts';
import { orbitRays, synthesisGraph } from '../invert/invert-graph.ts';
import { loadModels, type Models } from '../models.ts';
import type { Picture } from '../picture.ts';
import { TINY, writeRandomProfile } from '../testing/random-profile.ts';
import { cameraRays } from './camera-rays.ts';
import { radians, viewLabel } from './orbit.ts';
import { pictured } from './pictured.ts';
import { openScene, renderView, type Scene } from './scene.ts';
import { voxelView } from './voxel-view.ts';
import { bakeVoxels } from './voxels.ts';

const SIZE = 24;
let folder: string;
let models: Models;
let scene: Scene;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'views-'));
  await writeRandomProfile(folder, TINY);
  models = await loadModels(folder, { threads: 2 });
  const { generator } = models;
  const session = await models.session('synthesis', async () =>
    synthesisGraph(await models.parameters('generator'), generator),
  );
  const shape = [1, portrait.rowsOfW(generator), generator.wDim];
  const ws = hostTensor(new Random(2).normals(shape[1] * shape[2]), shape);
  const { planes: _, ...levels } = await session.run({ ws });
  scene = await openScene(models, { levels: new Map(Object.entries(levels)), ws }, 49);
}, 60_000);

afterAll(async () => {
  await models?.close();
  await rm(folder, { recursive: true, force: true });
});

function psnr(a: ArrayLike<number>, b: Float32Array): number {
  const error = b.reduce((sum, x, i) => sum + (x - a[i]) ** 2, 0) / b.length;
  return -10 * Math.log10(error);
}

it('host rays are those of the portrait renderer', async () => {
  const label = viewLabel(models.generator.camera, 35, 12);
  const { origins, directions } = cameraRays(label, 8);
  const rays = portrait.cameraRays(
    constant(hostTensor(Float32Array.from(label), [1, 25])),
    constant(portrait.pixelCentres(8)),
  );
  const found = await evaluate({ origins: rays.origins, directions: rays.directions });
  expect(psnr(origins, float32(found['origins']))).toBeGreaterThan(100);
  expect(psnr(directions, float32(found['directions']))).toBeGreaterThan(100);
});

it('the inversion camera as a graph is the orbit camera', async () => {
  const camera = constant(hostTensor([radians(35), radians(-12), 0.01, -0.02], [4]));
  const rays = orbitRays(models.generator.camera, camera, constant(portrait.pixelCentres(8)));
  const [x, y, z] = models.generator.camera.lookAt;
  const label = portrait.orbitCamera({
    ...models.generator.camera,
    azimuth: radians(35),
    elevation: radians(-12),
    lookAt: [x + 0.01, y - 0.02, z],
  });
  const host = cameraRays(label, 8);
  const found = await evaluate({ origins: rays.origins, directions: rays.directions });
  expect(psnr(host.origins, float32(found['origins']))).toBeGreaterThan(100);
  expect(psnr(host.directions, float32(found['directions']))).toBeGreaterThan(100);
});

/** The picture as the renderer of the paper makes it: two passes of many samples through the networks. */
async function exactView(azimuth: number): Promise<Picture> {
  const p = await models.parameters('generator');
  const { generator } = models;
  const rendering = { ...generator.rendering, samples: 96, importanceSamples: 96 };
  const label = constant(hostTensor(Float32Array.from(viewLabel(generator.camera, azimuth)), [1, 25]));
  const field = portrait.trigridField(p, generator, [input('planes', scene.planes.shape)]);
  const rays = portrait.cameraRays(label, constant(portrait.pixelCentres(SIZE)));
  const draws = {
    jitter: constant(hostTensor(new Float32Array(SIZE * SIZE * 96).fill(0.5), [1, SIZE * SIZE, 96])),
    u: constant(hostTensor(new Random(1).uniforms(SIZE * SIZE * 96), [1, SIZE * SIZE, 96])),
  };
  const { features, weight } = portrait.renderRays(field, rays, draws, rendering);
  const found = await evaluate({ features, weight }, { planes: scene.planes });
  const data = new Float32Array(4 * SIZE * SIZE);
  for (let i = 0; i < SIZE * SIZE; i++) {
    for (let c = 0; c < 3; c++) data[c * SIZE * SIZE + i] = float32(found['features'])[3 * i + c];
    data[3 * SIZE * SIZE + i] = float32(found['weight'])[i];
  }
  return { width: SIZE, height: SIZE, data };
}

it.each([0, 110])(
  'planned depths see what two-pass importance sampling sees, azimuth %d°',
  async (azimuth) => {
    const exact = await exactView(azimuth);
    const covered = exact.data.subarray(3 * SIZE * SIZE).filter((alpha) => alpha > 0.5).length;
    expect(covered).toBeGreaterThan(SIZE);
    const planned = await renderView(models, scene, viewLabel(models.generator.camera, azimuth), SIZE, 32);
    expect(psnr(planned.data, exact.data)).toBeGreaterThan(30);
  },
);

it('voxels look like the field they were baked from', async () => {
  const voxels = pictured(await bakeVoxels(models, scene, [], new AbortController().signal), []);
  const label = viewLabel(models.generator.camera, 40);
  const seen = await renderView(models, scene, label, SIZE, 48);
  expect(psnr(voxelView(voxels, label, SIZE).data, seen.data)).toBeGreaterThan(32);
});
