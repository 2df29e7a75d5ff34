import * as z from 'zod';
import type { Quality } from '../../shared/index.ts';
import { PICTURE_CHECKS } from './imagine/picture-check.ts';
import type { ProfileManifest } from '../weights/index.ts';

/**
 * What the stages do at each quality. The defaults are those of the bundled profile; a profile's manifest may say
 * otherwise, stage by stage: `stages.<stage>` for every quality and `stages.<stage>.<quality>` for one.
 */
const schemas = {
  imagine: z.object({
    samplerSteps: z.int().min(2),
    guidance: z.number(),
    /** Pictures drawn for each candidate that is kept. */
    draws: z.int().min(1),
    /** Pictures drawn in one batch, at most: the more, the less each takes, of time, and the more memory they take together. */
    drawnTogether: z.int().min(1),
    /** Steps in which the picture's details are drawn again, where the profile has a network for that. */
    restoreSteps: z.int().min(1),
    /** Timesteps at which the denoiser is asked how well a candidate fits the text. */
    scoreTimesteps: z.array(z.int().min(0)),
    /** Azimuth and elevation of the camera that the front view is seen from, degrees. */
    azimuth: z.number(),
    elevation: z.number(),
    /** How drawings are checked before more is spent on them. */
    pictureCheck: z.enum(PICTURE_CHECKS),
  }),
  invert: z.object({
    steps: z.int().min(0),
    stepsPerRound: z.int().min(1),
    gridPoints: z.int().min(16),
    /** Side of the picture that is fitted. */
    size: z.int().min(16),
    /** 4×4 patches of each lane in one step. */
    patches: z.int().min(1),
    samples: z.int().min(8),
    /** Of these, samples spread over the whole box. */
    spreadSamples: z.int().min(1),
    latentRate: z.number(),
    cameraRate: z.number(),
    /** Weight of the mean squared distance to the encoder's latent, which keeps the unseen sides plausible. */
    latentHold: z.number(),
    cameraHold: z.number(),
    alphaWeight: z.number(),
    lowPassWeight: z.number(),
    /** Steps in which the tri-grid itself is fitted to the picture, and views, with their side, that keep it as it was from elsewhere. */
    fitSteps: z.int().min(0),
    guardViews: z.int().min(1),
    guardSize: z.int().min(16),
  }),
  /** Fitting of a tri-grid to pictures, in `invert` and in `refine`. */
  fit: z.object({
    /** Side of the finest level; a coarser generator's tri-grid gets more levels for what is fitted. */
    finestSide: z.int().min(8),
    stepsPerRound: z.int().min(1),
    gridPoints: z.int().min(16),
    patches: z.int().min(1),
    samples: z.int().min(8),
    spreadSamples: z.int().min(1),
    alphaWeight: z.number(),
    lowPassWeight: z.number(),
    rate: z.number(),
    levelRatios: z.array(z.number()),
    emaDecay: z.number(),
  }),
  distill: z.object({
    /** Points along the height of the density grid that rays are planned with. */
    gridPoints: z.int().min(16),
    steps: z.int().min(0),
    stepsPerRound: z.int().min(1),
    /** Side of the rendered views. */
    size: z.int().min(8),
    samples: z.int().min(4),
    guidance: z.number(),
    timesteps: z.tuple([z.int().min(0), z.int().min(1)]),
    /** Adan's base rate, and the ratio of each level from the coarsest to the finest. */
    rate: z.number(),
    levelRatios: z.array(z.number()),
    entropyWeight: z.number(),
    /** How often views are drawn that the imagined picture shows, against 1 of those from behind. */
    frontShare: z.number(),
    emaDecay: z.number(),
    /** Degrees above the horizon. */
    elevations: z.tuple([z.number(), z.number()]),
  }),
  refine: z.object({
    views: z.int().min(1),
    /** Degrees above the horizon, in turn. */
    elevations: z.array(z.number()).min(1),
    /** Timestep up to which a view is noised: how much of it may change. */
    startTimestep: z.int().min(1),
    /** Radius in pixels of the binomial blur of what was redrawn: less of the autoencoder's texture. */
    editBlur: z.int().min(0),
    /** Steps over the whole schedule, of which those up to the start are run. */
    samplerSteps: z.int().min(1),
    guidance: z.number(),
    steps: z.int().min(0),
    /** Azimuth and elevation in degrees of the views over which details are drawn, those that count most first; and the steps of each. */
    detailViews: z.array(z.tuple([z.number(), z.number()])),
    restoreSteps: z.int().min(1),
    /** What the noise is multiplied by that details start from: in full they have strokes and stains that nobody asked for. */
    detailTemperature: z.number().min(0).max(1),
    /** Adan's rate in place of `fit.rate`: redrawn views differ little from what is there, and larger steps leave their own noise. */
    rate: z.number(),
  }),
  render: z.object({
    /** Points along the height of the density grid; voxels are three times as fine. */
    gridPoints: z.int().min(16),
    frontSize: z.int().min(16),
    stripSize: z.int().min(16),
    /** Even: H.264 halves the resolution of colours. */
    turntableSize: z.int().min(16).multipleOf(2),
    /** Frames of one turn, 30 a second. Those of a multiple of eight hold a strip of the same size. */
    turntableFrames: z.int().min(2),
    /** Triangles of the simplified mesh, about, and side of its texture in texels. */
    meshTriangles: z.int().min(100),
    textureSize: z.int().min(16),
    metresPerUnit: z.number().positive(),
  }),
} as const;

