import { stageParamsSchemas, VIEW_FILE } from '../../../shared/index.ts';
import { decodeSafetensors, encodeSafetensors } from '../../weights/index.ts';
import { onceIdle } from '../once-idle.ts';
import { settingsFor } from '../settings.ts';
import { decodePictures } from '../pictures-file.ts';
import { requireInput, type Stage } from '../stage.ts';
import { decodeTrigrid } from '../trigrid-file.ts';
import { viewLabel } from '../views/orbit.ts';
import { pictured } from '../views/pictured.ts';
import { bakeTrigrid } from '../views/voxels.ts';
import { makeOutputs, makeView } from './outputs.ts';
import { Studio } from './studio.ts';

/** Azimuths from which the mesh has the outlines of the volume. */
const OUTLINES = [0, 50, 90, 140];

/** Share of the stage that baking takes. */
const BAKED = 0.4;

/**
 * Makes the files of a portrait, only those asked for (`outputs.ts`). The networks are asked once, for voxels; over them
 * pictures are laid, which are finer. The rest is drawn from them side by side and takes seconds, so
 * there is no checkpoint.
 */
export const render: Stage = async (models, context) => {
  const params = stageParamsSchemas().render.parse(context.params);
  const settings = settingsFor(models.profile.manifest, 'render', params.quality);
  const trigrid = requireInput(context, 'trigrid');
  const laid = requireInput(context, 'pictures');
  const pictures = decodePictures(laid);
  context.progress(0, { message: 'baking the density' });
  const studio = new Studio(models.threads);
  const stop = () => void studio.close();
  context.signal.addEventListener('abort', stop);
  try {
    const baked = await bakeTrigrid(
      models,
      decodeTrigrid(trigrid),
      settings.gridPoints,
      pictures,
      context.signal,
    );
    // Shapes and colours know nothing of each other: one thread looks after each.
    const [voxels] = await Promise.all([
      onceIdle(() => pictured(baked, pictures)),
      studio.make({ kind: 'even colours', voxels: baked }),
    ]);
    const label = (azimuth: number) => viewLabel(models.generator.camera, azimuth);
    studio.sit({ voxels, outlines: OUTLINES.map(label), settings });
    context.signal.throwIfAborted();
    let done = BAKED;
    const outputs = await makeOutputs(params.outputs, {
      studio,
      settings,
      label,
      portrait: together(trigrid, laid),
      advance(share, message, preview) {
        done += (1 - BAKED) * share;
        context.progress(Math.min(1, done), { message, ...(preview && { preview }) });
      },
    });
    if (params.view) {
      const from = viewLabel(models.generator.camera, params.view.yaw, params.view.pitch);
      outputs[VIEW_FILE] = await makeView(studio, from, settings.frontSize);
    }
    context.progress(1, { message: 'rendered' });
    return { outputs, metrics: {} };
  } catch (error) {
    // A closed studio is what became of an aborted run, not why.
    context.signal.throwIfAborted();
    throw error;
  } finally {
    context.signal.removeEventListener('abort', stop);
    await studio.close();
  }
};

/** The tensors of both files in one, with what the first says of itself. */
function together(first: Uint8Array, second: Uint8Array): Uint8Array {
  const { tensors, metadata } = decodeSafetensors(first);
  return encodeSafetensors(new Map([...tensors, ...decodeSafetensors(second).tensors]), metadata);
}
