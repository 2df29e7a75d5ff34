import { viewContext, type Restorer } from '../../diffusion/index.ts';
import type { Random } from '../../nn/index.ts';
import type { CameraConfig } from '../../portrait/index.ts';
import { restored } from '../restored.ts';
import type { StageSettings } from '../settings.ts';
import type { TextStates } from '../texts.ts';
import { viewLabel } from '../views/orbit.ts';
import { pictured } from '../views/pictured.ts';
import type { PosedPicture } from '../views/posed-picture.ts';
import { voxelView } from '../views/voxel-view.ts';
import type { BakedVoxels } from '../views/voxels.ts';

/**
 * The portrait from the sides that its pictures do not show, with the details that the tri-grid is too coarse for. Each is drawn
 * over what the pictures before it show from there.
 */
export async function detailViews(
  camera: CameraConfig,
  settings: StageSettings['refine'],
  restorers: readonly Restorer[],
  voxels: BakedVoxels,
  pictures: readonly PosedPicture[],
  texts: TextStates,
  random: Random,
  { signal, report }: { signal: AbortSignal; report(done: number): void },
): Promise<PosedPicture[]> {
  const { detailViews: angles, restoreSteps: steps, detailTemperature: temperature } = settings;
  const views: PosedPicture[] = [];
  for (const [i, [azimuth, elevation]] of angles.entries()) {
    const label = viewLabel(camera, azimuth, elevation);
    const view = voxelView(pictured(voxels, [...pictures, ...views]), label, pictures[0].picture.width);
    const text = viewContext(texts.sides, azimuth);
    const picture = await restored(restorers, view, text, random.fork(`details ${i}`), {
      steps,
      temperature,
      signal,
      onStep: (done) => report((i + done) / angles.length),
    });
    views.push({ picture, label });
  }
  return views;
}
