import { regionShare, type Restorer } from '../diffusion/index.ts';
import { sizeOf, type HostTensor } from '../graph/index.ts';
import type { Random } from '../nn/index.ts';
import type { Picture } from './picture.ts';
import { enlarged, shrunk } from './planes.ts';
import { recoloured, toVaeImage } from './vae-pictures.ts';

/**
 * A picture with the details that it lacks drawn again by each of the restorers. All see the soft picture; in its region a later one
 * counts in place of those before.
 *
 * @param picture of a side that the restorers' divides
 * @param text `[1, T, E]`, states of the text from the picture's side
 */
export async function restored(
  restorers: readonly Restorer[],
  picture: Picture,
  text: HostTensor,
  random: Random,
  { steps, signal, onStep }: { steps: number; signal: AbortSignal; onStep?(done: number): void },
): Promise<Picture> {
  let found = picture;
  const soft = toVaeImage(picture);
  for (const [i, { imageSize, region, noiseShape, change }] of restorers.entries()) {
    const noise = random.fork(`restorer ${i}`).normals(sizeOf(noiseShape));
    const drawn = await change(shrunk(soft, picture.width, imageSize), text, noise, {
      steps,
      signal,
      onStep: ({ step }) => onStep?.((i + step / steps) / restorers.length),
    });
    const own = recoloured(picture, enlarged(drawn, imageSize, picture.width));
    const share = region && enlarged(regionShare(imageSize, region), imageSize, picture.width);
    found = share ? mixed(found, own, share) : own;
  }
  return found;
}

/** One picture to another, by the share `[S, S]` of the second. */
function mixed(from: Picture, to: Picture, share: Float32Array): Picture {
  const data = from.data.map((x, i) => x + share[i % share.length] * (to.data[i] - x));
  return { ...from, data };
}
