import type { Models } from '../models.ts';
import { evenColours } from './even-colours.ts';
import { pictured } from './pictured.ts';
import type { PosedPicture } from './posed-picture.ts';
import { paintUnseenSides } from './unseen-sides.ts';
import type { BakedVoxels, Voxels } from './voxels.ts';

/** What a portrait looks like: voxels in even colours, inside of the outlines that pictures show, with these laid over them, and painted where they show nothing. */
export async function portraitVoxels(
  models: Models,
  baked: BakedVoxels,
  pictures: readonly PosedPicture[],
  signal: AbortSignal,
): Promise<Voxels> {
  evenColours(baked);
  const voxels = pictured(baked, pictures);
  await paintUnseenSides(models, voxels, signal);
  return voxels;
}
