import { stageParamsSchemas } from '../../../shared/index.ts';
import { hostTensor, type HostTensor, type Session } from '../../graph/index.ts';
import { Random } from '../../nn/index.ts';
import { levelSizes, orbitCamera, type CameraConfig, type CameraLabel } from '../../portrait/index.ts';
import { encodeCheckpoint, loadCheckpoint } from '../checkpoint.ts';
import { fitRound, packViews, unpackViews, type FitPlan, type ShareViews } from '../fit-views.ts';
import type { Models } from '../models.ts';
import { decodePicture, encodePng } from '../picture-codecs.ts';
import type { Picture } from '../picture.ts';
import { picturesOutput } from '../pictures-file.ts';
import { rampDown } from '../ramp.ts';
import type { Imagined } from '../imagine/imagine.ts';
import { runRounds, startOf, type LoopState, type Rounds, type Tick } from '../rounds.ts';
import { settingsFor, type StageSettings } from '../settings.ts';
import { requireInput, type Stage } from '../stage.ts';
import { trigridOutput, withFinerLevels, withFinestLevel, type Trigrid } from '../trigrid-file.ts';
import { averageTrigrid, startOptimisation } from '../trigrid-optimiser.ts';
import { toVaeImage } from '../vae-pictures.ts';
import { dilate } from '../views/density-grid.ts';
import { PATCH } from '../views/fit-graph.ts';
import { patchFeeds } from '../views/patch-feeds.ts';
import type { PosedPicture } from '../views/posed-picture.ts';
import { bakeDensity, openScene, renderView, shared, type Scene } from '../views/scene.ts';
import { Workspace } from '../workspace.ts';
import { guardLabel, guardViews } from './guards.ts';
import { hiddenSideOf } from './hidden-side.ts';
import { sideViewSession, sideViewsOf } from './side-views.ts';
import {
  CAMERA_NUMBERS,
  encodeGraph,
  inversionRaysGraph,
  inversionStepGraph,
  synthesisGraph,
} from './invert-graph.ts';

/** Parts of one step; they run side by side, and their gradients are averaged. */
const LANES = 2;

/** Rounds between previews. */
const PREVIEW_ROUNDS = 3;
const PREVIEW_SAMPLES = 16;

const GUARDS = 'guards';
/** What the encoder saw beyond the latent: a level of the tri-grid that the search for the latent leaves alone. */
const DETAIL = 'detail';

type Settings = StageSettings['invert'];

/** The artifact `inversion.json`: where the picture was found to be seen from, and how well the tri-grid shows it. */
export interface Inversion {
  /** 25 floats: cam2world row-major, then the normalised intrinsics. */
  camera: number[];
  /** Azimuth, elevation (radians), and how far the camera looks past its target along x and y. */
  orbit: number[];
  /** dB, over colours and alpha; of what was fitted. */
  psnr?: number;
}

/**
 * Projection into the generator's latent space (Portrait3D §3.2; the encoder in place of the mean latent, photometric
 * loss in place of LPIPS): finds the W+ latent and the camera under which the generator shows the picture, makes the
 * tri-grid, adds what the encoder saw beyond the latent, and fits that to the picture. The latent is held to the
 * encoder's, so that what the picture does not show stays likely.
 */
