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
} from '../../shared/index.ts';
import type { Job } from './job.ts';
import { isOver, stageOf } from './machine.ts';

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
  };
}

function statusOf(job: Job): PortraitStatus {
  switch (job.phase.name) {
    case 'succeeded':
    case 'failed':
    case 'cancelled':
    case 'filtered':
      return job.phase.name;
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
      return 'Cancelled.';
    case 'failed':
    case 'filtered':
      return job.error?.message ?? '';
    default:
      return job.note ?? job.progress?.message ?? `Starting ${stageOf(job)}.`;
  }
}

function file(job: Job, name: string, artifact: Artifact): PortraitFile {
  return { name, url: `/v1/portraits/${job.id}/files/${name}`, ...artifact };
}

function filesOf(job: Job): PortraitFile[] {
  const outputs = job.finished.render?.result.outputs ?? {};
  return job.request.outputs.flatMap((output) => {
    const artifact = outputs[OUTPUT_FILES[output]];
    return artifact ? [file(job, OUTPUT_FILES[output], artifact)] : [];
  });
}

/** The newest preview of each stage, and the pictures that finished stages leave. */
function previewsOf(job: Job): PortraitPreview[] {
  return stagesFor(job.request.quality).flatMap((stage) => {
    const newest = (job.previews[stage] ?? []).slice(-1).map((artifact) => preview(job, stage, artifact));
    const outputs = job.finished[stage]?.result.outputs ?? {};
    const sheets = Object.entries(SHEETS[stage] ?? {}).flatMap(([artifact, name]) =>
      outputs[artifact] ? [{ ...file(job, name, outputs[artifact]), stage }] : [],
    );
    return [...newest, ...sheets];
  });
}

function preview(job: Job, stage: Stage, artifact: Artifact): PortraitPreview {
  const kind = artifact.content_type.split('/')[1]?.replace(/[^a-z0-9]/g, '') || 'bin';
  return { ...file(job, `${stage}-${artifact.sha256.slice(0, 12)}.${kind}`, artifact), stage };
}

/** The artifact that a portrait shows, or lately showed, under a file name. */
export function findFile(job: Job, name: string): PortraitFile | null {
  const recent = Object.entries(job.previews).flatMap(([stage, artifacts]) =>
    artifacts.map((artifact) => preview(job, stage as Stage, artifact)),
  );
  return [...filesOf(job), ...previewsOf(job), ...recent].find((shown) => shown.name === name) ?? null;
}
