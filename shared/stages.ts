import * as z from 'zod';
import { lazily } from './lazily.ts';
import { digestOf } from './canonical.ts';
import {
  DEFAULT_OUTPUTS,
  OUTPUTS,
  QUALITIES,
  SEED_LIMIT,
  type Output,
  type PortraitRequest,
  type Quality,
} from './portrait-request.ts';

/** The five stages, in order. */
export const STAGES = ['imagine', 'invert', 'distill', 'refine', 'render'] as const;
export type Stage = (typeof STAGES)[number];
export const stageSchema = lazily(() => z.enum(STAGES));

/**
 * Version of each stage's algorithm. Raise it whenever the same inputs would give other outputs: it is part of the
 * stage key, so older cached results are no longer found.
 */
export const STAGE_VERSIONS: Record<Stage, number> = {
  imagine: 12,
  invert: 15,
  distill: 9,
  refine: 14,
  render: 14,
};

/** The stages a quality runs, in order. */
export function stagesFor(quality: Quality): readonly Stage[] {
  return quality === 'draft' ? ['imagine', 'invert', 'render'] : STAGES;
}

/** Artifacts a stage reads, by name; each is the newest one of that name that an earlier stage made. */
export const STAGE_INPUTS = {
  imagine: [],
  invert: ['image', 'imagined.json'],
  distill: ['trigrid', 'pictures'],
  refine: ['trigrid', 'pictures'],
  render: ['trigrid', 'pictures'],
} as const satisfies Record<Stage, readonly string[]>;

/** The file the render stage makes for each output; also the artifact's name. */
export const OUTPUT_FILES = {
  front: 'front.png',
  strip: 'strip.png',
  turntable: 'turntable.webp',
  mp4: 'turntable.mp4',
  glb: 'portrait.glb',
  obj: 'portrait.obj.zip',
  ply: 'portrait.ply',
  stl: 'portrait.stl',
  usdz: 'portrait.usdz',
  splat: 'portrait.splat.ply',
  trigrid: 'trigrid.safetensors',
} as const satisfies Record<Output, string>;

/**
 * Artifacts a stage makes, by name. `image` is a PNG with straight alpha, `candidates` and `views` PNG sheets,
 * `trigrid` a safetensors file of the pyramid's levels and the W+ latent, `pictures` one of views with their cameras that are laid
 * over what it shows.
 */
export function stageOutputs(stage: Stage, outputs: readonly Output[] = DEFAULT_OUTPUTS): readonly string[] {
  switch (stage) {
    case 'imagine':
      return ['image', 'candidates', 'imagined.json'];
    case 'invert':
      return ['trigrid', 'pictures', 'inversion.json'];
    case 'distill':
      return ['trigrid', 'pictures'];
    case 'refine':
      return ['trigrid', 'pictures', 'views'];
    case 'render':
      return outputs.map((output) => OUTPUT_FILES[output]);
  }
}

const seed = () => z.int().min(0).max(SEED_LIMIT);
const quality = () => z.enum(QUALITIES);
const guided = () =>
  z.strictObject({ prompt: z.string(), negative_prompt: z.string(), seed: seed(), quality: quality() });

/** A view of a portrait, in whole degrees: yaw from the front toward its left, pitch from the horizon upwards. */
export const viewSchema = lazily(() =>
  z.strictObject({
    yaw: z.int().min(-180).max(180),
    pitch: z.int().min(-45).max(45),
  }),
);
export type View = z.output<ReturnType<typeof viewSchema>>;

/** The file, and the artifact, that the render stage makes of a view. */
export const VIEW_FILE = 'view.png';

/** What each stage is told besides its input artifacts. */
export const stageParamsSchemas = lazily(() => ({
  imagine: guided().extend({ candidates: z.int().min(1).max(8) }),
  invert: z.strictObject({ seed: seed(), quality: quality() }),
  distill: guided(),
  refine: guided(),
  render: z
    .strictObject({ quality: quality(), outputs: z.array(z.enum(OUTPUTS)), view: viewSchema().optional() })
    .refine(({ outputs, view }) => outputs.length > 0 || view, 'outputs is empty, and there is no view'),
}));
export type StageParams<S extends Stage = Stage> = z.output<ReturnType<typeof stageParamsSchemas>[S]>;

/** The params of a stage for a request: a render asked for in other formats shares every stage before it. */
export function stageParams(stage: Stage, request: PortraitRequest): StageParams {
  const { prompt, negative_prompt, seed, quality, candidates, outputs } = request;
  switch (stage) {
    case 'imagine':
      return { prompt, negative_prompt, seed, quality, candidates };
    case 'invert':
      return { seed, quality };
    case 'distill':
    case 'refine':
      return { prompt, negative_prompt, seed, quality };
    case 'render':
      return { quality, outputs: [...outputs] };
  }
}

export const sha256Schema = lazily(() =>
  z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hexadecimal digits (SHA-256)'),
);

/** A stored blob: its name is the SHA-256 of its bytes. */
export const artifactSchema = lazily(() =>
  z
    .object({
      sha256: sha256Schema(),
      size: z.int().min(0).meta({ description: 'Bytes.' }),
      content_type: z.string().min(1),
    })
    .meta({ id: 'Artifact' }),
);
export type Artifact = z.output<ReturnType<typeof artifactSchema>>;

/** Something the caller should know that is no error. */
export const warningSchema = lazily(() =>
  z
    .object({
      code: z.enum(['unknown_words', 'not_drawable', 'nothing_understood', 'prompt_too_long']),
      words: z.array(z.string()).meta({ description: 'Words or phrases of the prompt that have no effect.' }),
      suggestions: z
        .array(z.object({ word: z.string(), nearest: z.string().nullable() }))
        .optional()
        .meta({ description: 'Of unknown words: the nearest that the model knows, or null.' }),
      detail: z.string(),
    })
    .meta({ id: 'Warning' }),
);
export type Warning = z.output<ReturnType<typeof warningSchema>>;

/** Numbers a stage reports about itself (seconds, losses, peak memory in bytes…). */
export const metricsSchema = lazily(() => z.record(z.string(), z.union([z.number(), z.string()])));

/** What a stage leaves behind: the value that the stage cache keeps under the stage key. */
export const stageResultSchema = lazily(() =>
  z.object({
    stage: stageSchema(),
    key: sha256Schema(),
    outputs: z.record(z.string(), artifactSchema()),
    warnings: z.array(warningSchema()),
    metrics: metricsSchema(),
  }),
);
export type StageResult = z.output<ReturnType<typeof stageResultSchema>>;

/** Everything a stage's result is a function of. `inputs` maps an artifact's name to its SHA-256. */
export interface StageIdentity {
  stage: Stage;
  version: number;
  /** Digest of the loaded weights and their profile, as the stage server's health reports it. */
  model: string;
  params: StageParams;
  inputs: Readonly<Record<string, string>>;
}

/** The stage key: SHA-256 of the identity's canonical JSON. Names the run and the cached result. */
export function stageKey({ stage, version, model, params, inputs }: StageIdentity): Promise<string> {
  return digestOf({ stage, version, model, params, inputs });
}