export const invert: Stage = async (models, context) => {
  const params = stageParamsSchemas().invert.parse(context.params);
  const settings = settingsFor(models.profile.manifest, 'invert', params.quality);
  const fit = settingsFor(models.profile.manifest, 'fit', params.quality);
  const checkpoint = await loadCheckpoint(context.checkpoint);
  const steps = settings.steps + settings.fitSteps;
  context.progress(0, { message: 'encoding the picture', step: checkpoint?.step ?? 0, steps });
  const image = requireInput(context, 'image');
  const imagined = JSON.parse(new TextDecoder().decode(requireInput(context, 'imagined.json'))) as Imagined;
  const picture = await decodePicture(image, settings.size);
  const random = new Random(params.seed).fork('invert');
  const whole = await decodePicture(image);
  // What comes next is opened while the network works.
  const [hidden] = await Promise.all([
    hiddenSideOf(models, image),
    sideViewSession(models),
    ...(checkpoint ? [] : [encoderSession(models)]),
  ]);
  const pose = async (state: LoopState): Promise<PosedPicture> => {
    const seen = { picture: whole, label: cameraOf(models.generator.camera, numbers(state)) };
    if (!hidden) return seen;
    const sides = await sideViewsOf(models, seen, hidden);
    return { ...seen, hidden, ...(sides && { sides }) };
  };
  let front: PosedPicture | undefined;

  let fitted = checkpoint?.phase === 'fit' ? checkpoint : undefined;
  if (!fitted) {
    const latent: Rounds = {
      phase: 'latent',
      steps: settings.steps,
      stepsPerRound: settings.stepsPerRound,
      span: [0.05, 0.5],
      activity: 'inversion',
    };
    const start = startOf(latent.phase, checkpoint, () => new Map());
    if (start.state.size === 0) start.state = await startInversion(models, image, imagined.camera);
    const found = await runRounds(context, latent, start, (state, from, to, tick) =>
      inversionRound(models, settings, picture, random, state, from, to, tick),
    );
    front = await pose(found);
    fitted = {
      phase: 'fit',
      step: 0,
      tensors: await startFit(models, settings, fit.finestSide, found, front, context.signal),
    };
    if (settings.fitSteps > 0) await context.checkpoint.save(encodeCheckpoint(fitted));
  }

  front ??= await pose(fitted.tensors);
  const kept = fitted.tensors.get(GUARDS);
  const guards = kept ? unpackViews(kept) : [];
  const label = cameraOf(models.generator.camera, numbers(fitted.tensors));
  const views: PosedPicture[] = [
    { picture, label },
    ...guards.map((guard, i) => ({ picture: guard, label: guardLabel(models, settings, i) })),
  ];
  const pixels: Rounds = {
    phase: 'fit',
    steps: settings.fitSteps,
    stepsPerRound: fit.stepsPerRound,
    span: [0.5, 0.95],
    activity: 'fit',
  };
  const plan: FitPlan = {
    share: pictureAndGuards,
    random,
    steps: pixels.steps,
    workspace: new Workspace(),
  };
  const state = await runRounds(
    context,
    pixels,
    startOf(pixels.phase, fitted, () => fitted.tensors),
    (state, from, to, tick) => fitRound(models, fit, views, plan, state, from, to, tick),
  );

  const trigrid = averageTrigrid(state);
  const orbit = numbers(state);
  const report: Inversion = { camera: [...label], orbit };
  let preview: Uint8Array | undefined;
  // Where nothing was fitted, to look at the result would take as long as the rest of the stage.
  if (steps > 0) {
    context.progress(0.95, { message: 'looking at the result' });
    const scene = await openScene(models, trigrid, settings.gridPoints);
    const found = await renderView(models, scene, label, settings.size, settings.samples);
    report.psnr = psnr(found, picture);
    preview = await encodePng(found);
  }
  context.progress(1, { message: 'inverted', ...(preview && { preview }) });
  return {
    outputs: {
      trigrid: trigridOutput(trigrid, models.profile.manifest.name),
      pictures: picturesOutput([front]),
      'inversion.json': {
        bytes: new TextEncoder().encode(JSON.stringify(report)),
        contentType: 'application/json',
      },
    },
    metrics: {
      azimuth: orbit[0],
      elevation: orbit[1],
      ...(report.psnr !== undefined && { psnr: report.psnr }),
    },
  };
};

/** One lane fits the picture, the other what guards the tri-grid from elsewhere. */
const pictureAndGuards: ShareViews = (lane, view) => (lane === 0) === (view === 0);

