import {
  stageOutputs,
  stagesFor,
  type PortraitRequest,
  type Run,
  type RunStatus,
} from '../../../shared/index.ts';
import { LOCAL_PRINCIPAL } from '../../accounts/principal.ts';
import type { Job, JobEvent, Model, Terms } from '../job.ts';
import { begin, transition } from '../machine.ts';
import { stageOf, type Step } from '../phases.ts';
import { PATIENCE_MS } from '../retries.ts';

export const request: PortraitRequest = {
  prompt: 'an old man',
  negative_prompt: '',
  seed: 7,
  quality: 'draft',
  profile: 'mini',
  candidates: 4,
  outputs: ['front', 'glb'],
};
export const model: Model = {
  profile: 'mini',
  digest: 'a',
  versions: { imagine: 1, invert: 1, distill: 1, refine: 1, render: 1 },
};
const HOUR_MS = 3_600_000;
export const terms: Terms = {
  owner: LOCAL_PRINCIPAL,
  urgency: 3,
  deadlineMs: 24 * HOUR_MS,
  retentionMs: 720 * HOUR_MS,
  trace: null,
};
const { account, key: apiKey, mode } = LOCAL_PRINCIPAL;
export const charge = { account, key: apiKey, mode, credits: 5 };
export const start = () => begin(id, request, terms, 0).job;
export const id = 'prt_000000000000000000000000';
export const plan = stagesFor(request.quality);
export const keyFor = (job: Job) => `key of ${stageOf(job)} by ${job.model?.digest}`;
const forbidden = {
  code: 'content_filtered',
  stage: null,
  message: 'No.',
  action: 'Describe another.',
} as const;
export const sha256 = 'c'.repeat(64);

export function runOf(job: Job, status: RunStatus, more: Partial<Run> = {}): Run {
  const outputs = stageOutputs(stageOf(job), request.outputs).map((name) => [
    name,
    { sha256, size: 1, content_type: 'image/png' },
  ]);
  return {
    key: keyFor(job),
    stage: stageOf(job),
    status,
    progress: { fraction: 0.5, eta_s: 3, step: 1, steps: 2, message: 'step 1 of 2' },
    outputs: status === 'succeeded' ? Object.fromEntries(outputs) : {},
    warnings: [],
    error: null,
    metrics: {},
    ...more,
  };
}

export const failure = (job: Job, code: NonNullable<Run['error']>['code'], retryable: boolean) =>
  runOf(job, 'failed', { error: { code, retryable, message: 'Out of luck.' } });

/** Every event that the world may bring to a job, some a second later, some after the patience. */
export function possibleEvents(job: Job, now: number): JobEvent[] {
  const key = keyFor(job);
  const events = (at: number): JobEvent[] => [
    { type: 'RESERVED', at, charge },
    { type: 'REFUSED', at, refusal: { code: 'insufficient_credits', detail: 'No.', headers: {} } },
    { type: 'FORBIDDEN', at, key: null, error: forbidden },
    { type: 'FORBIDDEN', at, key, error: forbidden },
    { type: 'MODEL_READY', at, model },
    { type: 'MODEL_READY', at, model: { ...model, digest: 'b' } },
    { type: 'MODEL_READY', at, model: { ...model, profile: 'other' } },
    { type: 'CACHE_HIT', at, result: { ...runOf(job, 'succeeded'), stage: stageOf(job) } },
    { type: 'KEYED', at, stage: stageOf(job), key },
    { type: 'CACHE_MISS', at, key },
    { type: 'SLOT_GRANTED', at, stage: stageOf(job) },
    { type: 'SLOT_QUEUED', at, stage: stageOf(job), ahead: 2 },
    { type: 'SLOT_WAIT_ELAPSED', at },
    { type: 'HEARD', at, run: runOf(job, 'queued') },
    { type: 'HEARD', at, run: runOf(job, 'running') },
    { type: 'HEARD', at, run: runOf(job, 'succeeded') },
    { type: 'HEARD', at, run: runOf(job, 'succeeded', { outputs: {} }) },
    { type: 'HEARD', at, run: runOf(job, 'cancelled') },
    { type: 'HEARD', at, run: failure(job, 'worker_crashed', true) },
    { type: 'HEARD', at, run: failure(job, 'internal', false) },
    { type: 'HEARD', at, run: failure(job, 'deadline_exceeded', false) },
    { type: 'HEARD', at, run: failure(job, 'content_filtered', false) },
    { type: 'RUN_UNKNOWN', at, key },
    { type: 'SERVER_FULL', at, key, retryAfter: 2 },
    { type: 'MODEL_MISMATCH', at, key },
    { type: 'REJECTED', at, key, message: 'The key is wrong.' },
    { type: 'UNAVAILABLE', at, key, message: 'away' },
    { type: 'UNAVAILABLE', at, key: null, message: 'away' },
    { type: 'RECORDED', at, key },
    { type: 'OUTPUTS_MISSING', at, key, names: ['image'] },
    { type: 'LEASE_EXPIRED', at },
    { type: 'BACKOFF_ELAPSED', at },
    { type: 'DEADLINE_PASSED', at },
    { type: 'CANCEL', at },
    { type: 'HOLD', at, key: 'a view' },
    { type: 'DELETE', at },
  ];
  return [...events(now + 1_000), ...events(now + PATIENCE_MS + 1_000)];
}

/** What makes two states the same for the walk: times count only as whether patience has begun. */
export const signature = (job: Job) =>
  JSON.stringify([
    job.phase.name,
    'resume' in job.phase && [job.phase.resume, job.phase.key],
    job.stageIndex,
    job.model?.digest,
    job.troubleSince !== null,
    job.workingSince !== null,
    Math.min(job.failuresInAll, 1),
    job.slot,
    job.charge !== null,
    Object.keys(job.finished),
    job.error?.code,
  ]);

/** Every state that can be reached, each with the step that led there. */
export function walk(): { steps: { before: Job; event: JobEvent; step: Step }[]; states: Job[] } {
  const first = start();
  const seen = new Map([[signature(first), first]]);
  const steps: { before: Job; event: JobEvent; step: Step }[] = [];
  for (const job of seen.values()) {
    const now = Math.max(job.stageStartedAt, job.troubleSince ?? 0);
    for (const event of possibleEvents(job, now)) {
      const step = transition(job, event);
      steps.push({ before: job, event, step });
      if (!seen.has(signature(step.job))) seen.set(signature(step.job), step.job);
    }
  }
  return { steps, states: [...seen.values()] };
}
