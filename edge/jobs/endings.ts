import type { PortraitError, Stage } from '../../shared/index.ts';
import type { Effect, Job, Phase, Refusal } from './job.ts';
import { isOver, keyOfPhase, stageOf, type Step } from './phases.ts';

/** Why a job failed; the stage is added. */
export type Reason = Omit<PortraitError, 'stage'>;

export const stageFailed = (message: string): Reason => ({
  code: 'stage_failed',
  message,
  action: 'Send the request again, with another seed or prompt if it fails again.',
});

export const stageTimeout = (stage: Stage, message: string): Reason => ({
  code: 'stage_timeout',
  message,
  action: `Ask for a lower quality: ${stage} takes too long on this stage server.`,
});

export const deadlineExceeded = (hours: number): Reason => ({
  code: 'deadline_exceeded',
  message: `The portrait was not finished within ${Number(hours.toFixed(2))} hours.`,
  action: 'Send the same request again when less is going on: finished stages are not done twice.',
});

/** Ends the job as failed, for a reason at the present stage. */
export function fail(job: Job, at: number, reason: Reason): Step {
  return end(job, at, 'failed', { ...reason, stage: stageOf(job) });
}

/** Whether the stage server may have a run of this phase that nobody else will take this portrait off. */
function mayHaveRun(phase: Phase): boolean {
  if (phase.name === 'waiting') return phase.resume !== 'resolving';
  return phase.name === 'dispatching' || phase.name === 'running' || phase.name === 'asking';
}

/**
 * Ends the job without success: the run is released, the place in the pool and the price are given back. A filtered
 * portrait shows nothing, and what the refused stage made is let go of.
 */
export function end(
  job: Job,
  at: number,
  name: 'failed' | 'cancelled' | 'filtered',
  error: PortraitError | null,
): Step {
  const key = keyOfPhase(job.phase);
  const effects: Effect[] = [];
  if (key !== null && mayHaveRun(job.phase)) effects.push({ type: 'release', key });
  if (job.slot) effects.push({ type: 'leave_pool', stage: job.slot });
  const { account, key: apiKey, mode } = job.owner;
  // The price may be put aside although the answer has not come yet.
  const reserving = job.phase.name === 'reserving' ? { account, key: apiKey, mode, credits: 0 } : null;
  const charge = job.charge ?? reserving;
  if (charge) effects.push({ type: 'pay_back', charge });
  effects.push({ type: 'report' });
  const ended = over(job, at, { name }, error);
  if (name !== 'filtered') return { job: ended, effects };
  const finished = Object.values(job.finished).map(({ result }) => result.key);
  const holds = job.holds.filter((held) => finished.includes(held));
  for (const held of job.holds) if (!holds.includes(held)) effects.push({ type: 'let_go', key: held });
  return { job: { ...ended, previews: {}, holds }, effects };
}

/** Ends the job with success: every stage is done. */
export function succeed(job: Job, at: number): Step {
  const effects: Effect[] = job.charge ? [{ type: 'settle', charge: job.charge }] : [];
  effects.push({ type: 'report' });
  return { job: over(job, at, { name: 'succeeded' }, null), effects };
}

function over(job: Job, at: number, phase: Phase, error: PortraitError | null): Job {
  return {
    ...job,
    phase,
    error,
    note: null,
    finishedAt: at,
    expiresAt: at + job.retentionMs,
    slot: null,
    charge: null,
  };
}

/** The account did not cover it: the job vanishes, as if it had never been. */
export function refuse(job: Job, refusal: Refusal): Step {
  return { job: { ...job, phase: { name: 'refused', refusal } }, effects: [] };
}

/** Deletes the portrait: stops what runs, takes it off the list, lets go of every artifact. */
export function remove(job: Job, at: number): Step {
  const ended = isOver(job) ? { job, effects: [] } : end(job, at, 'cancelled', null);
  const holds = ended.job.holds.map((key): Effect => ({ type: 'let_go', key }));
  return {
    job: { ...ended.job, phase: { name: 'deleted' }, holds: [] },
    effects: [...ended.effects, { type: 'unlist' }, ...holds],
  };
}
