import { LOCAL_PRINCIPAL } from '../accounts/principal.ts';
import { JOB_VERSION, type Effect, type Job, type Terms } from './job.ts';
import { isOver } from './phases.ts';
import { freshStage } from './stage-steps.ts';

/** A job as it was stored, of whichever version; the first had no number. */
type StoredJob = Omit<Job, 'version'> & { version?: number };

const DAY_MS = 24 * 3_600_000;

/** Version 1 knew neither accounts nor deadlines: everything belonged to the one user of the machine. */
const FIRST_TERMS: Terms = {
  owner: LOCAL_PRINCIPAL,
  urgency: 3,
  deadlineMs: DAY_MS,
  retentionMs: 30 * DAY_MS,
  trace: null,
};

/**
 * Brings a stored job up to the present version. With `effects`, it was an older one: they replace what its outbox held,
 * and the job is to be stored as it is now.
 *
 * @throws Error for a version that this program does not know: it is older than the one that stored the job.
 */
export function migrate(stored: StoredJob): { job: Job; effects: Effect[] | null } {
  if (stored.version === JOB_VERSION) return { job: stored as Job, effects: null };
  if (stored.version !== undefined)
    throw new Error(`a job of version ${stored.version} cannot be read: deploy the program that wrote it`);
  return migrateFirst(stored);
}

/**
 * Version 1 kept artifacts by content alone, where nothing looks for them now. A job at work begins anew, which costs
 * time and nothing else; the portrait of one that is over is removed.
 */
function migrateFirst(stored: StoredJob): { job: Job; effects: Effect[] } {
  const job: Job = {
    ...stored,
    ...FIRST_TERMS,
    ...freshStage,
    version: JOB_VERSION,
    expiresAt: null,
    model: null,
    stageIndex: 0,
    failuresInAll: 0,
    finished: {},
    previews: {},
    holds: [],
    slot: null,
    charge: null,
  };
  if (isOver(job)) return { job: { ...job, phase: { name: 'deleted' } }, effects: [{ type: 'unlist' }] };
  return {
    job: { ...job, phase: { name: 'resolving' } },
    effects: [{ type: 'list' }, { type: 'ask_health' }],
  };
}
