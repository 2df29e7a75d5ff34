import * as z from 'zod';
import { lazily } from './lazily.ts';
import { OUTPUTS, PROFILES, QUALITIES } from './portrait-request.ts';
import { sha256Schema, stageSchema, warningSchema, type Stage } from './stages.ts';

export const PORTRAIT_STATUSES = [
  'queued',
  'imagining',
  'inverting',
  'distilling',
  'refining',
  'rendering',
  'succeeded',
  'failed',
  'cancelled',
  'filtered',
] as const;
export type PortraitStatus = (typeof PORTRAIT_STATUSES)[number];

/** The status a portrait has while a stage works for it. */
export const STATUS_OF_STAGE = {
  imagine: 'imagining',
  invert: 'inverting',
  distill: 'distilling',
  refine: 'refining',
  render: 'rendering',
} as const satisfies Record<Stage, PortraitStatus>;

export const FINAL_STATUSES = ['succeeded', 'failed', 'cancelled', 'filtered'] as const;
export type FinalStatus = (typeof FINAL_STATUSES)[number];

/** Whether nothing will happen to a portrait of this status any more. */
export function isFinal(status: PortraitStatus): status is FinalStatus {
  return (FINAL_STATUSES as readonly string[]).includes(status);
}

export const stageProgressSchema = lazily(() =>
  z
    .object({
      stage: stageSchema(),
      status: z.enum(['pending', 'running', 'done']),
      fraction: z.number().min(0).max(1),
      eta_seconds: z
        .number()
        .min(0)
        .nullable()
        .meta({ description: 'Seconds left in this stage, where known.' }),
    })
    .meta({ id: 'StageProgress' }),
);
export type StageProgress = z.output<ReturnType<typeof stageProgressSchema>>;

export const portraitProgressSchema = lazily(() =>
  z
    .object({
      stage: stageSchema().nullable(),
      fraction: z.number().min(0).max(1).meta({ description: 'Of the whole portrait.' }),
      message: z
        .string()
        .meta({ description: 'One line for people: what happens now, or what is waited for.' }),
      stages: z.array(stageProgressSchema()),
    })
    .meta({ id: 'PortraitProgress' }),
);
export type PortraitProgress = z.output<ReturnType<typeof portraitProgressSchema>>;

export const portraitFileSchema = lazily(() =>
  z
    .object({
      name: z.string(),
      url: z.string(),
      content_type: z.string(),
      size: z.int().min(0),
      sha256: sha256Schema(),
    })
    .meta({ id: 'PortraitFile' }),
);
export type PortraitFile = z.output<ReturnType<typeof portraitFileSchema>>;

export const portraitPreviewSchema = lazily(() =>
  portraitFileSchema().extend({ stage: stageSchema() }).meta({ id: 'PortraitPreview' }),
);
export type PortraitPreview = z.output<ReturnType<typeof portraitPreviewSchema>>;

/** Why a portrait failed or was filtered. `code` is stable. */
export const PORTRAIT_ERROR_CODES = [
  'stage_failed',
  'stage_server_unavailable',
  'stage_rejected',
  'stage_timeout',
  'deadline_exceeded',
  'profile_not_served',
  'content_filtered',
] as const;
export const portraitErrorSchema = lazily(() =>
  z
    .object({
      code: z.enum(PORTRAIT_ERROR_CODES),
      stage: stageSchema().nullable(),
      message: z.string(),
      action: z.string().meta({ description: 'What to do about it.' }),
    })
    .meta({ id: 'PortraitError' }),
);
export type PortraitError = z.output<ReturnType<typeof portraitErrorSchema>>;

export const stageTimingSchema = lazily(() =>
  z
    .object({
      started_at: z.iso.datetime(),
      seconds: z.number().min(0),
      cached: z.boolean().meta({ description: 'Answered from an earlier equal stage.' }),
      metrics: z.record(z.string(), z.union([z.number(), z.string()])),
    })
    .meta({ id: 'StageTiming' }),
);

/** The resource the world sees. Times are RFC 3339 in UTC. */
export const portraitSchema = lazily(() =>
  z
    .object({
      id: z.string().regex(/^prt_[0-9a-z]{24}$/),
      object: z.literal('portrait'),
      mode: z
        .enum(['live', 'test'])
        .meta({ description: 'test: made for a test key, of canned files, and free.' }),
      status: z.enum(PORTRAIT_STATUSES),
      prompt: z.string(),
      negative_prompt: z.string(),
      seed: z.int(),
      quality: z.enum(QUALITIES),
      profile: z.enum(PROFILES),
      candidates: z.int(),
      outputs: z.array(z.enum(OUTPUTS)),
      model: z.string().nullable().meta({ description: 'Digest of the weights, once known.' }),
      progress: portraitProgressSchema(),
      warnings: z.array(warningSchema()),
      files: z.array(portraitFileSchema()),
      previews: z.array(portraitPreviewSchema()),
      error: portraitErrorSchema().nullable(),
      timings: z.partialRecord(stageSchema(), stageTimingSchema()),
      created_at: z.iso.datetime(),
      finished_at: z.iso.datetime().nullable(),
      expires_at: z.iso
        .datetime()
        .nullable()
        .meta({ description: 'When the portrait and its files are deleted; known once it is finished.' }),
    })
    .meta({ id: 'Portrait' }),
);
export type Portrait = z.output<ReturnType<typeof portraitSchema>>;

/** A page of portraits, newest first. Pass `next_cursor` as `cursor` for the next page; null on the last. */
export const portraitListSchema = lazily(() =>
  z
    .object({
      object: z.literal('list'),
      data: z.array(portraitSchema()),
      next_cursor: z.string().nullable(),
    })
    .meta({ id: 'PortraitList' }),
);
export type PortraitList = z.output<ReturnType<typeof portraitListSchema>>;
