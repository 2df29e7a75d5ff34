import type { PosedPicture } from './posed-picture.ts';
import { projectedPicture } from './projected-picture.ts';
import { voxelView } from './voxel-view.ts';
import type { Voxels } from './voxels.ts';

/** Voxels with pictures laid over them, those before counting first. */
export function pictured(voxels: Voxels, pictures: readonly PosedPicture[]): Voxels {
  const projected = pictures.map(({ picture, label }) =>
    projectedPicture(picture, voxelView(voxels, label, picture.width), label),
  );
  return { ...voxels, projected };
}
