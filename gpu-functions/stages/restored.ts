import { placedRegion, regionShare, type Region, type Restorer } from '../diffusion/index.ts';
import { sizeOf, type HostTensor } from '../graph/index.ts';
import type { Random } from '../nn/index.ts';
import { evened, evenNoise, placeOfFace, withEvenFace } from './even-face.ts';
import type { Picture } from './picture.ts';
import { blurred, enlarged, shrunk } from './planes.ts';
import { recoloured, toVaeImage } from './vae-pictures.ts';

/** Passes of the blur, at the restorer's size, below which a region keeps the tones that were drawn before. */
const TONES = 60;

/** The temperature of faces: in full some are drawn with open mouths and wide eyes that nobody asked for, with less than half they are blurred. */
const FACE_TEMPERATURE = 0.65;

export interface RestoringOptions {
  readonly steps: number;
  /** What the noise is multiplied by that a whole picture's details start from (low-temperature sampling); 1 by default. */
  readonly temperature?: number;
  readonly signal: AbortSignal;
  onStep?(done: number): void;
}

/**
 * A picture with the details that it lacks drawn again by each of the restorers. All see the soft picture; in its region a later one's
 * details count in place of those before, whose tones stay, so that the region has no border. Faces, which only those of a region draw, have
 * two sides alike: each eye drawn for itself would have a look of its own.
 *
 * @param picture of a side that the restorers' divides
 * @param text `[1, T, E]`, states of the text from the picture's side
 */
export async function restored(
  restorers: readonly Restorer[],
  picture: Picture,
  text: HostTensor,
  random: Random,
  { steps, temperature = 1, signal, onStep }: RestoringOptions,
): Promise<Picture> {
  const { width } = picture;
  const faces = restorers.find(({ region }) => region);
  const face = faces && placeOfFace(picture, faces.region!, faces.imageSize);
  const even = face ? withEvenFace(picture, face) : picture;
  const soft = toVaeImage(even);
  let found = even;
  let before: Float32Array | undefined;
  for (const [i, { imageSize, region, noiseShape, change }] of restorers.entries()) {
    const noise = random
      .fork(`restorer ${i}`)
      .normals(sizeOf(noiseShape), region ? FACE_TEMPERATURE : temperature);
    const start = region && face ? evenNoise(noise, region, imageSize, face) : noise;
    const drawnChange = await change(shrunk(soft, width, imageSize), text, start, {
      steps,
      signal,
      onStep: ({ step }) => onStep?.((i + step / steps) / restorers.length),
    });
    const own = face && region ? evened(drawnChange, imageSize, face) : drawnChange;
    const toned = region && before ? withTonesOf(before, own, imageSize, region) : own;
    const drawn = recoloured(even, enlarged(toned, imageSize, width));
    found = region ? mixed(found, drawn, enlarged(regionShare(imageSize, region), imageSize, width)) : drawn;
    before = own;
  }
  return found;
}

/** The second change's details with the first's tones, planes [3, S, S] that count in the region. */
function withTonesOf(tones: Float32Array, details: Float32Array, size: number, region: Region): Float32Array {
  const { height, width } = region;
  const inside = placedRegion(new Float32Array(height * width).fill(1), size, region);
  const near = blurred(inside, size, TONES);
  const apart = details.map((x, i) => (tones[i] - x) * inside[i % inside.length]);
  const toned = blurred(apart, size, TONES);
  return details.map((x, i) => x + toned[i] / Math.max(1e-3, near[i % near.length]));
}

/** One picture to another, by the share `[S, S]` of the second. */
function mixed(from: Picture, to: Picture, share: Float32Array): Picture {
  const data = from.data.map((x, i) => x + share[i % share.length] * (to.data[i] - x));
  return { ...from, data };
}
