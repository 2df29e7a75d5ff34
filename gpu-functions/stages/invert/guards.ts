import type { CameraLabel } from '../../portrait/index.ts';
import type { Models } from '../models.ts';
import type { Picture } from '../picture.ts';
import type { StageSettings } from '../settings.ts';
import { viewLabel } from '../views/orbit.ts';
import { portraitVoxels } from '../views/portrait-voxels.ts';
import type { PosedPicture } from '../views/posed-picture.ts';
import { renderView, type Scene } from '../views/scene.ts';
import { voxelView } from '../views/voxel-view.ts';
import { bakeVoxels } from '../views/voxels.ts';

type Settings = StageSettings['invert'];

export function guardLabel({ generator }: Models, { guardViews }: Settings, index: number): CameraLabel {
  return viewLabel(generator.camera, (360 * (index + 1)) / (guardViews + 1));
}

/**
 * What a fit to the picture from the front holds to from all other sides: the shape between both sides of the picture where they are known, else the
 * tri-grid as the generator made it.
 */
export async function guardViews(
  models: Models,
  settings: Settings,
  scene: Scene,
  front: PosedPicture,
  signal: AbortSignal,
): Promise<Picture[]> {
  const { guardSize, samples } = settings;
  const labels = Array.from({ length: settings.guardViews }, (_, i) => guardLabel(models, settings, i));
  if (front.hidden) {
    const baked = await bakeVoxels(models, scene, [front], signal);
    const voxels = portraitVoxels(baked, [front]);
    return labels.map((label) => voxelView(voxels, label, guardSize));
  }
  const guards: Picture[] = [];
  for (const label of labels) guards.push(await renderView(models, scene, label, guardSize, samples));
  return guards;
}
