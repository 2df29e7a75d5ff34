import * as z from 'zod';
import { lazily } from './lazily.ts';
import { artifactSchema, metricsSchema, sha256Schema, stageSchema, warningSchema } from './stages.ts';

/** Longest `?wait=` of `GET /runs/{key}`, in seconds. */
export const RUN_WAIT_LIMIT_S = 60;

/** A running or queued run calls back at least this often, changed or not: it is the heartbeat that holds the lease. */
export const HEARTBEAT_MS = 2_000;

/** Holds the SHA-256 of a checkpoint, in lower-case hexadecimal digits, where one is sent. */
export const CHECKPOINT_DIGEST_HEADER = 'checkpoint-sha256';

/** Body of `PUT /runs/{key}`; `key` is the stage key of {stage, version, model.digest, params, input digests}. */
export const startRunSchema = lazily(() =>
  z
    .object({
      stage: stageSchema(),
      version: z.int().min(1),
      model: z.object({ profile: z.string(), digest: z.string() }),
      /** Checked against the stage's own schema (stageParamsSchemas). */
      params: z.record(z.string(), z.unknown()),
      /** Where to fetch each input (a plain GET); its bytes must hash to `sha256`. */
      inputs: z.record(z.string(), z.object({ sha256: sha256Schema(), url: z.url() })),
      /**
       * Where outputs and previews go: replace `{sha256}` by the digest of the bytes and PUT them there with Content-Type
       * and Content-Length. Any 2xx means stored (or there already).
       */
      upload: z.object({ url_template: z.string().includes('{sha256}') }),
      /** Where the run resource is POSTed, signed with `secret` (see signature.ts). */
      callback: z.object({ url: z.url(), secret: z.string().min(16) }).optional(),
      /**
       * Where a server that has to stop PUTs the run's checkpoint, and the server that goes on GETs it (404: there is none),
       * with its SHA-256 in the header {@link CHECKPOINT_DIGEST_HEADER}.
       */
      checkpoint: z.url().optional(),
      /** W3C Trace Context of the owner's span of this stage: the spans of the run are below it. */
      traceparent: z.string().optional(),
      /** Who wants this run. A run is given up only when its last owner cancels it. */
      owner: z.string().min(1),
      /** Seconds of work after which the run fails with `deadline_exceeded`. */
      deadline_s: z.number().positive(),
    })
    .meta({ id: 'StartRun' }),
);
export type StartRun = z.output<ReturnType<typeof startRunSchema>>;

export const RUN_STATUSES = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

export const runProgressSchema = lazily(() =>
  z.object({
    fraction: z.number().min(0).max(1),
    /** Seconds left, where known. */
    eta_s: z.number().min(0).nullable(),
    step: z.int().min(0),
    steps: z.int().min(0),
    /** One line for people, such as "projection step 40 of 120". */
    message: z.string(),
    /** The newest preview picture, uploaded already. */
    preview: artifactSchema().optional(),
  }),
);
export type RunProgress = z.output<ReturnType<typeof runProgressSchema>>;

/**
 * Why a run failed. `content_filtered` ends the portrait as `filtered`; with `retryable` the same run may be PUT again
 * and goes on from its checkpoint.
 */
export const RUN_ERROR_CODES = [
  'content_filtered',
  'deadline_exceeded',
  'input_unavailable',
  'upload_failed',
  'invalid_params',
  'out_of_memory',
  'worker_crashed',
  'internal',
] as const;
export const runErrorSchema = lazily(() =>
  z.object({
    code: z.enum(RUN_ERROR_CODES),
    retryable: z.boolean(),
    message: z.string(),
  }),
);
export type RunError = z.output<ReturnType<typeof runErrorSchema>>;

/** The run resource: answer of PUT and GET `/runs/{key}`, and body of a callback. */
export const runSchema = lazily(() =>
  z
    .object({
      key: sha256Schema(),
      stage: stageSchema(),
      status: z.enum(RUN_STATUSES),
      progress: runProgressSchema(),
      /** Complete when succeeded, empty before. Every one is uploaded before the status says succeeded. */
      outputs: z.record(z.string(), artifactSchema()),
      warnings: z.array(warningSchema()),
      error: runErrorSchema().nullable(),
      metrics: metricsSchema(),
    })
    .meta({ id: 'Run' }),
);
export type Run = z.output<ReturnType<typeof runSchema>>;

export const HEALTH_STATUSES = ['STARTING', 'READY', 'BUSY', 'DRAINING', 'SETUP_FAILED'] as const;

/** Answer of `GET /health` of a stage server (always 200 while it can answer at all). */
export const healthSchema = lazily(() =>
  z
    .object({
      status: z.enum(HEALTH_STATUSES),
      profile: z.string(),
      /** onnxruntime execution provider: cpu, cuda. */
      provider: z.string(),
      /** Digest of profile and weights: the `model` of the stage keys. Empty until the weights are read. */
      digest: z.string(),
      /** Stages this server runs, with the version of each. */
      stages: z.partialRecord(stageSchema(), z.int().min(1)),
      /** Version of the server's software. */
      version: z.string(),
      /** What is wrong and what to do about it, for SETUP_FAILED. */
      message: z.string().optional(),
    })
    .meta({ id: 'StageServerHealth' }),
);
export type Health = z.output<ReturnType<typeof healthSchema>>;

/** Codes of the stage server's own problem+json answers. */
export const RUN_PROBLEMS = {
  /** 409 + Retry-After: every slot is taken. */
  server_full: 409,
  /** 409: the loaded weights are not those of `model.digest`; ask /health again. */
  model_mismatch: 409,
  /** 503 + Retry-After: the weights are still being read, or could not be. */
  not_ready: 503,
  /** 400: the body does not fit this protocol, or the key does not fit the body. */
  invalid_run: 400,
  /** 401: the bearer token is missing or wrong. */
  unauthorized: 401,
  /** 404: no run of this key; PUT it. */
  run_not_found: 404,
} as const;
export type RunProblemCode = keyof typeof RUN_PROBLEMS;
