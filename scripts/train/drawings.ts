import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeLatents, decodedSize, latentSize } from '../../gpu-functions/diffusion/index.ts';
import type { VaeConfig } from '../../gpu-functions/diffusion/index.ts';
import { compile, float32, hostTensor, input, openSession } from '../../gpu-functions/graph/index.ts';
import { storedParameters } from '../../gpu-functions/nn/index.ts';
import type { WeightMap } from '../../gpu-functions/nn/index.ts';
import { shrunk } from '../../gpu-functions/stages/planes.ts';
import { fromVaeImage, toVaeImage } from '../../gpu-functions/stages/vae-pictures.ts';
import type { Profile } from '../../gpu-functions/weights/index.ts';
import type { Dataset } from './dataset.ts';
import { drawnLatents } from './drawn-latents.ts';
import { datasetLatents } from './latents.ts';
import type { LatentSet } from './latents.ts';

const BATCH = 16;

/**
 * The frontal views of a dataset as `imagine` would have drawn them, noised, and sampled again: what the encoder is
 * given when a portrait is made has the marks of denoiser and autoencoder, and it learns to see through them.
 */
export class Drawings {
  private readonly file: number;
  private readonly size: number;
  private readonly views: number;
  private readonly bytes: Uint8Array;

  constructor(path: string, size: number, views: number) {
    this.file = openSync(path, 'r');
    this.size = size;
    this.views = views;
    this.bytes = new Uint8Array(4 * size * size);
  }

  /** Writes the drawing of a view as planes [4, S, S] in [−1, 1], colour over white, then alpha. */
  writePlanes(identity: number, view: number, mirrored: boolean, out: Float32Array, offset: number): void {
    const { bytes, size } = this;
    const read = readSync(this.file, bytes, 0, bytes.length, (identity * this.views + view) * bytes.length);
    if (read !== bytes.length) throw new Error('The file of drawings is cut short; delete it.');
    for (let i = 0; i < bytes.length; i++) {
      const at = mirrored ? i - (i % size) + size - 1 - (i % size) : i;
      out[offset + at] = bytes[i] / 127.5 - 1;
    }
  }

  close(): void {
    closeSync(this.file);
  }
}

/**
 * The drawings of the first `views` views of every person by a profile's denoiser and decoder, made once; kept in `folder`
 * for the next run.
 */
export async function drawFrontalViews(
  data: Dataset,
  profile: Profile,
  views: number,
  folder: string,
): Promise<Drawings> {
  const vae = { config: profile.config<VaeConfig>('vae'), weights: await profile.weights('vae') };
  const latents = await datasetLatents(data, vae.weights, vae.config, 'data/latents', { views, mirrored: 0 });
  const drawn = await drawnLatents(data, profile, latents, views, 'data/latents');
  const hash = createHash('sha256').update(new Uint8Array(drawn.values.buffer, drawn.values.byteOffset));
  for (const { data: values } of vae.weights.values()) hash.update(values);
  const path = join(folder, `${hash.digest('hex').slice(0, 16)}-${data.size}.u8`);
  if (!existsSync(path)) {
    await mkdir(folder, { recursive: true });
    await decodeAll(drawn, vae, data.size, `${path}.partial`);
    await rename(`${path}.partial`, path);
  }
  return new Drawings(path, data.size, views);
}

interface Network<Config> {
  readonly config: Config;
  readonly weights: WeightMap;
}

/** Decodes latents to pictures of a side, a byte a value. */
async function decodeAll(
  { values, length }: LatentSet,
  { config, weights }: Network<VaeConfig>,
  side: number,
  path: string,
): Promise<void> {
  const across = latentSize(config);
  const shape = [BATCH, config.latentChannels, across, across];
  const pictures = decodeLatents(storedParameters(weights), input('latents', shape), config);
  const session = await openSession(compile({ pictures }), { inline: true, threads: 2 });
  const file = await open(path, 'w');
  const count = values.length / length;
  const latents = new Float32Array(BATCH * length);
  try {
    for (let first = 0; first < count; first += BATCH) {
      const present = Math.min(BATCH, count - first);
      latents.set(values.subarray(first * length, (first + present) * length));
      const decoded = float32((await session.run({ latents: hostTensor(latents, shape) })).pictures);
      const size = decodedSize(config);
      for (let k = 0; k < present; k++) {
        const planes = shrunk(toVaeImage(fromVaeImage(decoded, size, k)), size, side);
        await file.write(Uint8Array.from(planes, (x) => Math.round((x + 1) * 127.5)));
      }
      if (first % 1600 === 0) process.stderr.write(`drawings: ${first} of ${count}\n`);
    }
  } finally {
    await session.close();
    await file.close();
  }
}