export type StageSettings = { [S in keyof typeof schemas]: z.output<(typeof schemas)[S]> };

const DEFAULTS: StageSettings = {
  imagine: {
    samplerSteps: 16,
    guidance: 3,
    draws: 4,
    drawnTogether: 20,
    restoreSteps: 12,
    scoreTimesteps: [100, 200, 300, 400, 500, 600, 700, 800],
    azimuth: 0,
    elevation: 0,
    pictureCheck: 'bare-skin',
  },
  invert: {
    // The bundled encoder draws what the latent lacks, for the latent that it gives.
    steps: 0,
    stepsPerRound: 6,
    gridPoints: 49,
    size: 128,
    patches: 48,
    samples: 24,
    spreadSamples: 6,
    latentRate: 0.01,
    cameraRate: 0.004,
    latentHold: 0.3,
    cameraHold: 0.3,
    alphaWeight: 0.5,
    lowPassWeight: 1,
    fitSteps: 48,
    guardViews: 7,
    guardSize: 128,
  },
  fit: {
    finestSide: 128,
    stepsPerRound: 8,
    gridPoints: 65,
    patches: 64,
    samples: 18,
    spreadSamples: 4,
    alphaWeight: 2,
    lowPassWeight: 1,
    rate: 0.02,
    levelRatios: [1],
    emaDecay: 0.8,
  },
  distill: {
    gridPoints: 65,
    steps: 56,
    stepsPerRound: 8,
    size: 64,
    samples: 16,
    guidance: 6,
    timesteps: [20, 400],
    rate: 0.002,
    levelRatios: [1],
    entropyWeight: 1e-3,
    frontShare: 0.1,
    emaDecay: 0.95,
    elevations: [-15, 30],
  },
  refine: {
    views: 10,
    elevations: [0, 15, -8],
    startTimestep: 400,
    editBlur: 4,
    samplerSteps: 25,
    guidance: 6,
    steps: 64,
    rate: 0.006,
    detailViews: [
      [90, 0],
      [-90, 0],
      [180, 15],
    ],
    restoreSteps: 8,
    detailTemperature: 0.7,
  },
  render: {
    gridPoints: 65,
    frontSize: 512,
    stripSize: 256,
    turntableSize: 256,
    turntableFrames: 120,
    meshTriangles: 12_000,
    textureSize: 1024,
    metresPerUnit: 0.52,
  },
};

const BY_QUALITY: { [S in keyof StageSettings]?: Partial<Record<Quality, Partial<StageSettings[S]>>> } = {
  imagine: { draft: { samplerSteps: 12, restoreSteps: 8 }, high: { samplerSteps: 30, draws: 5 } },
  // A draft is what the encoder sees; it has learned to see through the smudges of drawings, which a fit would bring back.
  invert: { draft: { fitSteps: 0 }, high: { fitSteps: 140 } },
  distill: { high: { steps: 168 } },
  refine: { high: { views: 21, elevations: [0, -15, 20], steps: 240 } },
  render: {
    draft: { gridPoints: 57, turntableFrames: 80, meshTriangles: 6_000 },
    high: { turntableFrames: 150, turntableSize: 320, meshTriangles: 20_000 },
  },
};

/** Settings of a stage for a profile and quality. @throws Error when the manifest's settings are not valid. */
export function settingsFor<S extends keyof StageSettings>(
  manifest: Pick<ProfileManifest, 'name' | 'stages'>,
  stage: S,
  quality: Quality,
): StageSettings[S] {
  const own = manifest.stages[stage] ?? {};
  const merged = {
    ...DEFAULTS[stage],
    ...BY_QUALITY[stage]?.[quality],
    ...own,
    ...(own[quality] as object | undefined),
  };
  const parsed = schemas[stage].safeParse(merged);
  if (!parsed.success) {
    throw new Error(
      `the settings of the stage ${stage} in the profile '${manifest.name}' are not valid: ${z.prettifyError(parsed.error)}`,
    );
  }
  return parsed.data as StageSettings[S];
}
