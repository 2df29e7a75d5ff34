import {
  combine,
  dpmSolver,
  guided,
  repeatContext,
  scaledLinearSchedule,
  sdEdit,
  viewContext,
  type DiffusionModel,
} from '../../diffusion/index.ts';
import { sizeOf } from '../../graph/index.ts';
import type { Random } from '../../nn/index.ts';
import type { Models } from '../models.ts';
import type { Picture } from '../picture.ts';
import type { StageSettings } from '../settings.ts';
import type { TextStates } from '../texts.ts';
import { blurred, shrunk } from '../planes.ts';
import { recoloured, toVaeImage } from '../vae-pictures.ts';
import { viewLabel } from '../views/orbit.ts';
import { unseenShare } from '../views/unseen.ts';
import { renderView, type Scene } from '../views/scene.ts';

/** Samples a ray of the rendered views. */
const SAMPLES = 24;

/** Share of a view that is free to change below which it stays as it is. */
const KEPT = 0.1;

/** Azimuth and elevation of every view, degrees: evenly around, the elevations in turn; the first is the front. */
export function viewAngles({
  views,
  elevations,
}: Pick<StageSettings['refine'], 'views' | 'elevations'>): [number, number][] {
  return Array.from({ length: views }, (_, i) => [(360 * i) / views, elevations[i % elevations.length]]);
}

/** Renders every view in the size that the autoencoder sees, and redraws those that the imagined picture does not show. */
export async function refineViews(
  models: Models,
  settings: StageSettings['refine'],
  scene: Scene,
  texts: TextStates,
  random: Random,
  { signal, report }: { signal: AbortSignal; report(done: number): void },
): Promise<Picture[]> {
  const model = await models.diffusionModel();
  const size = model.autoencoder.imageShape[1];
  const redrawn: Picture[] = [];
  for (const [i, [azimuth, elevation]] of viewAngles(settings).entries()) {
    signal.throwIfAborted();
    const view = await renderView(
      models,
      scene,
      viewLabel(models.generator.camera, azimuth, elevation),
      size,
      SAMPLES,
    );
    const isKept = unseenShare(azimuth) < KEPT;
    redrawn.push(
      isKept ? view : await redraw(model, settings, view, texts, azimuth, random.fork(`view ${i}`), signal),
    );
    report((i + 1) / settings.views);
  }
  return redrawn;
}

/**
 * SDEdit of one view. What is taken over is the difference between the redrawn picture and the one that merely went
 * through the autoencoder, so that its blur does not count as an edit; the outline stays the portrait's own, and so
 * does what the imagined picture showed.
 */
async function redraw(
  { autoencoder, denoiser }: DiffusionModel,
  { startTimestep, samplerSteps, guidance, editBlur }: StageSettings['refine'],
  view: Picture,
  texts: TextStates,
  azimuth: number,
  random: Random,
  signal: AbortSignal,
): Promise<Picture> {
  const schedule = scaledLinearSchedule();
  const image = toVaeImage(view);
  const noise = random.normals(sizeOf(denoiser.latentShape));
  const predict = guided(denoiser, {
    positive: repeatContext(viewContext(texts.sides, azimuth), 1),
    negative: texts.negative,
    scale: guidance,
  });
  const sampler = dpmSolver(schedule, denoiser.prediction);
  const options = { steps: samplerSteps, from: startTimestep, signal };
  const edited = await sdEdit(image, noise, { autoencoder, predict, sampler, schedule }, options);
  const passed = await autoencoder.decode(await autoencoder.encode(image));
  const { decodedSide } = autoencoder;
  const change = blurred(combine(1, edited, -1, passed), decodedSide, editBlur);
  const unseen = unseenShare(azimuth);
  return recoloured(view, shrunk(change, decodedSide, view.width), (alpha) => unseen * alpha);
}
