import { stageParamsSchemas } from '../../../shared/index.ts';
import { viewContext } from '../../diffusion/index.ts';
import { hostTensor, type HostTensor } from '../../graph/index.ts';
import { Random } from '../../nn/index.ts';
import { loadCheckpoint } from '../checkpoint.ts';
import type { Feeds, Lanes, Models } from '../models.ts';
import { onceIdle } from '../once-idle.ts';
import { encodePng } from '../picture-codecs.ts';
import { decodePictures, picturesOutput } from '../pictures-file.ts';
import { runRounds, startOf, type LoopState, type Rounds, type Tick } from '../rounds.ts';
import { settingsFor, type StageSettings } from '../settings.ts';
import { requireInput, type Stage } from '../stage.ts';
import { encodeTexts, type TextStates } from '../texts.ts';
import { decodeTrigrid, trigridOutput } from '../trigrid-file.ts';
import {
  averageTrigrid,
  copyOptimisation,
  currentTrigrid,
  startOptimisation,
  stepOptimisation,
} from '../trigrid-optimiser.ts';
import { cameraRays } from '../views/camera-rays.ts';
import { planDepths } from '../views/depth-plan.ts';
import { viewLabel } from '../views/orbit.ts';
import { repainted } from '../views/repainted.ts';
import { configOf, gatherRays, openScene, renderView, type Scene } from '../views/scene.ts';
import { azimuthAt } from '../views/unseen.ts';
import { Workspace } from '../workspace.ts';
import { distillGraph } from './distill-graph.ts';

/** Views of one step; they run side by side, and their gradients are averaged. */
const VIEWS_PER_STEP = 2;

/** Rounds between previews. */
const PREVIEW_ROUNDS = 2;

type Settings = StageSettings['distill'];

/**
 * Score distillation (Portrait3D §3.3): the tri-grid's levels are optimised so that its views look like pictures that
 * the diffusion model draws of the prompt, and what is inferred beside it changes with it. Every random draw depends on the seed and the step alone.
 */
export const distill: Stage = async (models, context) => {
  const params = stageParamsSchemas().distill.parse(context.params);
  const settings = settingsFor(models.profile.manifest, 'distill', params.quality);
  const checkpoint = await loadCheckpoint(context.checkpoint);
  const step = checkpoint?.step ?? 0;
  context.progress(0, { message: 'reading the prompt', step, steps: settings.steps });
  const trigrid = decodeTrigrid(requireInput(context, 'trigrid'));
  const pictures = decodePictures(requireInput(context, 'pictures'));
  const texts = await encodeTexts(await models.diffusionModel(), params.prompt, params.negative_prompt);
  const random = new Random(params.seed).fork('distill');
  const loop: Rounds = {
    phase: 'distill',
    steps: settings.steps,
    stepsPerRound: settings.stepsPerRound,
    span: [0, 1],
    activity: 'distillation',
  };
  let loss = 0;
  const workspace = new Workspace();
  const start = startOf(loop.phase, checkpoint, () => startOptimisation(trigrid));
  const state = await runRounds(context, loop, start, async (state, from, to, tick) => {
    const done = await distillRound(models, settings, texts, random, workspace, state, from, to, tick);
    loss = done.loss;
    return done.state;
  });
  const distilled = averageTrigrid(state);
  return {
    outputs: {
      trigrid: trigridOutput(distilled, models.profile.manifest.name),
      pictures: picturesOutput(await repainted(models, pictures, trigrid, distilled, context.signal)),
    },
    metrics: { loss },
  };
};

