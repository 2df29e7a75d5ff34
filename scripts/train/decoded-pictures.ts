import { decodeLatents, decodedSize, latentSize } from '../../gpu-functions/diffusion/index.ts';
import type { VaeConfig } from '../../gpu-functions/diffusion/index.ts';
import { compile, float32, hostTensor, input, openSession } from '../../gpu-functions/graph/index.ts';
import { storedParameters } from '../../gpu-functions/nn/index.ts';
import type { WeightMap } from '../../gpu-functions/nn/index.ts';
import type { Picture } from '../../gpu-functions/stages/picture.ts';
import { fromVaeImage } from '../../gpu-functions/stages/vae-pictures.ts';

const BATCH = 16;

export interface Autoencoding {
  readonly config: VaeConfig;
  readonly weights: WeightMap;
}

/** Decodes latents that follow each other in `values`, and gives one picture after the other, of the decoder's side. */
export async function* decodedPictures(
  values: Float32Array,
  { config, weights }: Autoencoding,
  threads: number,
): AsyncGenerator<Picture, void> {
  const across = latentSize(config);
  const shape = [BATCH, config.latentChannels, across, across];
  const length = config.latentChannels * across ** 2;
  const pictures = decodeLatents(storedParameters(weights), input('latents', shape), config);
  const session = await openSession(compile({ pictures }), { inline: true, threads });
  const count = values.length / length;
  const latents = new Float32Array(BATCH * length);
  try {
    for (let first = 0; first < count; first += BATCH) {
      const present = Math.min(BATCH, count - first);
      latents.set(values.subarray(first * length, (first + present) * length));
      const decoded = float32((await session.run({ latents: hostTensor(latents, shape) })).pictures);
      for (let k = 0; k < present; k++) yield fromVaeImage(decoded, decodedSize(config), k);
    }
  } finally {
    await session.close();
  }
}
