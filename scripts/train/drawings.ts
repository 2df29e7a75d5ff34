import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { VaeConfig } from '../../gpu-functions/diffusion/index.ts';
import { shrunk } from '../../gpu-functions/stages/planes.ts';
import { toVaeImage } from '../../gpu-functions/stages/vae-pictures.ts';
import type { Profile } from '../../gpu-functions/weights/index.ts';
import type { Dataset } from './dataset.ts';
import { decodedPictures } from './decoded-pictures.ts';
import type { Autoencoding } from './decoded-pictures.ts';
import { drawnLatents } from './drawn-latents.ts';
import { datasetLatents } from './latents.ts';
import type { LatentSet } from './latents.ts';

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

/** Decodes latents to pictures of a side, a byte a value. */
async function decodeAll(
  { values, length }: LatentSet,
  vae: Autoencoding,
  side: number,
  path: string,
): Promise<void> {
  const file = await open(path, 'w');
  const count = values.length / length;
  let done = 0;
  try {
    for await (const picture of decodedPictures(values, vae, 2)) {
      const planes = shrunk(toVaeImage(picture), picture.width, side);
      await file.write(Uint8Array.from(planes, (x) => Math.round((x + 1) * 127.5)));
      if (done % 1600 === 0) process.stderr.write(`drawings: ${done} of ${count}\n`);
      done++;
    }
  } finally {
    await file.close();
  }
}
