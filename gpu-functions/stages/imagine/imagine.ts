import { stageParamsSchemas } from '../../../shared/index.ts';
import { dpmSolver, guided, repeatContext, scaledLinearSchedule } from '../../diffusion/index.ts';
import { sizeOf } from '../../graph/index.ts';
import { Random } from '../../nn/index.ts';
import { viewLabel } from '../views/orbit.ts';
import { encodePng } from '../picture-codecs.ts';
import { tile, type Picture } from '../picture.ts';
import { restored } from '../restored.ts';
import { settingsFor } from '../settings.ts';
import type { Stage } from '../stage.ts';
import { encodeTexts } from '../texts.ts';
import { fromVaeImage } from '../vae-pictures.ts';
import { measureAlignment } from './alignment.ts';
import { facenessOf, loadEigenfaces } from './faceness.ts';
import { allowedOf } from './picture-check.ts';
import { promptWarnings } from './prompt-warnings.ts';
import { ranked, type Measures } from './ranking.ts';
import { textAgreement } from './text-agreement.ts';

/** Share of the work that is drawing latents. */
const DRAWN = 0.65;

/** The artifact `imagined.json`: how the picture was chosen, and the camera it is meant to be seen from. */
export interface Imagined {
  /** 25 floats: cam2world row-major, then the normalised intrinsics. */
  camera: number[];
  /** Index among the candidates, which are in order from the best. */
  chosen: number;
  candidates: (Measures & { score: number })[];
}

/**
 * Random image generation (Portrait3D §3.2): draws pictures of the prompt's front view, keeps those as candidates that are
 * best placed, have a face and fit the text best, takes the first, and draws its details again. What may not be shown is left out; where nothing is left, it
 * ends as filtered. Of what the prompt asks for in vain it warns.
 */
export const imagine: Stage = async (models, context) => {
  const params = stageParamsSchemas().imagine.parse(context.params);
  const settings = settingsFor(models.profile.manifest, 'imagine', params.quality);
  const { signal, progress } = context;
  progress(0, { message: 'reading the prompt' });
  const model = await models.diffusionModel();
  const texts = await encodeTexts(model, params.prompt, params.negative_prompt);
  for (const warning of promptWarnings(params.prompt, model.textEncoder.tokenizer, texts.said))
    context.warn(warning);
  signal.throwIfAborted();

  const { denoiser, autoencoder, restorers } = model;
  const faces = await loadEigenfaces(models.profile);
  const n = params.candidates;
  const size = sizeOf(denoiser.latentShape);
  const side = autoencoder.decodedSide;
  const random = new Random(params.seed).fork('imagine');
  const schedule = scaledLinearSchedule();
  const { samplerSteps, guidance, draws, scoreTimesteps } = settings;
  const noises = scoreTimesteps.map((t) => random.fork(`score ${t}`).normals(size));
  const states = { positive: texts.sides.front, negative: texts.negative };
  const predict = guided(denoiser, {
    positive: repeatContext(states.positive, n),
    negative: repeatContext(states.negative, n),
    scale: guidance,
  });
  const drawn: (Measures & { readonly picture: Picture })[] = [];
  for (let draw = 0; draw < draws; draw++) {
    // A noise for each picture alone, so that a picture is the same however many there are.
    const noise = new Float32Array(n * size);
    for (let i = 0; i < n; i++) noise.set(random.fork(`candidate ${draw * n + i}`).normals(size), i * size);
    const sampling = dpmSolver(schedule, denoiser.prediction)(noise, predict, {
      steps: samplerSteps,
      signal,
      onStep: ({ step, steps }) => {
        const [done, all] = [draw * steps + step, draws * steps];
        progress((DRAWN * done) / all, {
          message: `sampling step ${done} of ${all}`,
          step: done,
          steps: all,
        });
      },
    });
    // What draws details is opened while the denoiser works.
    const preparing = draw === 0 ? restorers.map((restorer) => restorer.prepare(1)) : [];
    const [latents] = await Promise.all([sampling, ...preparing]);
    const agreements = await textAgreement(denoiser, schedule, latents, states, scoreTimesteps, noises);
    const decoded = await autoencoder.decode(latents);
    agreements.forEach((agreement, i) => {
      const picture = fromVaeImage(decoded, side, i);
      const faceness = faces ? facenessOf(picture, faces) : 0;
      drawn.push({ picture, agreement, alignment: measureAlignment(picture), faceness });
    });
  }

  const allowed = await allowedOf(drawn, settings.pictureCheck, texts.said, models);
  const candidates = ranked(allowed).slice(0, n);
  const [{ picture: chosen }] = candidates;
  const image = await restored(restorers, chosen, states.positive, random.fork('details'), {
    steps: settings.restoreSteps,
    signal,
    onStep: (done) => progress(DRAWN + (1 - DRAWN) * done, { message: 'drawing details' }),
  });
  const sheet = await encodePng(
    tile(
      candidates.map(({ picture }) => picture),
      Math.min(n, 4),
    ),
  );
  const imagined: Imagined = {
    camera: [...viewLabel(models.generator.camera, settings.azimuth, settings.elevation)],
    chosen: 0,
    candidates: candidates.map(({ alignment, agreement, faceness, score }) => ({
      alignment,
      agreement,
      faceness,
      score,
    })),
  };
  const best = await encodePng(image);
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
    metrics: {
      drawn: drawn.length,
      refused: drawn.length - allowed.length,
      ...candidates[0].agreement,
      ...candidates[0].alignment,
      faceness: candidates[0].faceness,
    },
  };
};
