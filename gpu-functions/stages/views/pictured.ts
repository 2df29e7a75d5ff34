import { carved } from './carved.ts';
import type { PosedPicture } from './posed-picture.ts';
import { projectedPicture } from './projected-picture.ts';
import { voxelView } from './voxel-view.ts';
import type { BakedVoxels, Voxels } from './voxels.ts';

/** Voxels inside of the outlines that pictures show, with the pictures laid over them, those before counting first. */
export function pictured(voxels: BakedVoxels, pictures: readonly PosedPicture[]): Voxels {
  const inside = carved(voxels, pictures);
  const projected = pictures.map(({ picture, label }) =>
    projectedPicture(picture, voxelView(inside, label, picture.width), label),
  );
  return { ...inside, projected };
}
