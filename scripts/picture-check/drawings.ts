import {
  dpmSolver,
  guided,
  repeatContext,
  scaledLinearSchedule,
} from '../../gpu-functions/diffusion/index.ts';
import { sizeOf } from '../../gpu-functions/graph/index.ts';
import { Random } from '../../gpu-functions/nn/index.ts';
import type { loadModels } from '../../gpu-functions/stages/index.ts';
import type { Picture } from '../../gpu-functions/stages/picture.ts';
import { settingsFor } from '../../gpu-functions/stages/settings.ts';
import { encodeTexts } from '../../gpu-functions/stages/texts.ts';
import { fromVaeImage } from '../../gpu-functions/stages/vae-pictures.ts';

export type Models = Awaited<ReturnType<typeof loadModels>>;

/** People whose skin is said to be dark, and others. None names clothes: those prompts are not checked by colour. */
const DARK = ['a man with dark skin', 'a black woman', 'an old black man', 'an african girl'];
const OTHERS = [
  'an old man',
  'a young woman',
  'a bald man',
  'a girl',
  'an asian man',
  'a pale woman with red hair',
];
const MORE = ['', ', smiling', ' with glasses', ', sad'];

export const PROMPTS = [...DARK, ...OTHERS].flatMap((person) =>
  MORE.map((more) => ({ prompt: person + more, dark: DARK.includes(person) })),
);

/** Pictures drawn at a time. */
const TOGETHER = 4;

/** Draws a prompt as the imagine stage does, and gives every drawing. */
export async function* drawings(models: Models, prompt: string, seed: number): AsyncGenerator<Picture> {
  const { samplerSteps, guidance, draws } = settingsFor(models.profile.manifest, 'imagine', 'draft');
  const model = await models.diffusionModel();
  const { denoiser, autoencoder } = model;
  const texts = await encodeTexts(model, prompt, '');
  const predict = guided(denoiser, {
    positive: repeatContext(texts.sides.front, TOGETHER),
    negative: repeatContext(texts.negative, TOGETHER),
    scale: guidance,
  });
  const random = new Random(seed);
  for (let draw = 0; draw < draws; draw++) {
    const noise = random.fork(`draw ${draw}`).normals(TOGETHER * sizeOf(denoiser.latentShape));
    const sampler = dpmSolver(scaledLinearSchedule(), denoiser.prediction);
    const decoded = await autoencoder.decode(await sampler(noise, predict, { steps: samplerSteps }));
    for (let i = 0; i < TOGETHER; i++) yield fromVaeImage(decoded, autoencoder.decodedSide, i);
  }
}
