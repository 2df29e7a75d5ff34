import { viewContext, type Restorer } from '../../diffusion/index.ts';
import type { Random } from '../../nn/index.ts';
import type { Models } from '../models.ts';
import { restored } from '../restored.ts';
import type { StageSettings } from '../settings.ts';
import type { TextStates } from '../texts.ts';
import { viewLabel } from '../views/orbit.ts';
import type { PosedPicture } from '../views/posed-picture.ts';
import { renderView, type Scene } from '../views/scene.ts';

/** Samples a ray of the rendered views. */
const SAMPLES = 24;

/** The portrait from the sides that its first picture does not show, with the details that the tri-grid is too coarse for. */
export async function detailViews(
  models: Models,
  { detailViews: angles, restoreSteps: steps }: StageSettings['refine'],
  restorers: readonly Restorer[],
  scene: Scene,
  size: number,
  texts: TextStates,
  random: Random,
  { signal, report }: { signal: AbortSignal; report(done: number): void },
): Promise<PosedPicture[]> {
  const views: PosedPicture[] = [];
  for (const [i, [azimuth, elevation]] of angles.entries()) {
    const label = viewLabel(models.generator.camera, azimuth, elevation);
    const view = await renderView(models, scene, label, size, SAMPLES);
    const text = viewContext(texts.sides, azimuth);
    const picture = await restored(restorers, view, text, random.fork(`details ${i}`), {
      steps,
      signal,
      onStep: (done) => report((i + done) / angles.length),
    });
    views.push({ picture, label });
  }
  return views;
}
