import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  addNoise,
  dpmSolver,
  guided,
  rates,
  scaledLinearSchedule,
  slotColumns,
  type Denoiser,
  type UNetConfig,
} from '../../gpu-functions/diffusion/index.ts';
import { Random } from '../../gpu-functions/nn/index.ts';
import { modelsOf } from '../../gpu-functions/stages/index.ts';
import type { Profile } from '../../gpu-functions/weights/index.ts';
import type { Dataset } from './dataset.ts';
import { latentOf, type LatentSet } from './latents.ts';
import { PERSON_SLOTS, contexts, drawSaid, statesOf } from './person-slots.ts';

const BATCH = 20;
const SCHEDULE = scaledLinearSchedule();
/** As `imagine` samples. */
const [SAMPLER_STEPS, GUIDANCE] = [12, 3];
/** Timesteps up to which noise is added: the later, the more of a person's details are the denoiser's own. */
const TIMESTEPS = { from: 100, to: 550 };

/**
 * The first `views` views of every person as `imagine` would have drawn them: their latents noised, and sampled again
 * under what a text might say. Kept in `folder` for the next run.
 */
export async function drawnLatents(
  data: Dataset,
  profile: Profile,
  latents: LatentSet,
  views: number,
  folder: string,
  signal: AbortSignal,
): Promise<LatentSet> {
  if (profile.config<UNetConfig>('unet').contextChannels !== slotColumns(PERSON_SLOTS))
    throw new Error("The profile's denoiser was trained for other slots; train `diffusion` first.");
  const models = modelsOf(profile, { threads: 2 });
  const set = { views, mirrored: 0, identities: latents.identities, length: latents.length };
  try {
    const file = join(folder, await fileName(data, profile, latents, views));
    if (existsSync(file)) {
      const bytes = await readFile(file);
      return { ...set, values: new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4) };
    }
    const { denoiser } = await models.diffusionModel();
    const values = await drawAll(data, denoiser, latents, views, signal);
    await mkdir(folder, { recursive: true });
    await writeFile(`${file}.partial`, values);
    await rename(`${file}.partial`, file);
    return { ...set, values };
  } finally {
    await models.close();
  }
}

/** Other people, another denoiser or other latents give another file. */
async function fileName(data: Dataset, profile: Profile, latents: LatentSet, views: number): Promise<string> {
  const hash = createHash('sha256').update(`version ${data.version}, ${data.identities.length} × ${views}`);
  for (const network of ['vae', 'unet'])
    for (const { data: values } of (await profile.weights(network)).values()) hash.update(values);
  hash.update(latentOf(latents, 0, 0));
  return `drawn-${hash.digest('hex').slice(0, 16)}.f32`;
}

async function drawAll(
  data: Dataset,
  denoiser: Denoiser,
  latents: LatentSet,
  views: number,
  signal: AbortSignal,
): Promise<Float32Array> {
  const { length } = latents;
  const count = data.identities.length * views;
  const out = new Float32Array(count * length);
  const random = new Random(7).fork('drawn latents');
  const sampler = dpmSolver(SCHEDULE, denoiser.prediction);
  const began = Date.now();
  for (let first = 0; first < count; first += BATCH) {
    signal.throwIfAborted();
    const from = TIMESTEPS.from + random.int(TIMESTEPS.to - TIMESTEPS.from);
    const clean = new Float32Array(BATCH * length);
    const states: Float32Array[] = [];
    for (let k = 0; k < BATCH; k++) {
      const [who, view] = [Math.floor((first + k) / views) % data.identities.length, (first + k) % views];
      const { attributes, views: cameras } = data.identities[who]!;
      clean.set(latentOf(latents, who, view), k * length);
      states.push(statesOf(drawSaid(random, attributes, cameras[view]!.azimuth)));
    }
    const noise = random.normals(clean.length);
    const predict = guided(denoiser, {
      positive: contexts(states),
      negative: contexts(states.map(() => statesOf({}))),
      scale: GUIDANCE,
    });
    const noisy = addNoise(clean, noise, rates(SCHEDULE.alphasCumprod[from]!));
    const drawn = await sampler(noisy, predict, { steps: SAMPLER_STEPS, from });
    out.set(drawn.subarray(0, Math.min(BATCH, count - first) * length), first * length);
    if (first % 400 === 0) {
      const seconds = (Date.now() - began) / 1000;
      const left = (seconds / (first + BATCH)) * (count - first - BATCH);
      process.stderr.write(`drawn: ${first + BATCH} of ${count}, ${Math.ceil(left / 60)} min left\n`);
    }
  }
  return out;
}
