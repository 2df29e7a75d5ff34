import {
  guided,
  repeatContext,
  dpmSolver,
  scaledLinearSchedule,
  sdEdit,
} from '../../gpu-functions/diffusion/index.ts';
import { sizeOf } from '../../gpu-functions/graph/index.ts';
import { Random } from '../../gpu-functions/nn/index.ts';
import { fromRgba, type Picture } from '../../gpu-functions/stages/picture.ts';
import { encodeTexts } from '../../gpu-functions/stages/texts.ts';
import { fromVaeImage, toVaeImage } from '../../gpu-functions/stages/vae-pictures.ts';
import { orbit } from '../synthetic/camera.ts';
import { createIdentity } from '../synthetic/identity.ts';
import { render } from '../synthetic/render/index.ts';
import { Studio } from '../synthetic/studio.ts';
import type { Models } from './drawings.ts';

/** Noise up to this timestep is added and taken away again: the model draws the surface anew, and leaves what is there. */
const REDRAWN_FROM = 300;
const STEPS = 20;

/**
 * Synthetic people without clothes, with the name of their skin's colour. The model was never shown any; so that they look
 * as if it had drawn them, it redraws them (SDEdit). `first` is the first one's seed.
 */
export async function* barePeople(
  models: Models,
  assets: string,
  { first, count }: { first: number; count: number },
): AsyncGenerator<{ skin: string; picture: Picture }> {
  const studio = await Studio.open(assets);
  const model = await models.diffusionModel();
  const { denoiser, autoencoder } = model;
  const size = autoencoder.imageShape[1];
  const schedule = scaledLinearSchedule();
  const texts = await encodeTexts(model, 'a person', '');
  const predict = guided(denoiser, {
    positive: repeatContext(texts.sides.front, 1),
    negative: texts.negative,
    scale: 1,
  });
  const sampler = dpmSolver(schedule, denoiser.prediction);
  for (let i = 0; i < count; i++) {
    const { attributes, look } = createIdentity(first + i, studio.assets.targets.sliders.keys());
    const proxies = look.proxies.filter(({ key }) => !key.startsWith('clothes/male_'));
    const scene = await studio.build({ ...look, top: null, proxies });
    const rgba = render(scene, orbit({ azimuth: 0, elevation: 0 }), size);
    const image = toVaeImage(fromRgba(rgba, size, size));
    const noise = new Random(first + i).normals(sizeOf(denoiser.latentShape));
    const parts = { autoencoder, predict, sampler, schedule };
    const redrawn = await sdEdit(image, noise, parts, { steps: STEPS, from: REDRAWN_FROM });
    yield { skin: attributes.skin, picture: fromVaeImage(redrawn, autoencoder.decodedSide) };
  }
}
