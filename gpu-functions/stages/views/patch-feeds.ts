import { hostTensor, type HostTensor } from '../../graph/index.ts';
import type { Random } from '../../nn/index.ts';
import { pixelRays } from './camera-rays.ts';
import { trainingDepths } from './depth-plan.ts';
import { PATCH } from './fit-graph.ts';
import { drawPatches, pixelTargets } from './patches.ts';
import type { PosedPicture } from './posed-picture.ts';
import type { Scene } from './scene.ts';

export interface PatchSizes {
  patches: number;
  samples: number;
  spreadSamples: number;
}

/** Rays of random patches of pictures, with depths and targets, as feeds of a fitting graph. */
export interface PatchFeeds {
  /** The pixels in their pictures, `row·size + column`. */
  pixels: Int32Array;
  origins: HostTensor;
  directions: HostTensor;
  depths: HostTensor;
  target: HostTensor;
  /** One for each ray. */
  weight: HostTensor;
}

/** Draws one lane's part of a step, in which the scene is to look like the views; the patches are shared out among the views. */
export function patchFeeds(
  views: readonly PosedPicture[],
  scene: Scene,
  { patches, samples, spreadSamples }: PatchSizes,
  random: Random,
): PatchFeeds {
  const perPatch = PATCH * PATCH;
  const count = patches * perPatch;
  const pixels = new Int32Array(count);
  const origins = new Float32Array(3 * count);
  const directions = new Float32Array(3 * count);
  const depths = new Float32Array(samples * count);
  const target = new Float32Array(4 * count);
  // A different view begins each time, so that none gets the odd patch always.
  const first = random.int(views.length);
  views.forEach((_, turn) => {
    const { picture, label } = views[(first + turn) % views.length];
    const from = Math.floor((patches * turn) / views.length);
    const own = Math.floor((patches * (turn + 1)) / views.length) - from;
    if (own === 0) return;
    const at = from * perPatch;
    const drawn = drawPatches(picture, own, random);
    const rays = pixelRays(label, picture.width, drawn);
    pixels.set(drawn, at);
    origins.set(rays.origins, 3 * at);
    directions.set(rays.directions, 3 * at);
    depths.set(
      trainingDepths(scene.grid, scene.dilated, rays, samples, spreadSamples, () => random.uniform()),
      samples * at,
    );
    target.set(pixelTargets(picture, drawn), 4 * at);
  });
  return {
    pixels,
    origins: hostTensor(origins, [count, 3]),
    directions: hostTensor(directions, [count, 3]),
    depths: hostTensor(depths, [count, samples]),
    target: hostTensor(target, [count, 4]),
    weight: hostTensor(new Float32Array(count).fill(1), [count]),
  };
}
