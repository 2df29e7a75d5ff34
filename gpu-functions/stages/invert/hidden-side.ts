import { float32, hostTensor, input, type HostTensor } from '../../graph/index.ts';
import { drawHiddenSide, type HiddenSideConfig } from '../../portrait/index.ts';
import type { Models } from '../models.ts';
import { decodePicture } from '../picture-codecs.ts';
import { mirrored } from '../planes.ts';
import { toVaeImage } from '../vae-pictures.ts';
import type { HiddenSide } from '../views/hidden-side.ts';

const NETWORK = 'hidden-side';

/**
 * What a frontal picture hides; nothing where the profile has no network that draws it. The network sees the picture and its mirror image, and
 * what it draws of both is averaged.
 */
export async function hiddenSideOf(models: Models, image: Uint8Array): Promise<HiddenSide | undefined> {
  if (!(NETWORK in models.profile.manifest.networks)) return undefined;
  const config = models.profile.config<HiddenSideConfig>(NETWORK);
  const size = config.imageSize;
  const shape = [2, 4, size, size];
  const session = await models.session(
    NETWORK,
    async () => ({ ...drawHiddenSide(await models.parameters(NETWORK), config, input('image', shape)) }),
    'once',
  );
  const seen = toVaeImage(await decodePicture(image, size));
  const both = new Float32Array(2 * seen.length);
  both.set(seen);
  both.set(mirrored(seen, size), seen.length);
  const { near, far, colour } = await session.run({ image: hostTensor(both, shape) });
  const colours = meanOfBoth(colour, size).map((x) => Math.min(1, Math.max(0, (x + 1) / 2)));
  return { size, near: meanOfBoth(near, size), far: meanOfBoth(far, size), colours };
}

/** The mean of planes `[2, C, S, S]` of which the second are mirrored. */
function meanOfBoth(drawn: HostTensor, size: number): Float32Array {
  const values = float32(drawn);
  const half = values.length / 2;
  const turned = mirrored(values.subarray(half), size);
  return values.slice(0, half).map((x, i) => (x + turned[i]) / 2);
}
