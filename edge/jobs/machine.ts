import {
  stageOutputs,
  stagesFor,
  type PortraitError,
  type PortraitRequest,
  type Run,
  type Stage,
} from '../../shared/index.ts';
import type { Effect, FinishedStage, Job, JobEvent, Model, Phase, Resumable } from './job.ts';

/** A run that has not been heard of for this long is asked for. */
export const LEASE_MS = 3_000;
/** Trouble without any progress in between is borne this long. */
export const PATIENCE_MS = 30 * 60_000;
/** Retryable failures of one stage that are borne. */
export const FAILURE_LIMIT = 5;
/** Seconds of work a stage may take. */
export const DEADLINE_S = 2 * 60 * 60;
/** Previews kept of each stage. */
const PREVIEW_LIMIT = 8;

const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 10_000;

/** The next state, and what to do about it. The caller stores both in one transaction. */
export interface Step {
  job: Job;
  effects: Effect[];
}

/** The stage at work (the last one, once all are done). */
export function stageOf(job: Job): Stage {
  const plan = stagesFor(job.request.quality);
  return plan[Math.min(job.stageIndex, plan.length - 1)]!;
}

/** Whether the job is over. */
export function isOver(job: Job): boolean {
  return !isActive(job.phase);
}

function isActive(phase: Phase): boolean {
  return !['succeeded', 'failed', 'cancelled', 'filtered'].includes(phase.name);
}

/** When the alarm has to wake the job, in milliseconds since 1970; null for never. */
export function wakeAt(job: Job): number | null {
  if (job.phase.name === 'running') return job.phase.leaseUntil;
  if (job.phase.name === 'waiting') return job.phase.until;
  return null;
}

/** The event that is due at `at`, if any. */
export function dueEvent(job: Job, at: number): JobEvent | null {
  const due = wakeAt(job);
  if (due === null || due > at) return null;
  return { at, type: job.phase.name === 'running' ? 'LEASE_EXPIRED' : 'BACKOFF_ELAPSED' };
}

const freshStage = {
  workingSince: null,
  progress: null,
  reached: 0,
  note: null,
  troubleSince: null,
  backoffs: 0,
  failures: 0,
  warnings: [],
};

/** The first step of a job: find out which weights are loaded. */
export function begin(id: string, request: PortraitRequest, at: number): Step {
  const job: Job = {
    ...freshStage,
    id,
    request,
    createdAt: at,
    finishedAt: null,
    phase: { name: 'resolving' },
    model: null,
    stageIndex: 0,
    stageStartedAt: at,
    finished: {},
    previews: {},
    error: null,
  };
  return { job, effects: [{ type: 'ask_health' }] };
}

/** A job whose every stage has been done before, by an equal request with equal weights: it is born succeeded. */
export function beginFinished(
  id: string,
  request: PortraitRequest,
  model: Model,
  results: readonly FinishedStage['result'][],
  at: number,
): Step {
  const { job } = begin(id, request, at);
  const finished = results.map((result) => [
    result.stage,
    { result, startedAt: at, finishedAt: at, cached: true },
  ]);
  return {
    job: {
      ...job,
      model,
      stageIndex: results.length,
      finished: Object.fromEntries(finished),
      phase: { name: 'succeeded' },
      finishedAt: at,
    },
    effects: [],
  };
}

/**
 * The job as a pure state machine: what a state becomes by an event, and what is to be done then. An event that does
 * not concern the present phase (late, doubled, of another run) changes nothing.
 */
