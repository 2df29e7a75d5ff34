import { join } from 'node:path';
import sharp from 'sharp';
import { hostTensor, openSession, type HostTensor } from '../../graph/index.ts';
import type { Profile } from '../../weights/index.ts';
import { overWhite, type Picture } from '../picture.ts';

/** The network of a profile that is such a checker; its `file` is the ONNX file. */
export const SAFETY_CHECKER = 'safety-checker';

/** CLIP's picture side, and mean and deviation of its colours (Radford et al. 2021; `preprocessor_config.json`). */
const SIDE = 224;
const MEAN = [0.48145466, 0.4578275, 0.40821073];
const DEVIATION = [0.26862954, 0.26130258, 0.27577711];

/**
 * Asks the safety checker that Stable Diffusion is released with, as diffusers exports it (`safety_checker/model.onnx`):
 * an image embedding of CLIP held against embeddings of concepts, each with a threshold of its own. Its inputs are
 * `clip_input` [N, 3, 224, 224] and `images` [N, H, W, 3], its output `has_nsfw_concepts` [N].
 *
 * @returns for each picture whether the checker objects to it
 * @throws Error where the profile's file is no such model
 */
export async function objections(
  profile: Profile,
  pictures: readonly Picture[],
  provider: 'cpu' | 'cuda',
): Promise<boolean[]> {
  const file = profile.manifest.networks[SAFETY_CHECKER]?.file;
  if (!file)
    throw new Error(
      `The profile '${profile.manifest.name}' checks pictures with '${SAFETY_CHECKER}' and names no file for it: ` +
        `add "networks": {"${SAFETY_CHECKER}": {"file": "safety_checker/model.onnx", "config": {}}} to its profile.json.`,
    );
  const session = await openSession({ path: join(profile.folder, file) }, { provider });
  try {
    const names = session.inputs.map(({ name }) => name);
    if (!names.includes('clip_input') || !session.outputs.some(({ name }) => name === 'has_nsfw_concepts'))
      throw new Error(
        `'${file}' is no safety checker as diffusers exports it: it has no clip_input or no has_nsfw_concepts.`,
      );
    const found: boolean[] = [];
    for (const picture of pictures) {
      const { clip, rgb } = await clipInput(picture);
      const feeds = { clip_input: clip, ...(names.includes('images') && { images: rgb }) };
      const { has_nsfw_concepts: verdict } = await session.run(feeds, ['has_nsfw_concepts']);
      found.push(Number(verdict.data[0]) !== 0);
    }
    return found;
  } finally {
    await session.close();
  }
}

/** A picture over white as CLIP sees it, and as colours from 0 to 1. */
async function clipInput(picture: Picture): Promise<{ clip: HostTensor; rgb: HostTensor }> {
  const { width, height } = picture;
  const pixels = await sharp(overWhite(picture), { raw: { width, height, channels: 3 } })
    .resize(SIDE, SIDE, { fit: 'cover', kernel: 'cubic' })
    .raw()
    .toBuffer();
  const area = SIDE * SIDE;
  const clip = new Float32Array(3 * area);
  const rgb = new Float32Array(3 * area);
  for (let i = 0; i < area; i++) {
    for (let c = 0; c < 3; c++) {
      const value = pixels[3 * i + c] / 255;
      rgb[3 * i + c] = value;
      clip[c * area + i] = (value - MEAN[c]) / DEVIATION[c];
    }
  }
  return {
    clip: hostTensor(clip, [1, 3, SIDE, SIDE]),
    rgb: hostTensor(rgb, [1, SIDE, SIDE, 3]),
  };
}
