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
import { computedOnce, digestOf } from './made-once.ts';
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
    const name = await fileName(data, profile, latents, views);
    const values = await computedOnce(folder, name, async () => {
      const { denoiser } = await models.diffusionModel();
      return drawAll(data, denoiser, latents, views, signal);
    });
    return { ...set, values };
  } finally {
    await models.close();
  }
}

/** Other people, another denoiser or other latents give another file. */
async function fileName(data: Dataset, profile: Profile, latents: LatentSet, views: number): Promise<string> {
  const networks = await Promise.all(['vae', 'unet'].map((network) => profile.weights(network)));
  const weights = networks.flatMap((network) => [...network.values()].map(({ data: values }) => values));
  const people = `version ${data.version}, ${data.identities.length} × ${views}`;
  return `drawn-${digestOf([people, ...weights, latentOf(latents, 0, 0)])}.f32`;
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
