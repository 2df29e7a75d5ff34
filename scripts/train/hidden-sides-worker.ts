import { open } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { orbit } from '../synthetic/camera.ts';
import { createIdentity, lightsOf } from '../synthetic/identity.ts';
import { bakeLight, render } from '../synthetic/render/index.ts';
import { Studio } from '../synthetic/studio.ts';
import type { Identity } from './dataset.ts';
import { BYTES, type HiddenSidesPlan } from './hidden-sides.ts';

/** Which people a worker renders: every `workers`-th, from its own number on. */
export interface HiddenSidesSetup {
  plan: HiddenSidesPlan;
  people: Pick<Identity, 'seed' | 'views'>[];
  worker: number;
  workers: number;
  /** A file that is there already; people lie in it in their order. */
  path: string;
  assets: string;
}

if (!parentPort)
  throw new Error('hidden-sides-worker.ts runs as a worker thread only; use scripts/train/main.ts.');
const { plan, people, worker, workers, path, assets } = workerData as HiddenSidesSetup;
const studio = await Studio.open(assets);
const file = await open(path, 'r+');
const { size, views } = plan;
const length = BYTES * size ** 2;
for (let who = worker; who < people.length; who += workers) {
  const { seed, views: cameras } = people[who]!;
  const identity = createIdentity(seed, studio.assets.targets.sliders.keys(), plan.hair);
  const scene = await studio.build(identity.look);
  const lighting = lightsOf(identity, plan.lights);
  const sides = new Uint8Array(length * views);
  for (let view = 0; view < views; view++) {
    if (lighting.length > 1) bakeLight(scene, lighting[view % lighting.length]);
    const end = length * (view + 1);
    const depths = sides.subarray(end - size ** 2, end);
    sides.set(render(scene, orbit(cameras[view]!), size, depths, 'hidden'), length * view);
  }
  await file.write(sides, 0, sides.length, who * sides.length);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread, not a window
  parentPort.postMessage(who);
}
await file.close();
