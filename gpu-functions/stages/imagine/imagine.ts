import { stageParamsSchemas } from '../../../shared/index.ts';
import { dpmSolver, guided, repeatContext, scaledLinearSchedule } from '../../diffusion/index.ts';
import type { DiffusionModel } from '../../diffusion/index.ts';
import { Random } from '../../nn/index.ts';
import { viewLabel } from '../views/orbit.ts';
import { encodePng, tile, type Picture } from '../picture.ts';
import { settingsFor } from '../settings.ts';
import type { Stage, StageContext } from '../stage.ts';
import { encodeTexts } from '../texts.ts';
import { fromVaeImage } from '../vae-pictures.ts';
import { measureAlignment, type Alignment } from './alignment.ts';
import { textAgreement } from './text-agreement.ts';

/** Weight of a candidate's placement against its standardised agreement with the text. */
const ALIGNMENT_WEIGHT = 4;

/** The artifact `imagined.json`: how the picture was chosen, and the camera it is meant to be seen from. */
export interface Imagined {
  /** 25 floats: cam2world row-major, then the normalised intrinsics. */
  camera: number[];
  chosen: number;
  candidates: { alignment: Alignment; agreement: number; score: number }[];
}

/**
 * Random image generation (Portrait3D §3.2): draws candidates of the prompt's front view, and takes the one that is best
 * placed and fits the text best. A prompt's unknown words are warned of.
 */
export const imagine: Stage = async (models, context) => {
  const params = stageParamsSchemas.imagine.parse(context.params);
  const settings = settingsFor(models.profile.manifest, 'imagine', params.quality);
  const { signal, progress } = context;
  progress(0, { message: 'reading the prompt' });
  const model = await models.diffusionModel();
  warnOfWords(model, params.prompt, context);
  const texts = await encodeTexts(model, params.prompt, params.negative_prompt);
  signal.throwIfAborted();

  const { denoiser, autoencoder } = model;
  const n = params.candidates;
  const size = denoiser.latentShape.reduce((a, b) => a * b, 1);
  const random = new Random(params.seed).fork('imagine');
  // A noise for each candidate alone, so that the first candidate is the same however many there are.
  const noise = new Float32Array(n * size);
  for (let i = 0; i < n; i++) noise.set(random.fork(`candidate ${i}`).normals(size), i * size);
  const schedule = scaledLinearSchedule();
  const predict = guided(denoiser, {
    positive: repeatContext(texts.sides.front, n),
    negative: repeatContext(texts.negative, n),
    scale: settings.guidance,
  });
  const latents = await dpmSolver(schedule, denoiser.prediction)(noise, predict, {
    steps: settings.samplerSteps,
    signal,
    onStep: ({ step, steps }) =>
      progress((0.8 * step) / steps, { message: `sampling step ${step} of ${steps}`, step, steps }),
  });

  const decoded = await autoencoder.decode(latents);
  const side = autoencoder.imageShape[1];
  const pictures = Array.from({ length: n }, (_, i) => fromVaeImage(decoded, side, i));
  const sheet = await encodePng(tile(pictures, Math.min(n, 4)));
  progress(0.85, { message: 'choosing the best candidate', preview: sheet });
  signal.throwIfAborted();

  const noises = settings.scoreTimesteps.map((t) => random.fork(`score ${t}`).normals(size));
  const agreements = await textAgreement(
    denoiser,
    schedule,
    latents,
    { positive: texts.sides.front, negative: texts.negative },
    settings.scoreTimesteps,
    noises,
  );
  const imagined: Imagined = {
    camera: [...viewLabel(models.generator.camera, settings.azimuth, settings.elevation)],
    ...choose(pictures, agreements),
  };
  const best = await encodePng(pictures[imagined.chosen]);
  progress(1, { message: 'imagined', preview: best });
  return {
    outputs: {
      image: { bytes: best, contentType: 'image/png' },
      candidates: { bytes: sheet, contentType: 'image/png' },
      'imagined.json': {
        bytes: new TextEncoder().encode(JSON.stringify(imagined)),
        contentType: 'application/json',
      },
    },
    metrics: { chosen: imagined.chosen, ...imagined.candidates[imagined.chosen].alignment },
  };
};

function choose(pictures: readonly Picture[], agreements: readonly number[]): Omit<Imagined, 'camera'> {
  const mean = agreements.reduce((a, b) => a + b, 0) / agreements.length;
  const spread = Math.sqrt(agreements.reduce((sum, x) => sum + (x - mean) ** 2, 0) / agreements.length);
  const candidates = pictures.map((picture, i) => {
    const alignment = measureAlignment(picture);
    const agreement = agreements[i];
    const standardised = spread > 0 ? (agreement - mean) / spread : 0;
    return { alignment, agreement, score: ALIGNMENT_WEIGHT * alignment.score + standardised };
  });
  const scores = candidates.map(({ score }) => score);
  return { chosen: scores.indexOf(Math.max(...scores)), candidates };
}

/** Tells which words of the prompt cannot count. */
function warnOfWords(
  { textEncoder: { tokenizer } }: DiffusionModel,
  prompt: string,
  context: StageContext,
): void {
  const { unknown, dropped } = tokenizer.encode(prompt);
  const words = [...new Set([...unknown, ...dropped])];
  if (words.length === 0) return;
  const parts = [
    unknown.length > 0 && `The model does not know ${unknown.map((word) => `"${word}"`).join(', ')}.`,
    dropped.length > 0 && `The prompt is too long for the model; it ends before "${dropped.join(' ')}".`,
  ];
  context.warn({
    code: 'unknown_words',
    words,
    detail: `${parts.filter(Boolean).join(' ')} These words had no effect: say it in other words.`,
  });
}
