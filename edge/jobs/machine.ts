import type { PortraitError, PortraitRequest } from '../../shared/index.ts';
import { deadlineExceeded, end, fail, refuse, remove } from './endings.ts';
import { hear, outputsMissing } from './hearing.ts';
import { JOB_VERSION, type Job, type JobEvent, type Terms } from './job.ts';
import { isGone, isOver, keyOfPhase, stageOf, type Step } from './phases.ts';
import { backOff, losePatience, troubled } from './retries.ts';
import {
  ask,
  dispatch,
  finishStage,
  freshStage,
  hold,
  lookUp,
  queue,
  resolveModel,
  resume,
  SLOT_WAIT_MS,
  useModel,
} from './stage-steps.ts';

/** The first step of a job: put the price aside. */
export function begin(id: string, request: PortraitRequest, terms: Terms, at: number): Step {
  const job: Job = {
    ...terms,
    ...freshStage,
    version: JOB_VERSION,
    id,
    request,
    createdAt: at,
    finishedAt: null,
    expiresAt: null,
    phase: { name: 'reserving' },
    model: null,
    stageIndex: 0,
    stageStartedAt: at,
    failuresInAll: 0,
    finished: {},
    previews: {},
    error: null,
    holds: [],
    slot: null,
    charge: null,
  };
  return { job, effects: [{ type: 'reserve' }] };
}

/** A job whose prompt is not allowed: it is born filtered, and nothing is put aside for it. */
export function beginFiltered(
  id: string,
  request: PortraitRequest,
  terms: Terms,
  error: PortraitError,
  at: number,
): Step {
  const { job } = begin(id, request, terms, at);
  return end({ ...job, phase: { name: 'resolving' } }, at, 'filtered', error);
}

/**
 * The job as a pure state machine: what a state becomes by an event, and what is to be done then. An event that does
 * not concern the present phase (late, doubled, of another run) changes nothing.
 */
export function transition(job: Job, event: JobEvent): Step {
  const unchanged = { job, effects: [] };
  if (isGone(job)) return unchanged;
  if (event.type === 'DELETE') return remove(job, event.at);
  if (event.type === 'HOLD') {
    // Only what has succeeded has anything to be seen from other sides.
    if (job.phase.name !== 'succeeded') return unchanged;
    return { job: hold(job, event.key), effects: [{ type: 'keep', key: event.key }] };
  }
  if (isOver(job)) return unchanged;
  if (event.type === 'CANCEL') return end(job, event.at, 'cancelled', null);
  if (event.type === 'DEADLINE_PASSED')
    return fail(job, event.at, deadlineExceeded(job.deadlineMs / 3_600_000));
  const key = keyOfPhase(job.phase);
  if ('key' in event && event.type !== 'KEYED' && event.key !== key) return unchanged;
  return advance(job, event, key) ?? unchanged;
}

type WorkEvent = Exclude<JobEvent, { type: 'DELETE' | 'HOLD' | 'CANCEL' | 'DEADLINE_PASSED' }>;

/** The step that an event makes of an active job; null where it does not concern the present phase. */
function advance(job: Job, event: WorkEvent, key: string | null): Step | null {
  const { phase } = job;
  const { at } = event;
  const stage = stageOf(job);
  switch (event.type) {
    case 'RESERVED':
      return phase.name === 'reserving' ? resolveModel({ ...job, charge: event.charge }) : null;

    case 'REFUSED':
      return phase.name === 'reserving' ? refuse(job, event.refusal) : null;

    case 'FORBIDDEN':
      if (event.key === null && phase.name !== 'reserving') return null;
      if (event.key !== null && phase.name !== 'recording' && phase.name !== 'looking_up') return null;
      return end(job, at, 'filtered', event.error);

    case 'MODEL_READY':
      return phase.name === 'resolving' ? useModel(job, event.model, at) : null;

    case 'KEYED':
      return phase.name === 'keying' && event.stage === stage ? lookUp(job, event.key) : null;

    case 'CACHE_HIT':
      if (phase.name !== 'looking_up' || event.result.key !== key) return null;
      return finishStage(job, stage, {
        result: { ...event.result, stage },
        startedAt: job.stageStartedAt,
        finishedAt: at,
        cached: true,
      });

    case 'CACHE_MISS':
      return phase.name === 'looking_up' ? queue(job, phase.key, at) : null;

    case 'SLOT_GRANTED':
      return phase.name === 'queueing' && event.stage === stage
        ? dispatch({ ...job, note: null }, phase.key)
        : null;

    case 'SLOT_QUEUED':
      if (phase.name !== 'queueing' || event.stage !== stage) return null;
      return {
        job: { ...job, note: `Waiting for a free place: ${event.ahead} before this one.` },
        effects: [],
      };

    case 'SLOT_WAIT_ELAPSED':
      if (phase.name !== 'queueing') return null;
      return {
        job: { ...job, phase: { ...phase, until: at + SLOT_WAIT_MS } },
        effects: [{ type: 'queue', stage }],
      };

    case 'HEARD':
      return event.run.key === key ? hear(job, event.run, at, event.answer === true) : null;

    case 'RUN_UNKNOWN':
      if (phase.name !== 'asking') return null;
      return (
        losePatience(job, at, 'The run was lost with its stage server.') ??
        dispatch(troubled(job, at), phase.key)
      );

    case 'SERVER_FULL':
      if (phase.name !== 'dispatching') return null;
      return {
        job: {
          ...job,
          phase: {
            name: 'waiting',
            resume: 'dispatching',
            key,
            until: at + 1000 * Math.min(Math.max(event.retryAfter, 1), 60),
          },
          note: 'The stage server is busy: waiting for a free place.',
          troubleSince: null,
        },
        effects: [],
      };

    case 'MODEL_MISMATCH':
      if (phase.name !== 'dispatching') return null;
      return backOff(job, at, 'resolving', 'The stage server has loaded other weights: asking which.', null);

    case 'REJECTED':
      if (phase.name !== 'dispatching') return null;
      return fail(job, at, {
        code: 'stage_rejected',
        message: `The stage server refused the run: ${event.message}`,
        action: 'Tell the operator of this service: edge and stage server do not fit together.',
      });

    case 'UNAVAILABLE':
      if (phase.name !== 'resolving' && phase.name !== 'dispatching' && phase.name !== 'asking') return null;
      return backOff(job, at, phase.name, event.message, key);

    case 'RECORDED':
      if (phase.name !== 'recording') return null;
      return finishStage(job, stage, {
        result: phase.result,
        startedAt: job.stageStartedAt,
        finishedAt: at,
        cached: false,
      });

    case 'OUTPUTS_MISSING':
      return phase.name === 'recording' ? outputsMissing(job, at, phase.key, event.names) : null;

    case 'LEASE_EXPIRED':
      return phase.name === 'running' ? ask(job, phase.key) : null;

    case 'BACKOFF_ELAPSED':
      return phase.name === 'waiting' ? resume(job, phase.resume, phase.key) : null;
  }
}