export function transition(job: Job, event: JobEvent): Step {
  const { phase } = job;
  const unchanged = { job, effects: [] };
  if (!isActive(phase)) return unchanged;
  const key = 'key' in phase ? phase.key : null;

  switch (event.type) {
    case 'CANCEL':
      return end(job, event.at, 'cancelled', null, phase.name === 'recording' ? null : key);

    case 'MODEL_READY':
      return phase.name === 'resolving' ? useModel(job, event.model, event.at) : unchanged;

    case 'CACHE_HIT':
      if (phase.name !== 'looking_up' || event.result.stage !== stageOf(job)) return unchanged;
      return finishStage(job, {
        result: event.result,
        startedAt: job.stageStartedAt,
        finishedAt: event.at,
        cached: true,
      });

    case 'CACHE_MISS':
      if (phase.name !== 'looking_up' || event.stage !== stageOf(job)) return unchanged;
      return dispatch(job, event.key);

    case 'HEARD':
      return event.run.key === key ? hear(job, event.run, event.at) : unchanged;

    case 'RUN_UNKNOWN':
      if (phase.name !== 'asking' || event.key !== key) return unchanged;
      return (
        losePatience(job, event.at, 'The run was lost with its stage server.') ??
        dispatch(troubled(job, event.at), key)
      );

    case 'SERVER_FULL':
      if (phase.name !== 'dispatching' || event.key !== key) return unchanged;
      return {
        job: {
          ...job,
          phase: {
            name: 'waiting',
            resume: 'dispatching',
            key,
            until: event.at + 1000 * Math.min(Math.max(event.retryAfter, 1), 60),
          },
          note: 'The stage server is busy: waiting for a free place.',
          troubleSince: null,
        },
        effects: [],
      };

    case 'MODEL_MISMATCH':
      if (phase.name !== 'dispatching' || event.key !== key) return unchanged;
      return backOff(
        job,
        event.at,
        'resolving',
        'The stage server has loaded other weights: asking which.',
        null,
      );

    case 'REJECTED':
      if (phase.name !== 'dispatching' || event.key !== key) return unchanged;
      return fail(job, event.at, {
        code: 'stage_rejected',
        message: `The stage server refused the run: ${event.message}`,
        action: 'Tell the operator of this service: edge and stage server do not fit together.',
      });

    case 'UNAVAILABLE':
      if (phase.name !== 'resolving' && phase.name !== 'dispatching' && phase.name !== 'asking')
        return unchanged;
      if (event.key !== key) return unchanged;
      return backOff(job, event.at, phase.name, event.message, key);

    case 'RECORDED':
      if (phase.name !== 'recording' || event.key !== key) return unchanged;
      return finishStage(job, {
        result: phase.result,
        startedAt: job.stageStartedAt,
        finishedAt: event.at,
        cached: false,
      });

    case 'OUTPUTS_MISSING': {
      if (phase.name !== 'recording' || event.key !== key) return unchanged;
      const step = retry(job, event.at, key, `The stage left out ${event.names.join(', ')}.`);
      return { ...step, effects: [{ type: 'release', key: event.key }, ...step.effects] };
    }

    case 'LEASE_EXPIRED':
      if (phase.name !== 'running') return unchanged;
      return {
        job: { ...job, phase: { name: 'asking', key: phase.key } },
        effects: [{ type: 'ask', key: phase.key }],
      };

    case 'BACKOFF_ELAPSED':
      return phase.name === 'waiting' ? resume(job, phase.resume, phase.key) : unchanged;
  }
}

function useModel(job: Job, model: Model, at: number): Step {
  const lacking = stagesFor(job.request.quality).filter((stage) => !model.versions[stage]);
  if (model.profile !== job.request.profile || lacking.length > 0)
    return fail(job, at, {
      code: 'profile_not_served',
      message:
        model.profile === job.request.profile
          ? `The stage server does not run ${lacking.join(', ')}.`
          : `The stage server has loaded the profile ${model.profile}, not ${job.request.profile}.`,
      action: 'Ask for a profile that is served, or tell the operator of this service.',
    });
  // A portrait is made by one model from first to last: under other weights it begins anew.
  const anew = job.model !== null && job.model.digest !== model.digest;
  // The same weights again after a mismatch is no recovery: the patience runs on.
  const recovered = job.model === null || anew;
  return lookUp({
    ...job,
    model,
    ...(recovered && { troubleSince: null, backoffs: 0 }),
    ...(anew && { stageIndex: 0, finished: {} }),
  });
}

function lookUp(job: Job): Step {
  return {
    job: { ...job, phase: { name: 'looking_up' }, note: null },
    effects: [{ type: 'look_up', stage: stageOf(job) }],
  };
}

function dispatch(job: Job, key: string): Step {
  return {
    job: { ...job, phase: { name: 'dispatching', key } },
    effects: [{ type: 'dispatch', stage: stageOf(job), key }],
  };
}

function resume(job: Job, what: Resumable, key: string | null): Step {
  if (key !== null && what === 'dispatching') return dispatch(job, key);
  if (key !== null && what === 'asking')
    return { job: { ...job, phase: { name: 'asking', key } }, effects: [{ type: 'ask', key }] };
  return { job: { ...job, phase: { name: 'resolving' } }, effects: [{ type: 'ask_health' }] };
}

function hear(job: Job, run: Run, at: number): Step {
  const { phase } = job;
  const unchanged = { job, effects: [] };
  if (phase.name === 'recording') return unchanged;
  switch (run.status) {
    case 'queued':
    case 'running':
      return sawWork(job, run, at);
    case 'succeeded': {
      const { key, outputs, warnings, metrics } = run;
      const result = { stage: stageOf(job), key, outputs, warnings, metrics };
      const missing = stageOutputs(result.stage, job.request.outputs).filter((name) => !outputs[name]);
      const recording: Job = { ...job, phase: { name: 'recording', key, result }, note: null, warnings };
      if (missing.length > 0)
        return transition(recording, { at, type: 'OUTPUTS_MISSING', key, names: missing });
      return { job: recording, effects: [{ type: 'record', result }] };
    }
    case 'failed':
      // Answered once already: a callback and a poll may both bring the same failure.
      if (phase.name === 'waiting' || phase.name === 'dispatching') return unchanged;
      return failedRun(job, run, at);
    case 'cancelled':
      if (phase.name === 'waiting' || phase.name === 'dispatching') return unchanged;
      return backOff(
        job,
        at,
        'dispatching',
        'The run was cancelled on the stage server: starting it again.',
        run.key,
      );
  }
}

