import { stagesFor, type Stage } from '../../shared/index.ts';
import type { Effect, Job, JobEvent, Phase } from './job.ts';

/** The next state, and what to do about it. The caller stores both in one transaction. */
export interface Step {
  job: Job;
  effects: Effect[];
}

const OVER: readonly Phase['name'][] = ['succeeded', 'failed', 'cancelled', 'filtered', 'refused', 'deleted'];

/** Whether the job's work is over. */
export function isOver(job: Job): boolean {
  return OVER.includes(job.phase.name);
}

/** Whether there is no such portrait: deleted, expired, or never accepted. */
export function isGone(job: Job): boolean {
  return job.phase.name === 'deleted' || job.phase.name === 'refused';
}

/** The stage at work (the last one, once all are done). */
export function stageOf(job: Job): Stage {
  const plan = stagesFor(job.request.quality);
  return plan[Math.min(job.stageIndex, plan.length - 1)]!;
}

/** The key of the run that the present phase is about. */
export function keyOfPhase(phase: Phase): string | null {
  return 'key' in phase ? phase.key : null;
}

/** The event that time will bring next, and when. */
function nextDue(job: Job): { type: 'DELETE' | TimedEvent; due: number } | null {
  if (isGone(job)) return null;
  if (isOver(job)) return job.expiresAt === null ? null : { type: 'DELETE', due: job.expiresAt };
  const deadline = { type: 'DEADLINE_PASSED' as const, due: job.createdAt + job.deadlineMs };
  const own = ownDue(job.phase);
  return own && own.due <= deadline.due ? own : deadline;
}

type TimedEvent = 'LEASE_EXPIRED' | 'BACKOFF_ELAPSED' | 'SLOT_WAIT_ELAPSED' | 'DEADLINE_PASSED';

function ownDue(phase: Phase): { type: TimedEvent; due: number } | null {
  if (phase.name === 'running') return { type: 'LEASE_EXPIRED', due: phase.leaseUntil };
  if (phase.name === 'waiting') return { type: 'BACKOFF_ELAPSED', due: phase.until };
  if (phase.name === 'queueing') return { type: 'SLOT_WAIT_ELAPSED', due: phase.until };
  return null;
}

/** When the alarm has to wake the job, in milliseconds since 1970; null for never. */
export function wakeAt(job: Job): number | null {
  return nextDue(job)?.due ?? null;
}

/** The event that is due at `at`, if any. */
export function dueEvent(job: Job, at: number): JobEvent | null {
  const next = nextDue(job);
  return next && next.due <= at ? { at, type: next.type } : null;
}