/**
 * The tri-grid of the latent, with what the encoder drew beyond it, as the start of a fit to the picture, and renders
 * of it from all other sides if there is to be one. What it does not show of the picture goes into the tri-grid (pivotal
 * tuning's idea, Roich et al. 2021, with the tri-grid in place of the generator's weights).
 */
async function startFit(
  models: Models,
  settings: Settings,
  finest: number,
  found: LoopState,
  front: PosedPicture,
  signal: AbortSignal,
): Promise<LoopState> {
  const { trigrid: coarse } = await synthesise(models, found.get('ws')!);
  const detail = found.get(DETAIL);
  const trigrid = withFinerLevels(detail ? withFinestLevel(coarse, detail) : coarse, finest);
  const state = startOptimisation(trigrid).set('camera', found.get('camera')!);
  if (settings.fitSteps === 0) return state;
  const scene = await openScene(models, trigrid, settings.gridPoints);
  return state.set(GUARDS, packViews(await guardViews(models, settings, scene, front, signal)));
}

/** The encoder's latent and the camera that the picture was imagined for; moments at zero. */
async function startInversion(
  models: Models,
  image: Uint8Array,
  label: readonly number[],
): Promise<LoopState> {
  const side = models.encoder.imageSize;
  const encoder = await encoderSession(models);
  const input = toVaeImage(await decodePicture(image, side));
  // What comes next is opened while the encoder works.
  const [{ ws, detail }] = await Promise.all([
    encoder.run({ image: hostTensor(input, [1, 4, side, side]) }),
    synthesisSession(models),
  ]);
  const camera = hostTensor(Float32Array.of(...orbitOf(models.generator.camera, label), 0, 0), [
    CAMERA_NUMBERS,
  ]);
  const state: LoopState = new Map();
  if (detail) state.set(DETAIL, detail);
  for (const [name, tensor] of Object.entries({ ws, camera })) {
    const zeros = () => hostTensor(new Float32Array(tensor.data.length), tensor.shape);
    state.set(name, tensor);
    state.set(`anchor.${name}`, tensor);
    state.set(`m.${name}`, zeros());
    state.set(`v.${name}`, zeros());
    state.set(`step.${name}`, hostTensor(Float32Array.of(0), []));
  }
  return state;
}

async function inversionRound(
  models: Models,
  settings: Settings,
  picture: Picture,
  random: Random,
  start: LoopState,
  from: number,
  to: number,
  tick: Tick,
): Promise<LoopState> {
  const count = settings.patches * PATCH * PATCH;
  const { samples, alphaWeight: alpha, lowPassWeight: lowPass } = settings;
  const lanes = await models.lanes(`inversion rays ${count} ${samples} ${alpha} ${lowPass}`, async () =>
    inversionRaysGraph(
      await models.parameters('generator'),
      models.generator,
      { rays: count, samples },
      { alpha, lowPass },
    ),
  );
  const stepper = await models.session('inversion step', async () =>
    inversionStepGraph(await models.parameters('generator'), models.generator),
  );
  // Where to sample is looked up in a density that is as old as the round.
  const { planes: drawn } = await synthesise(models, start.get('ws')!);
  const grid = await bakeDensity(models, drawn, settings.gridPoints);
  let scene: Scene = { planes: drawn, grid, dilated: dilate(grid) };
  let state = start;
  for (let step = from; step < to; step++) {
    const camera = state.get('camera')!;
    const label = cameraOf(models.generator.camera, numbers(state));
    const results = await lanes.run(
      Array.from({ length: LANES }, (_, lane) => {
        const drawn = patchFeeds(
          [{ picture, label }],
          scene,
          settings,
          random.fork(`step ${step} lane ${lane}`),
        );
        const { depths, target, weight } = drawn;
        return {
          planes: scene.planes,
          camera,
          pixels: imagePoints(drawn.pixels, picture.width),
          depths,
          target,
          weight,
        };
      }),
    );
    const warm = Math.min(1, (step + 1) / 5) * rampDown(step / settings.steps);
    const { [DETAIL]: _detail, ...searched } = Object.fromEntries(state);
    const { planes, ...next } = await stepper.run({
      ...searched,
      gradient: meanGradient(results.map((result) => result['gradient'])),
      'gradient.camera': meanGradient(results.map((result) => result['gradient.camera'])),
      'hold.ws': scalar(settings.latentHold),
      'hold.camera': scalar(settings.cameraHold),
      'rate.ws': scalar(settings.latentRate * warm),
      'rate.camera': scalar(settings.cameraRate * warm),
    });
    state = new Map([
      ...state,
      ...Object.entries(next).map(([name, t]) => [name.slice('next.'.length), t] as const),
    ]);
    scene = { ...scene, planes: shared(planes) };
    const last = step === to - 1 && Math.floor(from / settings.stepsPerRound) % PREVIEW_ROUNDS === 0;
    tick(
      step + 1,
      last ? await encodePng(await renderView(models, scene, label, 128, PREVIEW_SAMPLES)) : undefined,
    );
  }
  return state;
}

