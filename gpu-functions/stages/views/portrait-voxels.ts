import { evenColours } from './even-colours.ts';
import { pictured } from './pictured.ts';
import type { PosedPicture } from './posed-picture.ts';
import type { BakedVoxels, Voxels } from './voxels.ts';

/**
 * What a portrait looks like: voxels in even colours, inside of the outlines that pictures show, with these laid over them.
 *
 * @param baked whose colours are written to
 */
export function portraitVoxels(baked: BakedVoxels, pictures: readonly PosedPicture[]): Voxels {
  evenColours(baked);
  return pictured(baked, pictures);
}
