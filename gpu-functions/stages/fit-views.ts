import { hostTensor, type HostTensor } from '../graph/index.ts';
import type { Random } from '../nn/index.ts';
import type { Models } from './models.ts';
import { onceIdle } from './once-idle.ts';
import { encodePng } from './picture-codecs.ts';
import type { Picture } from './picture.ts';
import { rampDown } from './ramp.ts';
import type { LoopState, Tick } from './rounds.ts';
import type { StageSettings } from './settings.ts';
import { copyOptimisation, currentTrigrid, stepOptimisation } from './trigrid-optimiser.ts';
import { fitGraph, PATCH } from './views/fit-graph.ts';
import { viewLabel } from './views/orbit.ts';
import { patchFeeds } from './views/patch-feeds.ts';
import type { PosedPicture } from './views/posed-picture.ts';
import { configOf, openScene, renderView } from './views/scene.ts';
import { rayInputs } from './views/scene-graphs.ts';
import type { Workspace } from './workspace.ts';

/** Parts of one step; they run side by side, and their gradients are averaged. */
const LANES = 2;

/** Rounds between previews, and how they are drawn. */
const PREVIEW_ROUNDS = 4;
const [PREVIEW_SIZE, PREVIEW_SAMPLES] = [128, 16];

/** Which of the views a lane looks at, by their number; its patches are shared out among them. */
export type ShareViews = (lane: number, view: number) => boolean;

/** What a whole fit goes by. */
export interface FitPlan {
  readonly share: ShareViews;
  readonly random: Random;
  readonly steps: number;
  /** Of this fit alone, for all of its rounds. */
  readonly workspace: Workspace;
}

/**
 * Steps `[from, to)` of fitting a tri-grid to pictures (Portrait3D §3.4): random patches of their rays, Adan on all
 * levels, more slowly towards the last of all `steps`. Where to sample is looked up in a density that is as old as the round.
 */
export async function fitRound(
  models: Models,
  settings: StageSettings['fit'],
  views: readonly PosedPicture[],
  { share, random, steps, workspace }: FitPlan,
  start: LoopState,
  from: number,
  to: number,
  tick: Tick,
): Promise<LoopState> {
  const count = settings.patches * PATCH * PATCH;
  const { samples, alphaWeight: alpha, lowPassWeight: lowPass } = settings;
  const scene = await openScene(models, currentTrigrid(start), settings.gridPoints);
  const { planes } = scene;
  const name = `fit ${planes.shape[3]} ${count} ${samples} ${alpha} ${lowPass}`;
  const lanes = await models.lanes(name, async () => {
    const { rays, depths } = rayInputs(count, samples);
    const config = configOf(models, planes);
    return fitGraph(await models.parameters('generator'), config, rays, depths, { alpha, lowPass });
  });
  const state = copyOptimisation(start);
  const feedsOf = (step: number) =>
    Array.from({ length: LANES }, (_, lane) => {
      const drawn = random.fork(`step ${step} lane ${lane}`);
      const seen = views.filter((_, view) => share(lane, view));
      const { pixels: _pixels, ...feeds } = patchFeeds(seen, scene, settings, drawn);
      return { planes, ...feeds };
    });
  const found = Array.from({ length: LANES }, (_, lane) => workspace.tensor(`lane ${lane}`, planes.shape));
  let next = feedsOf(from);
  for (let step = from; step < to; step++) {
    const into = found.map((gradient) => ({ gradient }));
    // What the next step looks at is drawn while this one runs.
    [, next] = await Promise.all([
      lanes.run(next, into),
      step + 1 < to ? onceIdle(() => feedsOf(step + 1)) : next,
    ]);
    const rate = settings.rate * rampDown(step / steps);
    await stepOptimisation(models, state, found, { ...settings, rate }, planes, workspace);
    const last = step === to - 1 && Math.floor(from / settings.stepsPerRound) % PREVIEW_ROUNDS === 0;
    const front = viewLabel(models.generator.camera, 0);
    tick(
      step + 1,
      last
        ? await encodePng(await renderView(models, scene, front, PREVIEW_SIZE, PREVIEW_SAMPLES))
        : undefined,
    );
  }
  return state;
}

/** Pictures as one tensor `[N, 4, S, S]`, for checkpoints. */
export function packViews(views: readonly Picture[]): HostTensor {
  const { width, height, data } = views[0];
  const packed = new Float32Array(views.length * data.length);
  views.forEach((view, i) => packed.set(view.data, i * data.length));
  return hostTensor(packed, [views.length, 4, height, width]);
}

/** The inverse of {@link packViews}. */
export function unpackViews({ shape: [count, , height, width], data }: HostTensor): Picture[] {
  const size = 4 * height * width;
  return Array.from({ length: count }, (_, i) => ({
    width,
    height,
    data: (data as Float32Array).slice(i * size, (i + 1) * size),
  }));
}
