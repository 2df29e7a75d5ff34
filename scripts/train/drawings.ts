import { open } from 'node:fs/promises';
import type { VaeConfig } from '../../gpu-functions/diffusion/index.ts';
import { mirrored, shrunk } from '../../gpu-functions/stages/planes.ts';
import { toVaeImage } from '../../gpu-functions/stages/vae-pictures.ts';
import type { Profile } from '../../gpu-functions/weights/index.ts';
import { Dataset } from './dataset.ts';
import { decodedPictures } from './decoded-pictures.ts';
import type { Autoencoding } from './decoded-pictures.ts';
import { drawnLatents } from './drawn-latents.ts';
import { datasetLatents } from './latents.ts';
import { digestOf, madeOnce } from './made-once.ts';
import type { LatentSet } from './latents.ts';
import { FRONTAL_VIEWS } from './rays.ts';
import { ViewFile } from './view-file.ts';

/**
 * The frontal views of a dataset as `imagine` would have drawn them, noised, and sampled again: what the encoder is
 * given when a portrait is made has the marks of denoiser and autoencoder, and it learns to see through them.
 */
export class Drawings {
  private readonly file: ViewFile;
  private readonly size: number;
  /** How many of the dataset's people are drawn, the first ones. */
  readonly people: number;

  constructor(path: string, size: number, views: number, people: number) {
    this.file = new ViewFile(path, 'drawings', 4 * size * size, views);
    this.size = size;
    this.people = people;
  }

  /** Writes the drawing of a view as planes [4, S, S] in [−1, 1], colour over white, then alpha. */
  writePlanes(identity: number, view: number, isMirrored: boolean, out: Float32Array, offset: number): void {
    const bytes = this.file.read(identity, view);
    const planes = isMirrored ? mirrored(bytes, this.size) : bytes;
    for (let i = 0; i < planes.length; i++) out[offset + i] = planes[i] / 127.5 - 1;
  }

  close(): void {
    this.file.close();
  }
}

/** People of a dataset who are drawn at most for networks that read pictures: drawing takes longer than rendering does. */
export const DRAWN_PEOPLE = 4000;

/** The drawings of frontal views of a dataset's first people, as a profile's networks draw them. */
export async function drawFirstPeople(
  folder: string,
  profile: Profile,
  signal: AbortSignal,
): Promise<Drawings> {
  const people = new Dataset(folder, DRAWN_PEOPLE);
  try {
    return await drawFrontalViews(people, profile, FRONTAL_VIEWS, 'data/drawings', signal);
  } finally {
    people.close();
  }
}

/**
 * The drawings of the first `views` views of every person by a profile's denoiser and decoder, made once; kept in `folder`
 * for the next run.
 *
 * @throws the signal's reason when it is aborted, as all that is made of a dataset before training does.
 */
export async function drawFrontalViews(
  data: Dataset,
  profile: Profile,
  views: number,
  folder: string,
  signal: AbortSignal,
): Promise<Drawings> {
  const vae = { config: profile.config<VaeConfig>('vae'), weights: await profile.weights('vae') };
  const latents = await datasetLatents(data, vae.weights, vae.config, 'data/latents', {
    views,
    mirrored: 0,
    signal,
  });
  const drawn = await drawnLatents(data, profile, latents, views, 'data/latents', signal);
  const weights = [...vae.weights.values()].map(({ data: values }) => values);
  const name = `${digestOf([drawn.values, ...weights])}-${data.size}.u8`;
  const path = await madeOnce(folder, name, (partial) => decodeAll(drawn, vae, data.size, partial, signal));
  return new Drawings(path, data.size, views, data.identities.length);
}

/** Decodes latents to pictures of a side, a byte a value. */
async function decodeAll(
  { values, length }: LatentSet,
  vae: Autoencoding,
  side: number,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const file = await open(path, 'w');
  const count = values.length / length;
  let done = 0;
  try {
    for await (const picture of decodedPictures(values, vae, 2)) {
      signal.throwIfAborted();
      const planes = shrunk(toVaeImage(picture), picture.width, side);
      await file.write(Uint8Array.from(planes, (x) => Math.round((x + 1) * 127.5)));
      if (done % 1600 === 0) process.stderr.write(`drawings: ${done} of ${count}\n`);
      done++;
    }
  } finally {
    await file.close();
  }
}
