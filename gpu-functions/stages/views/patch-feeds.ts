import { hostTensor, type HostTensor } from '../../graph/index.ts';
import type { Random } from '../../nn/index.ts';
import type { Picture } from '../picture.ts';
import { pixelRays } from './camera-rays.ts';
import { trainingDepths } from './depth-plan.ts';
import { PATCH } from './fit-graph.ts';
import { drawPatches, pixelTargets } from './patches.ts';
import type { Scene } from './scene.ts';

export interface PatchSizes {
  patches: number;
  samples: number;
  spreadSamples: number;
}

/** Rays of random patches of a picture seen from a camera, with depths and targets, as feeds of a fitting graph. */
export interface PatchFeeds {
  pixels: Int32Array;
  origins: HostTensor;
  directions: HostTensor;
  depths: HostTensor;
  target: HostTensor;
  /** One for each ray. */
  weight: HostTensor;
}

/** Draws one lane's part of a step. */
export function patchFeeds(
  picture: Picture,
  label: ArrayLike<number>,
  scene: Scene,
  { patches, samples, spreadSamples }: PatchSizes,
  random: Random,
): PatchFeeds {
  const count = patches * PATCH * PATCH;
  const pixels = drawPatches(picture, patches, random);
  const rays = pixelRays(label, picture.width, pixels);
  const depths = trainingDepths(scene.grid, scene.dilated, rays, samples, spreadSamples, () =>
    random.uniform(),
  );
  return {
    pixels,
    origins: hostTensor(rays.origins, [count, 3]),
    directions: hostTensor(rays.directions, [count, 3]),
    depths: hostTensor(depths, [count, samples]),
    target: pixelTargets(picture, pixels),
    weight: hostTensor(new Float32Array(count).fill(1), [count]),
  };
}
