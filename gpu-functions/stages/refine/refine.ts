import { stageParamsSchemas } from '../../../shared/index.ts';
import { Random } from '../../nn/index.ts';
import { encodeCheckpoint, loadCheckpoint } from '../checkpoint.ts';
import { fitRound, packViews, unpackViews, type FitPlan, type ShareViews } from '../fit-views.ts';
import { encodeOpaquePng } from '../picture-codecs.ts';
import { tile } from '../picture.ts';
import { decodePictures, picturesOutput } from '../pictures-file.ts';
import { runRounds, startOf, type Rounds } from '../rounds.ts';
import { settingsFor, type StageSettings } from '../settings.ts';
import { requireInput, type Stage, type StageContext } from '../stage.ts';
import { encodeTexts } from '../texts.ts';
import { decodeTrigrid, trigridOutput } from '../trigrid-file.ts';
import { averageTrigrid, startOptimisation } from '../trigrid-optimiser.ts';
import { evenColours } from '../views/even-colours.ts';
import { viewLabel } from '../views/orbit.ts';
import { repainted } from '../views/repainted.ts';
import { openScene } from '../views/scene.ts';
import { bakeTrigrid } from '../views/voxels.ts';
import { Workspace } from '../workspace.ts';
import { detailViews } from './detail-views.ts';
import { refineViews, viewAngles } from './refine-views.ts';

const VIEWS = 'views';

type Settings = StageSettings['refine'];

/**
 * Refinement (Portrait3D §3.4): renders views around the portrait, lets the diffusion model redraw each a little
 * (SDEdit), fits the tri-grid to them, changes what is inferred beside it as much, and draws details over the sides that the
 * first picture does not show.
 */
export const refine: Stage = async (models, context) => {
  const params = stageParamsSchemas().refine.parse(context.params);
  const settings = settingsFor(models.profile.manifest, 'refine', params.quality);
  const fit = settingsFor(models.profile.manifest, 'fit', params.quality);
  const checkpoint = await loadCheckpoint(context.checkpoint);
  context.progress(0, { message: 'reading the prompt', step: checkpoint?.step ?? 0, steps: settings.steps });
  const trigrid = decodeTrigrid(requireInput(context, 'trigrid'));
  const seen = decodePictures(requireInput(context, 'pictures'));
  const random = new Random(params.seed).fork('refine');
  const loop: Rounds = {
    phase: 'fit',
    steps: settings.steps,
    stepsPerRound: fit.stepsPerRound,
    span: [0.3, 0.8],
    activity: 'refinement',
  };
  const start = startOf(loop.phase, checkpoint, () => startOptimisation(trigrid));
  const model = await models.diffusionModel();
  const texts = await encodeTexts(model, params.prompt, params.negative_prompt);
  if (!start.state.has(VIEWS)) {
    const scene = await openScene(models, trigrid, fit.gridPoints);
    const report = (done: number) =>
      context.progress(0.3 * done, { message: `redrawing views`, step: 0, steps: settings.steps });
    const views = await refineViews(models, settings, scene, texts, random, {
      signal: context.signal,
      report,
    });
    start.state.set(VIEWS, packViews(views));
    await context.checkpoint.save(encodeCheckpoint({ phase: loop.phase, step: 0, tensors: start.state }));
  }
  const views = unpackViews(start.state.get(VIEWS)!);
  const sheet = await encodeOpaquePng(tile(views, Math.min(views.length, 7)));
  reportSheet(context, start.step, settings, sheet);
  const targets = viewAngles(settings).map(([azimuth, elevation], i) => ({
    picture: views[i],
    label: viewLabel(models.generator.camera, azimuth, elevation),
  }));
  const plan: FitPlan = {
    share: everySecond(targets.length),
    random,
    steps: loop.steps,
    workspace: new Workspace(),
  };
  const state = await runRounds(context, loop, start, (state, from, to, tick) =>
    fitRound(models, { ...fit, rate: settings.rate }, targets, plan, state, from, to, tick),
  );
  const fitted = averageTrigrid(state);
  const pictures = await repainted(models, seen, trigrid, fitted, context.signal);
  const restorers = model.restorers.filter(({ region }) => !region);
  if (restorers.length > 0) {
    const voxels = await bakeTrigrid(models, fitted, fit.gridPoints, pictures, context.signal);
    evenColours(voxels);
    const { camera } = models.generator;
    const details = await detailViews(camera, settings, restorers, voxels, pictures, texts, random, {
      signal: context.signal,
      report: (done) => context.progress(0.8 + 0.2 * done, { message: 'drawing details' }),
    });
    pictures.push(...details);
  }
  return {
    outputs: {
      trigrid: trigridOutput(fitted, models.profile.manifest.name),
      pictures: picturesOutput(pictures),
      views: { bytes: sheet, contentType: 'image/png' },
    },
    metrics: { views: views.length },
  };
};

/** The lanes have every second view each; one view is for both. */
const everySecond =
  (count: number): ShareViews =>
  (lane, view) =>
    count === 1 || view % 2 === lane;

function reportSheet(context: StageContext, step: number, { steps }: Settings, preview: Uint8Array): void {
  context.progress(0.3, { message: 'fitting the redrawn views', step, steps, preview });
}
