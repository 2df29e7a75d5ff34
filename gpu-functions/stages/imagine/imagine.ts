import { stageParamsSchemas } from '../../../shared/index.ts';
import { Random } from '../../nn/index.ts';
import { viewLabel } from '../views/orbit.ts';
import { encodePng } from '../picture-codecs.ts';
import { tile } from '../picture.ts';
import { restored } from '../restored.ts';
import { settingsFor } from '../settings.ts';
import type { Stage } from '../stage.ts';
import { encodeTexts } from '../texts.ts';
import { drawPictures } from './drawing.ts';
import { loadEigenfaces } from './faceness.ts';
import { allowedOf } from './picture-check.ts';
import { promptWarnings } from './prompt-warnings.ts';
import { ranked, type Measures } from './ranking.ts';

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

  const { restorers } = model;
  const n = params.candidates;
  const random = new Random(params.seed).fork('imagine');
  const states = { positive: texts.sides.front, negative: texts.negative };
  const drawn = await drawPictures(model, await loadEigenfaces(models.profile), settings, states, n, random, {
    signal,
    report: (step, steps) =>
      progress((DRAWN * step) / steps, { message: `sampling step ${step} of ${steps}`, step, steps }),
  });
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
