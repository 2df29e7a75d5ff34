import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import {
  decodeLatents,
  latentSize,
  ratesAt,
  scaledLinearSchedule,
  slotColumns,
  unet,
} from '../../gpu-functions/diffusion/index.ts';
import type { UNetConfig, VaeConfig } from '../../gpu-functions/diffusion/index.ts';
import { compile, float32, input, mul, openSession, sub } from '../../gpu-functions/graph/index.ts';
import type { HostTensor } from '../../gpu-functions/graph/index.ts';
import type { WeightMap } from '../../gpu-functions/nn/index.ts';
import { Random, storedParameters } from '../../gpu-functions/nn/index.ts';
import { fromVaeImage, toVaeImage } from '../../gpu-functions/stages/vae-pictures.ts';
import type { Profile } from '../../gpu-functions/weights/index.ts';
import type { Dataset, Identity } from './dataset.ts';
import { datasetLatents, latentOf } from './latents.ts';
import { PERSON_SLOTS, drawSaid, statesOf } from './person-slots.ts';
import { zerosTensor } from './start.ts';

const BATCH = 16;
const COLUMNS = slotColumns(PERSON_SLOTS);
const SCHEDULE = scaledLinearSchedule();
/** Timesteps at which the denoiser is asked: the later, the more of a person's details are its own. */
const TIMESTEPS = { from: 50, to: 450 };

/**
 * The frontal views of a dataset as `imagine` would have drawn them, noised and denoised in one step: what the encoder is
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

/** Draws the first `views` views of every person with a profile's denoiser, once; kept in `folder` for the next run. */
export async function drawFrontalViews(
  data: Dataset,
  profile: Profile,
  views: number,
  folder: string,
): Promise<Drawings> {
  const vae = { config: profile.config<VaeConfig>('vae'), weights: await profile.weights('vae') };
  const denoiser = { config: profile.config<UNetConfig>('unet'), weights: await profile.weights('unet') };
  if (denoiser.config.contextChannels !== COLUMNS || vae.config.imageSize !== data.size) {
    throw new Error(
      "The profile's denoiser was trained for other slots or pictures; train `diffusion` on this dataset first.",
    );
  }
  const hash = createHash('sha256').update(`version ${data.version}, ${data.identities.length} people`);
  for (const { weights } of [vae, denoiser])
    for (const { data: values } of weights.values()) hash.update(values);
  const path = join(folder, `${hash.digest('hex').slice(0, 16)}.u8`);
  if (!existsSync(path)) {
    await mkdir(folder, { recursive: true });
    await drawAll(data, vae, denoiser, views, `${path}.partial`);
    await rename(`${path}.partial`, path);
  }
  return new Drawings(path, data.size, views);
}

interface Network<Config> {
  readonly config: Config;
  readonly weights: WeightMap;
}

async function drawAll(
  data: Dataset,
  vae: Network<VaeConfig>,
  denoiser: Network<UNetConfig>,
  views: number,
  path: string,
): Promise<void> {
  const latents = await datasetLatents(data, vae.weights, vae.config, 'data/latents');
  const side = latentSize(vae.config);
  const shapes = {
    noisy: [BATCH, vae.config.latentChannels, side, side],
    timesteps: [BATCH],
    signal: [BATCH, 1, 1, 1],
    noise: [BATCH, 1, 1, 1],
    context: [BATCH, PERSON_SLOTS.length, COLUMNS],
  };
  const [noisy, timesteps, signal, noise, context] = Object.entries(shapes).map(([name, shape]) =>
    input(name, shape),
  );
  const velocity = unet(storedParameters(denoiser.weights), noisy, timesteps, context, denoiser.config);
  const clean = sub(mul(noisy, signal), mul(velocity, noise));
  const pictures = decodeLatents(storedParameters(vae.weights), clean, vae.config);
  const session = await openSession(compile({ pictures }), { inline: true, threads: 2 });
  const file = await open(path, 'w');
  const count = data.identities.length * views;
  const random = new Random(7).fork('drawings');
  const feed = {
    noisy: zerosTensor(shapes.noisy),
    timesteps: zerosTensor(shapes.timesteps),
    signal: zerosTensor(shapes.signal),
    noise: zerosTensor(shapes.noise),
    context: zerosTensor(shapes.context),
  };
  try {
    for (let first = 0; first < count; first += BATCH) {
      const present = Math.min(BATCH, count - first);
      for (let k = 0; k < present; k++) {
        const [who, view] = [Math.floor((first + k) / views), (first + k) % views];
        noiseView(feed, k, data.identities[who], view, latentOf(latents, who, view), random);
      }
      const { pictures: drawn } = await session.run(feed);
      for (let k = 0; k < present; k++) {
        const planes = toVaeImage(fromVaeImage(float32(drawn), data.size, k));
        await file.write(Uint8Array.from(planes, (x) => Math.round((x + 1) * 127.5)));
      }
      if (first % 1600 === 0) process.stderr.write(`drawings: ${first} of ${count}\n`);
    }
  } finally {
    await session.close();
    await file.close();
  }
}

/** The `k`-th of a batch: a view's latent with noise, and what a text might say of it. */
function noiseView(
  feed: Record<'noisy' | 'timesteps' | 'signal' | 'noise' | 'context', HostTensor>,
  k: number,
  { attributes, views }: Identity,
  view: number,
  latent: Float32Array,
  random: Random,
): void {
  const t = TIMESTEPS.from + random.int(TIMESTEPS.to - TIMESTEPS.from);
  const { signal, noise } = ratesAt(SCHEDULE, t);
  const grain = random.normals(latent.length);
  const noisy = latent.map((x, i) => signal * x + noise * grain[i]);
  const context = statesOf(drawSaid(random, attributes, views[view].azimuth));
  const values = { noisy, context, timesteps: [t], signal: [signal], noise: [noise] };
  for (const [name, each] of Object.entries(values)) {
    (feed[name as keyof typeof feed].data as Float32Array).set(each, k * each.length);
  }
}
