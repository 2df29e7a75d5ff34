import { stageParamsSchemas } from '../../../shared/index.ts';
import { hostTensor, type HostTensor } from '../../graph/index.ts';
import { Random } from '../../nn/index.ts';
import { encodeCheckpoint, loadCheckpoint } from '../checkpoint.ts';
import type { Models } from '../models.ts';
import { encodeOpaquePng, encodePng, tile, type Picture } from '../picture.ts';
import { runRounds, startOf, type LoopState, type Rounds, type Tick } from '../rounds.ts';
import { settingsFor, type StageSettings } from '../settings.ts';
import { requireInput, type Stage, type StageContext } from '../stage.ts';
import { encodeTexts } from '../texts.ts';
import { decodeTrigrid, trigridOutput } from '../trigrid-file.ts';
import {
  averageTrigrid,
  currentTrigrid,
  meanGradient,
  startOptimisation,
  stepOptimisation,
} from '../trigrid-optimiser.ts';
import { fitGraph, PATCH } from '../views/fit-graph.ts';
import { viewLabel } from '../views/orbit.ts';
import { patchFeeds } from '../views/patch-feeds.ts';
import { openScene, renderView } from '../views/scene.ts';
import { rayInputs } from '../views/scene-graphs.ts';
import { refineViews, viewAngles } from './refine-views.ts';

/** Parts of one step; they run side by side, and their gradients are averaged. */
const LANES = 2;

/** Rounds between previews. */
const PREVIEW_ROUNDS = 4;

const VIEWS = 'views';

type Settings = StageSettings['refine'];

/**
 * Refinement (Portrait3D §3.4): renders views around the portrait, lets the diffusion model redraw each a little
 * (SDEdit), and fits the tri-grid to them.
 */
export const refine: Stage = async (models, context) => {
  const params = stageParamsSchemas.refine.parse(context.params);
  const settings = settingsFor(models.profile.manifest, 'refine', params.quality);
  const checkpoint = await loadCheckpoint(context.checkpoint);
  context.progress(0, { message: 'reading the prompt', step: checkpoint?.step ?? 0, steps: settings.steps });
  const trigrid = decodeTrigrid(requireInput(context, 'trigrid'));
  const random = new Random(params.seed).fork('refine');
  const loop: Rounds = {
    phase: 'fit',
    steps: settings.steps,
    stepsPerRound: settings.stepsPerRound,
    span: [0.3, 1],
    activity: 'refinement',
  };
  const start = startOf(loop.phase, checkpoint, () => startOptimisation(trigrid));
  if (!start.state.has(VIEWS)) {
    const texts = await encodeTexts(await models.diffusionModel(), params.prompt, params.negative_prompt);
    const scene = await openScene(models, trigrid, settings.gridPoints);
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
  const state = await runRounds(context, loop, start, (state, from, to, tick) =>
    fitRound(models, settings, views, random, state, from, to, tick),
  );
  return {
    outputs: {
      trigrid: trigridOutput(averageTrigrid(state), models.profile.manifest.name),
      views: { bytes: sheet, contentType: 'image/png' },
    },
    metrics: { loss: (state.get('loss')?.data[0] as number | undefined) ?? 0 },
  };
};

function reportSheet(context: StageContext, step: number, { steps }: Settings, preview: Uint8Array): void {
  context.progress(0.3, { message: 'fitting the redrawn views', step, steps, preview });
}

async function fitRound(
  models: Models,
  settings: Settings,
  views: readonly Picture[],
  random: Random,
  start: LoopState,
  from: number,
  to: number,
  tick: Tick,
): Promise<LoopState> {
  const count = settings.patches * PATCH * PATCH;
  const { samples, alphaWeight: alpha, lowPassWeight: lowPass } = settings;
  const lanes = await models.lanes(`fit ${count} ${samples} ${alpha} ${lowPass}`, async () => {
    const { rays, depths } = rayInputs(count, samples);
    return fitGraph(await models.parameters('generator'), models.generator, rays, depths, { alpha, lowPass });
  });
  const angles = viewAngles(settings);
  const labels = angles.map(([azimuth, elevation]) => viewLabel(models.generator.camera, azimuth, elevation));
  // Where to sample is looked up in a density that is as old as the round.
  let scene = await openScene(models, currentTrigrid(start), settings.gridPoints);
  let state = start;
  for (let step = from; step < to; step++) {
    const results = await lanes.run(
      Array.from({ length: LANES }, (_, lane) => {
        const drawn = random.fork(`step ${step} lane ${lane}`);
        const view = drawn.int(views.length);
        const { origins, directions, depths, target, weight } = patchFeeds(
          views[view],
          labels[view],
          scene,
          settings,
          drawn,
        );
        return { planes: scene.planes, origins, directions, depths, target, weight };
      }),
    );
    const kept = { views: state.get(VIEWS)!, loss: results[0]['loss'] };
    const gradient = meanGradient(results.map((result) => result['gradient']));
    const optimised = new Map([...state].filter(([name]) => name !== VIEWS && name !== 'loss'));
    const next = await stepOptimisation(models, optimised, gradient, settings);
    state = new Map([...next.state, [VIEWS, kept.views], ['loss', kept.loss]]);
    scene = { ...scene, planes: next.planes };
    const last = step === to - 1 && Math.floor(from / settings.stepsPerRound) % PREVIEW_ROUNDS === 0;
    const front = viewLabel(models.generator.camera, 0);
    tick(step + 1, last ? await encodePng(await renderView(models, scene, front, 128, 16)) : undefined);
  }
  return state;
}

/** Views as one tensor `[N, 4, S, S]`, for checkpoints. */
function packViews(views: readonly Picture[]): HostTensor {
  const { width, height, data } = views[0];
  const packed = new Float32Array(views.length * data.length);
  views.forEach((view, i) => packed.set(view.data, i * data.length));
  return hostTensor(packed, [views.length, 4, height, width]);
}

function unpackViews({ shape: [count, , height, width], data }: HostTensor): Picture[] {
  const size = 4 * height * width;
  return Array.from({ length: count }, (_, i) => ({
    width,
    height,
    data: (data as Float32Array).slice(i * size, (i + 1) * size),
  }));
}
