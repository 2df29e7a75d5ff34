import {
  dpmSolver,
  guided,
  repeatContext,
  scaledLinearSchedule,
  type DiffusionModel,
} from '../../diffusion/index.ts';
import { sizeOf, type HostTensor } from '../../graph/index.ts';
import type { Random } from '../../nn/index.ts';
import type { Picture } from '../picture.ts';
import type { StageSettings } from '../settings.ts';
import { fromVaeImage } from '../vae-pictures.ts';
import { measureAlignment } from './alignment.ts';
import { facenessOf, type Eigenfaces } from './faceness.ts';
import type { Measures } from './ranking.ts';
import { textAgreement } from './text-agreement.ts';

type Settings = StageSettings['imagine'];

export interface Drawing extends Measures {
  readonly picture: Picture;
}

/**
 * Draws as many pictures for each candidate as the settings say, and measures each. A picture is the same however many are drawn.
 *
 * @param states of the prompt and of the negative prompt, `[1, T, E]`
 */
export async function drawPictures(
  { denoiser, autoencoder, restorers }: DiffusionModel,
  faces: Eigenfaces | undefined,
  settings: Settings,
  states: { readonly positive: HostTensor; readonly negative: HostTensor },
  candidates: number,
  random: Random,
  { signal, report }: { signal: AbortSignal; report(step: number, steps: number): void },
): Promise<Drawing[]> {
  const { samplerSteps, guidance, draws, scoreTimesteps } = settings;
  const size = sizeOf(denoiser.latentShape);
  const schedule = scaledLinearSchedule();
  const noises = scoreTimesteps.map((t) => random.fork(`score ${t}`).normals(size));
  const together = picturesTogether(settings, candidates);
  const batches = (draws * candidates) / together;
  const predict = guided(denoiser, {
    positive: repeatContext(states.positive, together),
    negative: repeatContext(states.negative, together),
    scale: guidance,
  });
  const drawn: Drawing[] = [];
  for (let batch = 0; batch < batches; batch++) {
    const noise = new Float32Array(together * size);
    for (let i = 0; i < together; i++)
      noise.set(random.fork(`candidate ${batch * together + i}`).normals(size), i * size);
    const sampling = dpmSolver(schedule, denoiser.prediction)(noise, predict, {
      steps: samplerSteps,
      signal,
      onStep: ({ step, steps }) => report(batch * steps + step, batches * steps),
    });
    // What draws details is opened while the denoiser works.
    const preparing = batch === 0 ? restorers.map((restorer) => restorer.prepare(1)) : [];
    const [latents] = await Promise.all([sampling, ...preparing]);
    const agreements = await textAgreement(denoiser, schedule, latents, states, scoreTimesteps, noises);
    // As many at a time as are kept: decoded pictures are large.
    for (let from = 0; from < together; from += candidates) {
      const decoded = await autoencoder.decode(latents.slice(from * size, (from + candidates) * size));
      for (let i = 0; i < candidates; i++) {
        const picture = fromVaeImage(decoded, autoencoder.decodedSide, i);
        const faceness = faces ? facenessOf(picture, faces) : 0;
        const agreement = agreements[from + i];
        drawn.push({ picture, agreement, alignment: measureAlignment(picture), faceness });
      }
    }
  }
  return drawn;
}

/** Pictures of a batch: as many for each candidate as are allowed together, one at least, and as many in each batch. */
export function picturesTogether(
  { draws, drawnTogether }: Pick<Settings, 'draws' | 'drawnTogether'>,
  candidates: number,
): number {
  let each = Math.max(1, Math.min(draws, Math.floor(drawnTogether / candidates)));
  while (draws % each !== 0) each--;
  return each * candidates;
}
