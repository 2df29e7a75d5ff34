import { float32, hostTensor, input, type HostTensor } from '../../graph/index.ts';
import { drawHiddenSide, type HiddenSideConfig } from '../../portrait/index.ts';
import type { Models } from '../models.ts';
import { decodePicture } from '../picture-codecs.ts';
import { mirrored } from '../planes.ts';
import { toUnit, toVaeImage } from '../vae-pictures.ts';
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
  return hiddenSideIn(await session.run({ image: hostTensor(both, shape) }), size);
}

/** What the network drew of the `index`-th of pictures `[2 N, …]`, of which the second half are the mirror images of the first: the mean of both. */
export function hiddenSideIn(drawn: Record<string, HostTensor>, size: number, index = 0): HiddenSide {
  const of = (name: string) => meanOfBoth(drawn[name], size, index);
  const colours = of('colour').map(toUnit);
  return { size, near: of('near'), far: of('far'), colours };
}

function meanOfBoth(drawn: HostTensor, size: number, index: number): Float32Array {
  const values = float32(drawn);
  const [pictures, channels] = drawn.shape;
  const length = channels * size ** 2;
  const one = (picture: number) => values.subarray(picture * length, (picture + 1) * length);
  const turned = mirrored(one(index + pictures / 2), size);
  return one(index).map((x, i) => (x + turned[i]) / 2);
}
