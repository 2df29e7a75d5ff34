import { stageOutputs, type Run } from '../../shared/index.ts';
import { fail, stageTimeout } from './endings.ts';
import type { Job, Preview } from './job.ts';
import { stageOf, type Step } from './phases.ts';
import { backOff, failedRun, retry } from './retries.ts';

/** A run that has not been heard of for this long is asked for. */
export const LEASE_MS = 3_000;
/** Test portraits have no callbacks: their runs are asked for as often as people like to see a bar move. */
export const TEST_LEASE_MS = 300;
/** Seconds of work a stage may take. */
export const STAGE_DEADLINE_S = 2 * 60 * 60;
/** Previews kept of each stage. */
const PREVIEW_LIMIT = 8;

/** What becomes of a job that hears of its run: by an answer, or by a callback. */
export function hear(job: Job, run: Run, at: number, answer: boolean): Step {
  const { phase } = job;
  const unchanged = { job, effects: [] };
  // A callback and a poll may both bring the same end; once it is answered, a callback of it is of the try before.
  const old = phase.name === 'waiting' || (phase.name === 'dispatching' && !answer);
  if (phase.name === 'recording' || phase.name === 'looking_up' || phase.name === 'queueing')
    return unchanged;
  switch (run.status) {
    case 'queued':
    case 'running':
      return sawWork(job, run, at);
    case 'succeeded':
      return sawSuccess(job, run, at);
    case 'failed':
      return old ? unchanged : failedRun(job, at, run.key, run.error);
    case 'cancelled':
      if (old) return unchanged;
      return backOff(
        job,
        at,
        'dispatching',
        'The run was cancelled on the stage server: starting it again.',
        run.key,
      );
  }
}

function sawSuccess(job: Job, { key, outputs, warnings, metrics }: Run, at: number): Step {
  const result = { stage: stageOf(job), key, outputs, warnings, metrics };
  const missing = stageOutputs(result.stage, job.request.outputs).filter((name) => !outputs[name]);
  const recording: Job = { ...job, phase: { name: 'recording', key, result }, note: null, warnings };
  if (missing.length > 0) return outputsMissing(recording, at, key, missing);
  return { job: recording, effects: [{ type: 'record', result }] };
}

/** A run that succeeded without all of its outputs is forgotten on the stage server and done again. */
export function outputsMissing(job: Job, at: number, key: string, names: readonly string[]): Step {
  const step = retry(job, at, key, 'outputs_missing', `The stage left out ${names.join(', ')}.`);
  return { ...step, effects: [{ type: 'release', key }, ...step.effects] };
}

function sawWork(job: Job, run: Run, at: number): Step {
  const stage = stageOf(job);
  const working = run.status === 'running';
  const workingSince = job.workingSince ?? (working ? at : null);
  const leaseUntil = at + (job.owner.mode === 'test' ? TEST_LEASE_MS : LEASE_MS);
  const heard: Job = { ...job, phase: { name: 'running', key: run.key, leaseUntil } };
  if (workingSince !== null && at - workingSince > (STAGE_DEADLINE_S + 60) * 1000)
    return fail(heard, at, stageTimeout(stage, `The stage took longer than ${STAGE_DEADLINE_S} seconds.`));
  const advanced = working && run.progress.fraction > job.reached;
  const wentForward = !working || advanced;
  return {
    job: {
      ...heard,
      workingSince,
      progress: run.progress,
      reached: Math.max(job.reached, run.progress.fraction),
      note: working ? null : 'Waiting in the queue of the stage server.',
      troubleSince: wentForward ? null : job.troubleSince,
      backoffs: wentForward ? 0 : job.backoffs,
      // Failures count as of the same thing while nothing goes beyond where they happened.
      failures: advanced ? {} : job.failures,
      warnings: run.warnings,
      previews: { ...job.previews, [stage]: withPreview(job.previews[stage] ?? [], run) },
    },
    effects: [],
  };
}

function withPreview(shown: readonly Preview[], { key, progress: { preview } }: Run): Preview[] {
  if (!preview || shown.some(({ sha256 }) => sha256 === preview.sha256)) return [...shown];
  return [...shown, { ...preview, run: key }].slice(-PREVIEW_LIMIT);
}
