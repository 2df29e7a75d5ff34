import {
  OUTPUT_FILES,
  stagesFor,
  STATUS_OF_STAGE,
  type Artifact,
  type Portrait,
  type PortraitFile,
  type PortraitPreview,
  type PortraitProgress,
  type PortraitStatus,
  type Stage,
  type StageResult,
} from '../../shared/index.ts';
import type { Job, Preview } from './job.ts';
import { isOver, stageOf } from './phases.ts';

/** Rough share of each stage in the whole, for the bar of the whole portrait. */
const WEIGHTS: Record<Stage, number> = { imagine: 1, invert: 3, distill: 4, refine: 3, render: 1 };

/** Pictures that a finished stage leaves beside its work. */
const SHEETS: Partial<Record<Stage, Record<string, string>>> = {
  imagine: { image: 'image.png', candidates: 'candidates.png' },
  refine: { views: 'views.png' },
};

const iso = (ms: number) => new Date(ms).toISOString();

/** The public resource of a job. */
export function toPortrait(job: Job): Portrait {
  const { request } = job;
  return {
    id: job.id,
    object: 'portrait',
    mode: job.owner.mode,
    status: statusOf(job),
    prompt: request.prompt,
    negative_prompt: request.negative_prompt,
    seed: request.seed,
    quality: request.quality,
    profile: request.profile,
    candidates: request.candidates,
    outputs: request.outputs,
    model: job.model?.digest ?? null,
    progress: progressOf(job),
    warnings: [...Object.values(job.finished).flatMap(({ result }) => result.warnings), ...job.warnings],
    files: filesOf(job),
    previews: previewsOf(job),
    error: job.error,
    timings: Object.fromEntries(
      Object.entries(job.finished).map(([stage, { startedAt, finishedAt, cached, result }]) => [
        stage,
        {
          started_at: iso(startedAt),
          seconds: (finishedAt - startedAt) / 1000,
          cached,
          metrics: result.metrics,
        },
      ]),
    ),
    created_at: iso(job.createdAt),
    finished_at: job.finishedAt === null ? null : iso(job.finishedAt),
    expires_at: job.expiresAt === null ? null : iso(job.expiresAt),
  };
}

function statusOf(job: Job): PortraitStatus {
  switch (job.phase.name) {
    case 'succeeded':
    case 'failed':
    case 'cancelled':
    case 'filtered':
      return job.phase.name;
    case 'refused':
    case 'deleted':
      return 'cancelled';
    default:
      // Queued until the first stage is known to be worked on.
      return job.stageIndex === 0 && job.workingSince === null ? 'queued' : STATUS_OF_STAGE[stageOf(job)];
  }
}

function progressOf(job: Job): PortraitProgress {
  const plan = stagesFor(job.request.quality);
  const stages = plan.map((stage, index) => {
    if (job.finished[stage]) return { stage, status: 'done' as const, fraction: 1, eta_seconds: 0 };
    if (index !== job.stageIndex || job.workingSince === null)
      return { stage, status: 'pending' as const, fraction: 0, eta_seconds: null };
    return {
      stage,
      status: 'running' as const,
      fraction: job.reached,
      eta_seconds: job.progress?.eta_s ?? null,
    };
  });
  const whole = plan.reduce((sum, stage) => sum + WEIGHTS[stage], 0);
  const done = stages.reduce((sum, { stage, fraction }) => sum + WEIGHTS[stage] * fraction, 0);
  return {
    stage: isOver(job) && job.phase.name === 'succeeded' ? null : stageOf(job),
    fraction: done / whole,
    message: messageOf(job),
    stages,
  };
}

function messageOf(job: Job): string {
  switch (job.phase.name) {
    case 'succeeded':
      return 'Done.';
    case 'cancelled':
    case 'refused':
    case 'deleted':
      return 'Cancelled.';
    case 'failed':
    case 'filtered':
      return job.error?.message ?? '';
    default:
      return job.note ?? job.progress?.message ?? `Starting ${stageOf(job)}.`;
  }
}

/** A file of a portrait, and the run that made it. */
export interface StoredFile {
  name: string;
  artifact: Artifact;
  run: string;
}

function toFile(job: Job, { name, artifact }: StoredFile): PortraitFile {
  const { sha256, size, content_type } = artifact;
  return { name, url: `/v1/portraits/${job.id}/files/${name}`, sha256, size, content_type };
}

/** What a stage that is not finished has made. */
const NOTHING: Pick<StageResult, 'key' | 'outputs'> = { key: '', outputs: {} };

function storedFiles(job: Job): StoredFile[] {
  const { key: run, outputs } = job.finished.render?.result ?? NOTHING;
  return job.request.outputs.flatMap((output) => {
    const name = OUTPUT_FILES[output];
    const artifact = outputs[name];
    return artifact ? [{ name, artifact, run }] : [];
  });
}

const filesOf = (job: Job): PortraitFile[] => storedFiles(job).map((file) => toFile(job, file));

/** The newest preview of each stage, and the pictures that finished stages leave. */
function storedPreviews(job: Job): (StoredFile & { stage: Stage })[] {
  // What is not allowed is not shown; its artifacts are let go of.
  if (job.phase.name === 'filtered') return [];
  return stagesFor(job.request.quality).flatMap((stage) => {
    const newest = (job.previews[stage] ?? []).slice(-1).map((preview) => storedPreview(stage, preview));
    const { key: run, outputs } = job.finished[stage]?.result ?? NOTHING;
    const sheets = Object.entries(SHEETS[stage] ?? {}).flatMap(([output, name]) => {
      const artifact = outputs[output];
      return artifact ? [{ name, artifact, run, stage }] : [];
    });
    return [...newest, ...sheets];
  });
}

const previewsOf = (job: Job): PortraitPreview[] =>
  storedPreviews(job).map((file) => ({ ...toFile(job, file), stage: file.stage }));

function storedPreview(stage: Stage, { run, ...artifact }: Preview): StoredFile & { stage: Stage } {
  const kind = artifact.content_type.split('/')[1]?.replace(/[^a-z0-9]/g, '') || 'bin';
  return { name: `${stage}-${artifact.sha256.slice(0, 12)}.${kind}`, artifact, run, stage };
}

/** The artifact that a portrait shows, or lately showed, under a file name. */
export function findFile(job: Job, name: string): StoredFile | null {
  const recent = Object.entries(job.previews).flatMap(([stage, previews]) =>
    previews.map((preview) => storedPreview(stage as Stage, preview)),
  );
  return [...storedFiles(job), ...storedPreviews(job), ...recent].find((file) => file.name === name) ?? null;
}