async function distillRound(
  models: Models,
  settings: Settings,
  texts: TextStates,
  random: Random,
  workspace: Workspace,
  start: LoopState,
  from: number,
  to: number,
  tick: Tick,
): Promise<{ state: LoopState; loss: number }> {
  // Where to sample is looked up in a density that is as old as the round.
  const scene = await openScene(models, currentTrigrid(start), settings.gridPoints);
  const state = copyOptimisation(start);
  const gradients = Array.from({ length: VIEWS_PER_STEP }, (_, view) =>
    workspace.tensor(`view ${view}`, scene.planes.shape),
  );
  const viewsOf = (step: number) =>
    Array.from({ length: VIEWS_PER_STEP }, (_, view) =>
      viewFeeds(models, settings, texts, scene, random.fork(`step ${step} view ${view}`), view),
    );
  let loss = 0;
  let next = viewsOf(from);
  for (let step = from; step < to; step++) {
    const views = next;
    const count = Math.max(...views.map(({ rays }) => rays));
    const lanes = await distillLanes(models, settings, scene.planes, count);
    const into = gradients.map((gradient) => ({ gradient }));
    // What the next step looks at is drawn while this one runs.
    const [found, upcoming] = await Promise.all([
      lanes.run(
        views.map(({ feeds }) => feeds(count)),
        into,
      ),
      step + 1 < to ? onceIdle(() => viewsOf(step + 1)) : [],
    ]);
    next = upcoming;
    loss = found.at(-1)!['loss'].data[0] as number;
    await stepOptimisation(models, state, gradients, settings, scene.planes, workspace);
    const last = step === to - 1 && Math.floor(from / settings.stepsPerRound) % PREVIEW_ROUNDS === 0;
    tick(step + 1, last ? await preview(models, scene) : undefined);
  }
  return { state, loss };
}

function distillLanes(
  models: Models,
  { size, samples }: Settings,
  planes: HostTensor,
  rays: number,
): Promise<Lanes> {
  return models.lanes(`distill ${planes.shape[3]} ${size} ${rays} ${samples}`, async () => {
    const [generator, vae, unet] = await Promise.all(
      ['generator', 'vae', 'unet'].map((n) => models.parameters(n)),
    );
    return distillGraph({ generator, vae, unet }, configOf(models, planes), models.diffusion, {
      rays,
      samples,
      size,
    });
  });
}

/** Draws a view and says how many rays a run needs to hold it: a few sizes, since each is a session of its own. */
function viewFeeds(
  models: Models,
  settings: Settings,
  texts: TextStates,
  scene: Scene,
  random: Random,
  view: number,
): { rays: number; feeds: (rays: number) => Feeds } {
  const { size, samples, guidance, timesteps, elevations, entropyWeight, frontShare } = settings;
  // The views of a step look from opposite sides, so that neither waits long for its turn.
  const azimuth = azimuthAt((view + random.uniform()) / VIEWS_PER_STEP, frontShare);
  const elevation = elevations[0] + (elevations[1] - elevations[0]) * random.uniform();
  const rays = cameraRays(viewLabel(models.generator.camera, azimuth, elevation), size);
  const plan = planDepths(scene.grid, scene.dilated, rays, samples, () => random.uniform());
  const timestep = timesteps[0] + random.int(timesteps[1] - timesteps[0] + 1);
  const { latentChannels, sampleSize } = models.diffusion.unet;
  const noise = random.normals(latentChannels * sampleSize ** 2);
  const quarter = (size * size) / 4;
  return {
    rays: Math.max(quarter, Math.ceil(plan.hits.length / quarter) * quarter),
    feeds: (count) => ({
      planes: scene.planes,
      ...gatherRays(rays, plan, 0, count, samples),
      pixels: hostTensor(
        BigInt64Array.from({ length: count }, (_, i) => BigInt(plan.hits[i] ?? size * size)),
        [count],
      ),
      noise: hostTensor(noise, [1, latentChannels, sampleSize, sampleSize]),
      timestep: hostTensor(BigInt64Array.of(BigInt(timestep)), [1]),
      positive: viewContext(texts.sides, azimuth),
      negative: texts.negative,
      scale: hostTensor(Float32Array.of(guidance), []),
      entropy: hostTensor(Float32Array.of(entropyWeight), []),
    }),
  };
}

async function preview(models: Models, scene: Scene): Promise<Uint8Array> {
  return encodePng(await renderView(models, scene, viewLabel(models.generator.camera, 0), 128, 16));
}
