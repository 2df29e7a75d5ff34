import { open } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { invert } from '../../gpu-functions/stages/invert/invert.ts';
import { loadModels } from '../../gpu-functions/stages/index.ts';
import { encodePng } from '../../gpu-functions/stages/picture-codecs.ts';
import { fromRgba, toRgba, type Picture } from '../../gpu-functions/stages/picture.ts';
import { decodePictures } from '../../gpu-functions/stages/pictures-file.ts';
import { settingsFor } from '../../gpu-functions/stages/settings.ts';
import { decodeTrigrid } from '../../gpu-functions/stages/trigrid-file.ts';
import { fromVaeImage } from '../../gpu-functions/stages/vae-pictures.ts';
import { evenColours } from '../../gpu-functions/stages/views/even-colours.ts';
import { pictured } from '../../gpu-functions/stages/views/pictured.ts';
import { radians } from '../../gpu-functions/stages/views/orbit.ts';
import { voxelView } from '../../gpu-functions/stages/views/voxel-view.ts';
import { bakeTrigrid } from '../../gpu-functions/stages/views/voxels.ts';
import { quietContext } from '../evaluate/stage-context.ts';
import { cameraLabel, orbit, type View } from '../synthetic/camera.ts';
import { createIdentity } from '../synthetic/identity.ts';
import { between, random } from '../synthetic/random.ts';
import { render } from '../synthetic/render/index.ts';
import { Studio } from '../synthetic/studio.ts';
import type { Dataset } from './dataset.ts';
import { Drawings } from './drawings.ts';
import { FRONTAL_VIEWS } from './rays.ts';

/** How the people of a dataset were rendered, and from how many sides their portraits are. */
export interface PortraitViewsPlan extends Pick<Dataset, 'version' | 'size' | 'lights' | 'hair'> {
  views: number;
}

/** A person of the dataset, and the picture from the front that a portrait is made of: the rendered one, or as drawn. */
export interface PortraitOf {
  seed: number;
  who: number;
  camera: number[];
  isDrawn: boolean;
}

export interface PortraitViewsSetup {
  plan: PortraitViewsPlan;
  people: readonly PortraitOf[];
  /** A file that is there already, and who is the first in it; people lie in their order. */
  path: string;
  first: number;
  /** Folder of the profile that makes the portraits, and the file of drawings. */
  profile: string;
  drawings: string;
  assets: string;
}

/** Degrees: how far from the front views begin, and the elevations between which they are seen. */
const [ASIDE, BELOW, ABOVE] = [50, -12, 22];

/** Views all around but for the front, radians, stratified and jittered. */
function viewsAround(seed: number, count: number): View[] {
  const next = random(seed, 'portrait views');
  return Array.from({ length: count }, (_, i) => ({
    azimuth: radians(ASIDE + ((i + next()) / count) * (360 - 2 * ASIDE)),
    elevation: radians(between(next, BELOW, ABOVE)),
  }));
}

if (!parentPort)
  throw new Error('portrait-views-worker.ts runs as a worker thread only; use scripts/train/main.ts.');
const { plan, people, path, first, profile, drawings: drawn, assets } = workerData as PortraitViewsSetup;
const { size, views, hair } = plan;
const models = await loadModels(profile, { threads: 1 });
const studio = await Studio.open(assets);
const drawings = new Drawings(drawn, size, FRONTAL_VIEWS, 0);
const file = await open(path, 'r+');
const bytes = 4 * size ** 2;
const { signal } = new AbortController();
for (const { seed, who, camera, isDrawn } of people) {
  const scene = await studio.build(createIdentity(seed, studio.assets.targets.sliders.keys(), hair).look);
  const front = isDrawn
    ? drawnPicture(who)
    : fromRgba(render(scene, orbit({ azimuth: 0, elevation: 0 }), size), size, size);
  const inputs = {
    image: await encodePng(front),
    'imagined.json': new TextEncoder().encode(JSON.stringify({ camera })),
  };
  const { outputs } = await invert(models, quietContext({ seed: 0, quality: 'draft' }, inputs, signal));
  const pictures = decodePictures(outputs['pictures'].bytes);
  const trigrid = decodeTrigrid(outputs['trigrid'].bytes);
  const { gridPoints } = settingsFor(models.profile.manifest, 'render', 'draft');
  const baked = await bakeTrigrid(models, trigrid, gridPoints, pictures, signal);
  evenColours(baked);
  const voxels = pictured(baked, pictures);
  const both = new Uint8Array(2 * bytes * views);
  for (const [i, view] of viewsAround(seed, views).entries()) {
    const from = orbit(view);
    both.set(toRgba(voxelView(voxels, cameraLabel(from), size)), 2 * i * bytes);
    both.set(render(scene, from, size), (2 * i + 1) * bytes);
  }
  await file.write(both, 0, both.length, (who - first) * both.length);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread, not a window
  parentPort.postMessage(who);
}
await file.close();
await models.close();
drawings.close();

/** The picture of view 1, exactly from the front, as drawn. */
function drawnPicture(who: number): Picture {
  const planes = new Float32Array(bytes);
  drawings.writePlanes(who, 1, false, planes, 0);
  return fromVaeImage(planes, size);
}
