import { stagesFor, type Stage } from '../../shared/index.ts';
import { fail, succeed } from './endings.ts';
import type { Effect, FinishedStage, Job, Model, Resumable } from './job.ts';
import { stageOf, type Step } from './phases.ts';

/** A job that waits for a place asks again after this long, should the grant have been lost. */
export const SLOT_WAIT_MS = 30_000;

/** What each stage begins with. */
export const freshStage = {
  workingSince: null,
  progress: null,
  reached: 0,
  note: null,
  troubleSince: null,
  backoffs: 0,
  failures: {},
  warnings: [],
};

/** Asks which weights are loaded. */
export function resolveModel(job: Job): Step {
  return { job: { ...job, phase: { name: 'resolving' } }, effects: [{ type: 'ask_health' }] };
}

/** Takes the weights that are loaded, and goes on with the stage at work. */
export function useModel(job: Job, model: Model, at: number): Step {
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
  const effects: Effect[] = anew && job.slot ? [{ type: 'leave_pool', stage: job.slot }] : [];
  const step = keyStage({
    ...job,
    model,
    ...(recovered && { troubleSince: null, backoffs: 0 }),
    ...(anew && { stageIndex: 0, finished: {}, slot: null }),
  });
  return { job: step.job, effects: [...effects, ...step.effects] };
}

function keyStage(job: Job): Step {
  return {
    job: { ...job, phase: { name: 'keying' }, note: null },
    effects: [{ type: 'key', stage: stageOf(job) }],
  };
}

/** Looks up what is kept under the stage key. The hold is on record before it is taken, so that it is never lost. */
export function lookUp(job: Job, key: string): Step {
  return {
    job: { ...hold(job, key), phase: { name: 'looking_up', key } },
    effects: [{ type: 'look_up', stage: stageOf(job), key }],
  };
}

/** The job, keeping the artifacts of one more run. */
export function hold(job: Job, key: string): Job {
  return job.holds.includes(key) ? job : { ...job, holds: [...job.holds, key] };
}

/** Asks for a place in the pool of the stage at work; a job that has one goes on at once. */
export function queue(job: Job, key: string, at: number): Step {
  const stage = stageOf(job);
  if (job.slot === stage) return dispatch(job, key);
  return {
    job: { ...job, slot: stage, phase: { name: 'queueing', key, until: at + SLOT_WAIT_MS } },
    effects: [{ type: 'queue', stage }],
  };
}

/** Starts the run of the stage at work. */
export function dispatch(job: Job, key: string): Step {
  return {
    job: { ...job, phase: { name: 'dispatching', key } },
    effects: [{ type: 'dispatch', stage: stageOf(job), key }],
  };
}

/** Asks the stage server for the run. */
export function ask(job: Job, key: string): Step {
  return { job: { ...job, phase: { name: 'asking', key } }, effects: [{ type: 'ask', key }] };
}

/** Goes on with what could not be done before. */
export function resume(job: Job, what: Resumable, key: string | null): Step {
  if (key !== null && what === 'dispatching') return dispatch(job, key);
  if (key !== null && what === 'asking') return ask(job, key);
  return resolveModel(job);
}

/** Takes a stage's result, and goes on with the next stage. */
export function finishStage(job: Job, stage: Stage, done: FinishedStage): Step {
  const effects: Effect[] = job.slot ? [{ type: 'leave_pool', stage: job.slot }] : [];
  const next: Job = {
    ...job,
    ...freshStage,
    finished: { ...job.finished, [stage]: done },
    stageIndex: job.stageIndex + 1,
    stageStartedAt: done.finishedAt,
    slot: null,
  };
  const more = next.stageIndex < stagesFor(job.request.quality).length;
  const step = more ? keyStage(next) : succeed(next, done.finishedAt);
  return { job: step.job, effects: [...effects, ...step.effects] };
}
