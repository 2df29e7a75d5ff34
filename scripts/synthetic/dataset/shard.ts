import { open, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cameraLabel, orbit } from '../camera.ts';
import { paintBackground } from '../background.ts';
import { createIdentity, lightsOf, viewsOf } from '../identity.ts';
import { bakeLight, render } from '../render/index.ts';
import type { Studio } from '../studio.ts';
import {
  HIDDEN_BYTES,
  identitySeed,
  SHARD_SIZE,
  shardName,
  type DatasetPlan,
  type IdentityRecord,
  type ShardFile,
  type ViewRecord,
} from './format.ts';

/** What of a plan one person's pictures depend on. */
export type PicturePlan = Pick<DatasetPlan, 'views' | 'size' | 'hidden' | 'lights' | 'hair' | 'background'>;

/** Renders one person: the record, pictures and their depths one after another, and hidden sides, each its picture and its depths. */
export async function renderIdentity(
  studio: Studio,
  seed: number,
  { views, size, hidden, lights, hair, background }: PicturePlan,
): Promise<{ record: IdentityRecord; pixels: Uint8Array; depths: Uint8Array; hiddenSides: Uint8Array }> {
  const identity = createIdentity(seed, studio.assets.targets.sliders.keys(), hair);
  const scene = await studio.build(identity.look);
  const pictureBytes = size * size * 4;
  const pixels = new Uint8Array(views * pictureBytes);
  const depths = new Uint8Array(views * size * size);
  const hiddenBytes = HIDDEN_BYTES * size * size;
  const hiddenSides = new Uint8Array(hidden * hiddenBytes);
  const records: ViewRecord[] = [];
  const all = viewsOf(seed, views);
  lightsOf(identity, lights).forEach((lighting, light) => {
    if (light > 0) bakeLight(scene, lighting);
    for (let i = light; i < views; i += lights) {
      const camera = orbit(all[i]);
      const picture = render(scene, camera, size, depths.subarray(i * size * size, (i + 1) * size * size));
      paintBackground(picture, size, background, seed);
      pixels.set(picture, i * pictureBytes);
      if (i < hidden) {
        const end = (i + 1) * hiddenBytes;
        const behind = hiddenSides.subarray(end - size * size, end);
        hiddenSides.set(render(scene, camera, size, behind, 'hidden'), i * hiddenBytes);
      }
      records[i] = { ...all[i], light, camera: cameraLabel(camera) };
    }
  });
  const { attributes, captions } = identity;
  return { record: { seed, attributes, captions, views: records }, pixels, depths, hiddenSides };
}

/**
 * Renders a shard into `out`. The files are renamed into place, the JSON file last, so that an interrupted shard is
 * never mistaken for a finished one.
 */
export async function writeShard(
  studio: Studio,
  plan: DatasetPlan,
  shard: number,
  out: string,
  onIdentity: () => void,
): Promise<void> {
  const first = shard * SHARD_SIZE;
  const people = Math.min(SHARD_SIZE, plan.count - first);
  const base = path.join(out, shardName(shard));
  const identities: IdentityRecord[] = [];
  const suffixes = ['bin', 'depth', ...(plan.hidden > 0 ? ['hidden'] : [])];
  const files = await Promise.all(suffixes.map((suffix) => open(`${base}.${suffix}.part`, 'w')));
  try {
    for (let i = 0; i < people; i++) {
      const { record, pixels, depths, hiddenSides } = await renderIdentity(
        studio,
        identitySeed(plan.seed, first + i),
        plan,
      );
      const contents = [pixels, depths, hiddenSides];
      for (const [k, file] of files.entries()) await file.write(contents[k]);
      identities.push(record);
      onIdentity();
    }
  } finally {
    for (const file of files) await file.close();
  }
  const contents: ShardFile = { first, shape: [people, plan.views, plan.size, plan.size, 4], identities };
  await writeFile(`${base}.json.part`, JSON.stringify(contents));
  for (const suffix of suffixes) await rename(`${base}.${suffix}.part`, `${base}.${suffix}`);
  await rename(`${base}.json.part`, `${base}.json`);
}
