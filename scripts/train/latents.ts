import { compile, float32, hostTensor, input, openSession } from '../../gpu-functions/graph/index.ts';
import { encodeLatents, latentSize } from '../../gpu-functions/diffusion/index.ts';
import type { VaeConfig } from '../../gpu-functions/diffusion/index.ts';
import { storedParameters } from '../../gpu-functions/nn/index.ts';
import type { WeightMap } from '../../gpu-functions/nn/index.ts';
import { mirror, writePlanes } from './dataset.ts';
import type { Dataset } from './dataset.ts';
import { rounded } from './export.ts';
import { computedOnce, digestOf } from './made-once.ts';
import { toImageSize } from './vae-loss.ts';

const BATCH = 20;

/** Encodes many pictures of a side; `fill` writes picture i as planes at an offset. Latents follow each other in the result. */
async function encodeAll(
  count: number,
  size: number,
  weights: WeightMap,
  config: VaeConfig,
  fill: (i: number, planes: Float32Array, offset: number) => void,
  progress?: (done: number) => void,
): Promise<Float32Array> {
  const { imageChannels, latentChannels } = config;
  const shape = [BATCH, imageChannels, size, size];
  const length = imageChannels * size ** 2;
  const latentLength = latentChannels * latentSize(config) ** 2;
  const latents = encodeLatents(
    storedParameters(weights),
    toImageSize(input('image', shape), config),
    config,
  );
  const session = await openSession(compile({ latents }), { inline: true, threads: 2 });
  const out = new Float32Array(count * latentLength);
  const planes = new Float32Array(BATCH * length);
  for (let i = 0; i < count; i += BATCH) {
    const present = Math.min(BATCH, count - i);
    for (let k = 0; k < present; k++) fill(i + k, planes, k * length);
    const result = float32((await session.run({ image: hostTensor(planes, shape) })).latents);
    out.set(result.subarray(0, present * latentLength), i * latentLength);
    progress?.(i + present);
  }
  await session.close();
  return out;
}

/** Mean and standard deviation of each latent channel over 600 pictures, which the denoiser's latents are normalised by. */
export async function latentStatistics(
  data: Dataset,
  weights: WeightMap,
  config: VaeConfig,
): Promise<Pick<VaeConfig, 'latentMean' | 'latentStd'>> {
  const raw = {
    ...config,
    latentMean: config.latentMean.map(() => 0),
    latentStd: config.latentStd.map(() => 1),
  };
  const count = Math.min(600, data.identities.length * data.views);
  const latents = await encodeAll(count, data.size, weights, raw, (i, planes, offset) => {
    const picture = Math.floor((i * data.identities.length * data.views) / count);
    writePlanes(data.image(Math.floor(picture / data.views), picture % data.views), planes, offset);
  });
  const pixels = latentSize(config) ** 2;
  const latentMean: number[] = [];
  const latentStd: number[] = [];
  for (let c = 0; c < config.latentChannels; c++) {
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < count; i++) {
      const start = (i * config.latentChannels + c) * pixels;
      for (let k = start; k < start + pixels; k++) {
        sum += latents[k];
        squares += latents[k] ** 2;
      }
    }
    const mean = sum / (count * pixels);
    latentMean.push(rounded(mean));
    latentStd.push(rounded(Math.sqrt(squares / (count * pixels) - mean ** 2)));
  }
  return { latentMean, latentStd };
}

/** Latents of every view of a dataset, and of the first views mirrored. */
export interface LatentSet {
  readonly views: number;
  /** Views 0 to mirrored − 1 (the frontal ones) also have a mirrored latent. */
  readonly mirrored: number;
  readonly identities: number;
  /** Length of one latent. */
  readonly length: number;
  readonly values: Float32Array;
}

/** The latent of a view; mirrored where asked for and kept. */
export function latentOf(set: LatentSet, identity: number, view: number, mirrored = false): Float32Array {
  const slot = mirrored && view < set.mirrored ? set.views + view : view;
  const start = (identity * (set.views + set.mirrored) + slot) * set.length;
  return set.values.subarray(start, start + set.length);
}

/** A name for the latents of a dataset under these weights: other weights, other data or other views give another. */
function latentsName(data: Dataset, weights: WeightMap, views: number, mirrored: number): string {
  const networks = [...weights].flatMap(([name, { data: values }]) => [name, values]);
  const pictures = `version ${data.version}, ${data.size}², ${views} views, ${mirrored} mirrored`;
  return `${digestOf([...networks, pictures, ...data.identities.map(({ seed }) => String(seed))])}.f32`;
}

/** Encodes a dataset, or the first `views` of everybody, once, and keeps the latents in `folder` (raw float32) for the next run. */
export async function datasetLatents(
  data: Dataset,
  weights: WeightMap,
  config: VaeConfig,
  folder: string,
  { views = data.views, mirrored = 2, signal }: { views?: number; mirrored?: number; signal: AbortSignal },
): Promise<LatentSet> {
  const identities = data.identities.length;
  const perIdentity = views + mirrored;
  const length = config.latentChannels * latentSize(config) ** 2;
  const set = { views, mirrored, identities, length };
  const encode = () =>
    encodeAll(
      identities * perIdentity,
      data.size,
      weights,
      config,
      (i, planes, offset) => {
        const slot = i % perIdentity;
        const picture = data.image(Math.floor(i / perIdentity), slot < views ? slot : slot - views);
        if (slot >= views) mirror(picture, data.size);
        writePlanes(picture, planes, offset);
      },
      (done) => {
        signal.throwIfAborted();
        if (done % 4000 < BATCH) process.stderr.write(`latents: ${done} of ${identities * perIdentity}\n`);
      },
    );
  const values = await computedOnce(folder, latentsName(data, weights, views, mirrored), encode);
  return { ...set, values };
}
