import { open, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cameraLabel, orbit } from '../camera.ts';
import { paintBackground } from '../background.ts';
import { createIdentity, lightsOf, viewsOf } from '../identity.ts';
import { bakeLight, render } from '../render/index.ts';
import type { Studio } from '../studio.ts';
import {
  bytesOf,
  contentsOf,
  identitySeed,
  SHARD_CONTENTS,
  SHARD_SIZE,
  shardName,
  type DatasetPlan,
  type IdentityRecord,
  type ShardContent,
  type ShardFile,
  type ViewRecord,
} from './format.ts';

/** What of a plan one person's pictures depend on. */
export type PicturePlan = Pick<
  DatasetPlan,
  'views' | 'angles' | 'size' | 'hidden' | 'lights' | 'hair' | 'background'
>;

/** Renders one person: the record, and all that shards hold of their views. */
export async function renderIdentity(
  studio: Studio,
  seed: number,
  plan: PicturePlan,
): Promise<{ record: IdentityRecord } & Record<ShardContent, Uint8Array>> {
  const { views, angles, size, hidden, lights, hair, background } = plan;
  const identity = createIdentity(seed, studio.assets.targets.sliders.keys(), hair);
  const scene = await studio.build(identity.look);
  const area = size * size;
  const empty = (content: ShardContent) => new Uint8Array(bytesOf(content, plan));
  const [pixels, depths, hiddenSides] = [empty('pixels'), empty('depths'), empty('hiddenSides')];
  const records: ViewRecord[] = [];
  const all = viewsOf(seed, views, angles);
  lightsOf(identity, lights).forEach((lighting, light) => {
    if (light > 0) bakeLight(scene, lighting);
    for (let i = light; i < views; i += lights) {
      const camera = orbit(all[i]);
      const picture = render(scene, camera, size, depths.subarray(i * area, (i + 1) * area));
      paintBackground(picture, size, background, seed);
      pixels.set(picture, i * picture.length);
      if (i < hidden) {
        const side = hiddenSides.subarray((i * hiddenSides.length) / hidden);
        side.set(render(scene, camera, size, side.subarray(picture.length, picture.length + area), 'hidden'));
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
  const files = await Promise.all(
    contentsOf(plan).map(async (content) => {
      const name = `${base}.${SHARD_CONTENTS[content].suffix}`;
      return { content, name, handle: await open(`${name}.part`, 'w') };
    }),
  );
  try {
    for (let i = 0; i < people; i++) {
      const { record, ...contents } = await renderIdentity(studio, identitySeed(plan.seed, first + i), plan);
      for (const { content, handle } of files) await handle.write(contents[content]);
      identities.push(record);
      onIdentity();
    }
  } finally {
    for (const { handle } of files) await handle.close();
  }
  const contents: ShardFile = { first, shape: [people, plan.views, plan.size, plan.size, 4], identities };
  await writeFile(`${base}.json.part`, JSON.stringify(contents));
  for (const { name } of files) await rename(`${name}.part`, name);
  await rename(`${base}.json.part`, `${base}.json`);
}