function sawWork(job: Job, run: Run, at: number): Step {
  const stage = stageOf(job);
  const working = run.status === 'running';
  const workingSince = job.workingSince ?? (working ? at : null);
  if (workingSince !== null && at - workingSince > (DEADLINE_S + 60) * 1000)
    return fail(job, at, timeout(stage, `The stage took longer than ${DEADLINE_S} seconds.`), run.key);
  const wentForward = !working || run.progress.fraction > job.reached;
  return {
    job: {
      ...job,
      phase: { name: 'running', key: run.key, leaseUntil: at + LEASE_MS },
      workingSince,
      progress: run.progress,
      reached: Math.max(job.reached, run.progress.fraction),
      note: working ? null : 'Waiting in the queue of the stage server.',
      troubleSince: wentForward ? null : job.troubleSince,
      backoffs: 0,
      warnings: run.warnings,
      previews: { ...job.previews, [stage]: withPreview(job.previews[stage] ?? [], run.progress.preview) },
    },
    effects: [],
  };
}

function withPreview(shown: NonNullable<Job['previews'][Stage]>, newest: Run['progress']['preview']) {
  if (!newest || shown.some(({ sha256 }) => sha256 === newest.sha256)) return shown;
  return [...shown, newest].slice(-PREVIEW_LIMIT);
}

function failedRun(job: Job, run: Run, at: number): Step {
  const { code, retryable, message } = run.error ?? {
    code: 'internal',
    retryable: true,
    message: 'The stage gave no reason.',
  };
  const stage = stageOf(job);
  if (code === 'content_filtered')
    return end(job, at, 'filtered', {
      code: 'content_filtered',
      stage,
      message,
      action: 'Describe another portrait.',
    });
  if (retryable) return retry(job, at, run.key, message);
  if (code === 'deadline_exceeded') return fail(job, at, timeout(stage, message));
  return fail(job, at, stageFailed(message));
}

function retry(job: Job, at: number, key: string, message: string): Step {
  const failures = job.failures + 1;
  if (failures >= FAILURE_LIMIT) return fail(job, at, stageFailed(`${message} It failed ${failures} times.`));
  return backOff({ ...job, failures }, at, 'dispatching', `${message} Trying again.`, key);
}

function troubled(job: Job, at: number): Job {
  return { ...job, troubleSince: job.troubleSince ?? at };
}

function losePatience(job: Job, at: number, message: string): Step | null {
  if (job.troubleSince === null || at - job.troubleSince <= PATIENCE_MS) return null;
  return fail(job, at, {
    code: 'stage_server_unavailable',
    message: `${message} Nothing went forward for ${PATIENCE_MS / 60_000} minutes.`,
    action: 'Send the same request again later: finished stages are not done twice.',
  });
}

function backOff(job: Job, at: number, what: Resumable, note: string, key: string | null): Step {
  const wait = Math.min(FIRST_BACKOFF_MS * 2 ** job.backoffs, LONGEST_BACKOFF_MS);
  return (
    losePatience(job, at, note) ?? {
      job: {
        ...troubled(job, at),
        phase: { name: 'waiting', until: at + wait, resume: what, key },
        note,
        backoffs: job.backoffs + 1,
      },
      effects: [],
    }
  );
}

function finishStage(job: Job, stage: FinishedStage): Step {
  const finished = { ...job.finished, [stage.result.stage]: stage };
  const next: Job = {
    ...job,
    ...freshStage,
    finished,
    stageIndex: job.stageIndex + 1,
    stageStartedAt: stage.finishedAt,
  };
  if (next.stageIndex < stagesFor(job.request.quality).length) return lookUp(next);
  return {
    job: { ...next, phase: { name: 'succeeded' }, finishedAt: stage.finishedAt },
    effects: [{ type: 'publish' }],
  };
}

type Reason = Omit<PortraitError, 'stage'>;

const stageFailed = (message: string): Reason => ({
  code: 'stage_failed',
  message,
  action: 'Send the request again, with another seed or prompt if it fails again.',
});

const timeout = (stage: Stage, message: string): Reason => ({
  code: 'stage_timeout',
  message,
  action: `Ask for a lower quality: ${stage} takes too long on this stage server.`,
});

function fail(job: Job, at: number, reason: Reason, release: string | null = null): Step {
  return end(job, at, 'failed', { ...reason, stage: stageOf(job) }, release);
}

function end(
  job: Job,
  at: number,
  name: 'failed' | 'cancelled' | 'filtered',
  error: PortraitError | null,
  release: string | null = null,
): Step {
  return {
    job: { ...job, phase: { name }, error, note: null, finishedAt: at },
    effects: release === null ? [] : [{ type: 'release', key: release }],
  };
}
