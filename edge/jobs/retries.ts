import type { RunError } from '../../shared/index.ts';
import { end, fail, stageFailed, stageTimeout } from './endings.ts';
import type { Job, Resumable } from './job.ts';
import { stageOf, type Step } from './phases.ts';

/** Trouble without any progress in between is borne this long. */
export const PATIENCE_MS = 30 * 60_000;

/** How a class of failure is met: how many of one stage end the job, and the first wait, which doubles. */
interface Policy {
  limit: number;
  firstMs: number;
  longestMs: number;
}

/** The stage server is away, or the run was lost: it costs nothing to ask, so only the patience ends it. */
const AWAY: Policy = { limit: Number.POSITIVE_INFINITY, firstMs: 500, longestMs: 10_000 };

/** What a run fails of, or lacks. */
export type FailureClass = RunError['code'] | 'outputs_missing';

/**
 * Retries by error class. Transfers fail for outer reasons and are tried often. A worker that crashes three times on
 * the same input is taken to crash of it (a poison job); want of memory seldom passes by itself.
 */
export const POLICIES: Record<FailureClass, Policy> = {
  input_unavailable: { limit: 8, firstMs: 500, longestMs: 30_000 },
  upload_failed: { limit: 8, firstMs: 500, longestMs: 30_000 },
  outputs_missing: { limit: 5, firstMs: 500, longestMs: 10_000 },
  internal: { limit: 5, firstMs: 500, longestMs: 10_000 },
  worker_crashed: { limit: 3, firstMs: 1_000, longestMs: 30_000 },
  out_of_memory: { limit: 2, firstMs: 5_000, longestMs: 30_000 },
  deadline_exceeded: { limit: 1, firstMs: 0, longestMs: 0 },
  invalid_params: { limit: 1, firstMs: 0, longestMs: 0 },
  content_filtered: { limit: 1, firstMs: 0, longestMs: 0 },
};

/** Failures of all classes and stages together that stop a job. */
export const FAILURE_LIMIT = 12;

/** A number in [0, 1) that depends on the text alone (FNV-1a): jitter without randomness of its own. */
export function fractionOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  // FNV's low bits mix poorly for short texts: a final avalanche (MurmurHash3).
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/** Wait before try `tries` (from 0): doubling, of which the upper half is jitter, so that jobs do not come in step. */
export function backoffMs({ firstMs, longestMs }: Policy, tries: number, seed: string): number {
  const whole = Math.min(firstMs * 2 ** Math.min(tries, 30), longestMs);
  return Math.round(whole * (0.5 + 0.5 * fractionOf(`${seed} ${tries}`)));
}

/** The job, in trouble from now on where it was not yet. */
export function troubled(job: Job, at: number): Job {
  return { ...job, troubleSince: job.troubleSince ?? at };
}

/** The failure of a job whose trouble has lasted too long; null while it may go on. */
export function losePatience(job: Job, at: number, message: string): Step | null {
  if (job.troubleSince === null || at - job.troubleSince <= PATIENCE_MS) return null;
  return fail(job, at, {
    code: 'stage_server_unavailable',
    message: `${message} Nothing went forward for ${PATIENCE_MS / 60_000} minutes.`,
    action: 'Send the same request again later: finished stages are not done twice.',
  });
}

/** Waits, then resumes what could not be done. */
export function backOff(
  job: Job,
  at: number,
  what: Resumable,
  note: string,
  key: string | null,
  policy: Policy = AWAY,
): Step {
  const until = at + backoffMs(policy, job.backoffs, job.id);
  return (
    losePatience(job, at, note) ?? {
      job: {
        ...troubled(job, at),
        phase: { name: 'waiting', until, resume: what, key },
        note,
        backoffs: job.backoffs + 1,
      },
      effects: [],
    }
  );
}

/** Tries a failed run again, unless its class or the whole job has failed too often. */
export function retry(job: Job, at: number, key: string, failure: FailureClass, message: string): Step {
  const policy = POLICIES[failure];
  const times = (job.failures[failure] ?? 0) + 1;
  const counted: Job = {
    ...job,
    failures: { ...job.failures, [failure]: times },
    failuresInAll: job.failuresInAll + 1,
  };
  if (times >= policy.limit || counted.failuresInAll >= FAILURE_LIMIT)
    return fail(counted, at, stageFailed(`${message} It failed ${counted.failuresInAll} times.`));
  return backOff(counted, at, 'dispatching', `${message} Trying again.`, key, policy);
}

/** What becomes of a job whose run failed. */
export function failedRun(job: Job, at: number, key: string, error: RunError | null): Step {
  const { code, retryable, message } = error ?? {
    code: 'internal' as const,
    retryable: true,
    message: 'The stage gave no reason.',
  };
  const stage = stageOf(job);
  if (code === 'content_filtered')
    return end(job, at, 'filtered', { code, stage, message, action: 'Describe another portrait.' });
  if (retryable) return retry(job, at, key, code, message);
  if (code === 'deadline_exceeded') return fail(job, at, stageTimeout(stage, message));
  return fail(job, at, stageFailed(message));
}