function encoderSession(models: Models): Promise<Session> {
  return models.session(
    'encoder',
    async () => encodeGraph(await models.parameters('encoder'), models.encoder, models.generator),
    'once',
  );
}

function synthesisSession(models: Models): Promise<Session> {
  return models.session(
    'synthesis',
    async () => synthesisGraph(await models.parameters('generator'), models.generator),
    'once',
  );
}

/** The generator's tri-grid of a latent, and its planes for sampling. */
async function synthesise(
  models: Models,
  ws: HostTensor,
): Promise<{ trigrid: Trigrid; planes: Scene['planes'] }> {
  const session = await synthesisSession(models);
  const found = await session.run({ ws });
  const names = levelSizes(models.generator).map((side) => `trigrids_${side}`);
  return {
    trigrid: { levels: new Map(names.map((name) => [name, found[name]])), ws },
    planes: shared(found['planes']),
  };
}

/** Mean of the lanes' gradients. */
function meanGradient(gradients: readonly HostTensor[]): HostTensor {
  const share = 1 / gradients.length;
  const mean = new Float32Array(gradients[0].data.length);
  for (const { data } of gradients) {
    const values = data as Float32Array;
    for (let i = 0; i < mean.length; i++) mean[i] += share * values[i];
  }
  return hostTensor(mean, gradients[0].shape);
}

const scalar = (value: number): HostTensor => hostTensor(Float32Array.of(value), []);

const numbers = (state: LoopState): number[] => [...(state.get('camera')!.data as Float32Array)];

function cameraOf(camera: CameraConfig, [azimuth, elevation, right, up]: readonly number[]): CameraLabel {
  const [x, y, z] = camera.lookAt;
  return orbitCamera({ ...camera, azimuth, elevation, lookAt: [x + right, y + up, z] });
}

/** Azimuth and elevation in radians of a label's camera about the profile's target. */
function orbitOf({ lookAt }: CameraConfig, label: readonly number[]): [azimuth: number, elevation: number] {
  const [x, y, z] = [3, 7, 11].map((entry, axis) => label[entry] - lookAt[axis]);
  return [Math.atan2(x, z), Math.atan2(y, Math.hypot(x, z))];
}

/** Pixel centres as image points in [0, 1]², `[1, R, 2]`. */
function imagePoints(pixels: Int32Array, size: number): HostTensor {
  const points = new Float32Array(2 * pixels.length);
  pixels.forEach((pixel, i) => {
    points[2 * i] = ((pixel % size) + 0.5) / size;
    points[2 * i + 1] = (Math.floor(pixel / size) + 0.5) / size;
  });
  return hostTensor(points, [1, pixels.length, 2]);
}

/** Peak signal-to-noise ratio in dB over all four channels. */
function psnr(a: Picture, b: Picture): number {
  const error = a.data.reduce((sum, x, i) => sum + (x - b.data[i]) ** 2, 0) / a.data.length;
  return -10 * Math.log10(Math.max(error, 1e-10));
}
