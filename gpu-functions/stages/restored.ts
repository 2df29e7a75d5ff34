import type { Restorer } from '../diffusion/index.ts';
import { sizeOf, type HostTensor } from '../graph/index.ts';
import type { Random } from '../nn/index.ts';
import type { Picture } from './picture.ts';
import { enlarged, shrunk } from './planes.ts';
import { recoloured, toVaeImage } from './vae-pictures.ts';

/**
 * A picture with the details that it lacks drawn again.
 *
 * @param picture of a side that the restorer's divides
 * @param text `[1, T, E]`, states of the text from the picture's side
 */
export async function restored(
  { imageSize, noiseShape, change }: Restorer,
  picture: Picture,
  text: HostTensor,
  random: Random,
  sampling: { steps: number; signal: AbortSignal; onStep?(at: { step: number; steps: number }): void },
): Promise<Picture> {
  const seen = shrunk(toVaeImage(picture), picture.width, imageSize);
  const found = await change(seen, text, random.normals(sizeOf(noiseShape)), sampling);
  return recoloured(picture, enlarged(found, imageSize, picture.width));
}
