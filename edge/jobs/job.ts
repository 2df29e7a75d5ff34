import type { Charge, Principal } from '../accounts/index.ts';
import type {
  Artifact,
  PortraitError,
  PortraitEvent,
  PortraitRequest,
  ProblemCode,
  Run,
  RunProgress,
  Stage,
  StageResult,
  TraceContext,
  Warning,
} from '../../shared/index.ts';

/** Version of the stored form of {@link Job}; older forms are brought up to it by migrate.ts. */
export const JOB_VERSION = 2;

/** The weights a portrait is made with, and the version of each stage, as the stage server reports them. */
export interface Model {
  profile: string;
  digest: string;
  versions: Partial<Record<Stage, number>>;
}

/** What is settled when a job begins, besides the request. */
export interface Terms {
  /** Whose portrait it is. Those of test keys are made of canned files, and cost nothing. */
  owner: Principal;
  /** Urgency of RFC 9218, 0 (first) to 7: the order among the jobs of one account. */
  urgency: number;
  /** Milliseconds from the creation after which an unfinished job fails. */
  deadlineMs: number;
  /** Milliseconds from its end after which the portrait is deleted. */
  retentionMs: number;
  /** The trace of the request that created it, where it had one. */
  trace: TraceContext | null;
}

/** A finished stage. Times are milliseconds since 1970. */
export interface FinishedStage {
  result: StageResult;
  startedAt: number;
  finishedAt: number;
  cached: boolean;
}

/** A preview and the run that uploaded it. */
export type Preview = Artifact & { run: string };

/** Why the account did not cover the portrait. */
export interface Refusal {
  code: ProblemCode;
  detail: string;
  headers: Record<string, string>;
}

/** What the job is doing. Every active phase is left by an event that an effect, a callback, a grant or the alarm brings. */
export type Phase =
  /** Waits for the account to put the price aside. */
  | { name: 'reserving' }
  /** Waits for the stage server's health: which weights are loaded? */
  | { name: 'resolving' }
  /** Waits for the digest of what the stage at work depends on. */
  | { name: 'keying' }
  /** Waits for what is kept under the stage key. */
  | { name: 'looking_up'; key: string }
  /** Waits for a place in the pool of its stage; asks again at `until`. */
  | { name: 'queueing'; key: string; until: number }
  /** Waits for the answer to `PUT /runs/{key}`. */
  | { name: 'dispatching'; key: string }
  /** The stage server works; each sign of life moves the lease. */
  | { name: 'running'; key: string; leaseUntil: number }
  /** The lease ran out; waits for the answer to `GET /runs/{key}`. */
  | { name: 'asking'; key: string }
  /** Backs off, then resumes what it could not do. */
  | { name: 'waiting'; until: number; resume: Resumable; key: string | null }
  /** Waits until the result is kept under the stage key. */
  | { name: 'recording'; key: string; result: StageResult }
  | { name: 'succeeded' | 'failed' | 'cancelled' | 'filtered' }
  /** The account did not cover it: there is no such portrait. */
  | { name: 'refused'; refusal: Refusal }
  /** Deleted by its owner or expired: vanishes once the outbox is empty. */
  | { name: 'deleted' };

export type Resumable = 'resolving' | 'dispatching' | 'asking';

/** The whole state of one portrait's job: plain data, kept as one JSON row. Times are milliseconds since 1970. */
export interface Job extends Terms {
  version: typeof JOB_VERSION;
  id: string;
  request: PortraitRequest;
  createdAt: number;
  finishedAt: number | null;
  expiresAt: number | null;
  phase: Phase;
  model: Model | null;
  /** Position in stagesFor(quality) of the stage at work. */
  stageIndex: number;
  stageStartedAt: number;
  /** When the stage server was first heard working on this stage (not queueing). */
  workingSince: number | null;
  progress: RunProgress | null;
  /** Largest fraction this stage has reached: a resumed run goes back, the bar does not. */
  reached: number;
  /** Why it waits, for people. */
  note: string | null;
  /** Since when nothing has gone forward; null while all is well. */
  troubleSince: number | null;
  /** Back-offs in a row. */
  backoffs: number;
  /** Retryable failures of this stage, by error code. */
  failures: Record<string, number>;
  /** Retryable failures of all stages. */
  failuresInAll: number;
  finished: Partial<Record<Stage, FinishedStage>>;
  /** Newest preview last. */
  previews: Partial<Record<Stage, Preview[]>>;
  /** Warnings of the stage at work. */
  warnings: Warning[];
  error: PortraitError | null;
  /** Keys of the runs whose artifacts are kept for this portrait. Written before anything is stored under them. */
  holds: string[];
  /** The stage in whose pool the job waits or has a place. */
  slot: Stage | null;
  /** What is put aside for it; null before, and once it is settled or given back. */
  charge: Charge | null;
}

/** Something that happened, at `at` milliseconds since 1970. */
export type JobEvent = { at: number } & (
  | { type: 'RESERVED'; charge: Charge }
  | { type: 'REFUSED'; refusal: Refusal }
  /** The request (`key` null), or the picture of the imagine run `key`, is not allowed. */
  | { type: 'FORBIDDEN'; key: string | null; error: PortraitError }
  | { type: 'MODEL_READY'; model: Model }
  | { type: 'KEYED'; stage: Stage; key: string }
  | { type: 'CACHE_HIT'; result: StageResult }
  | { type: 'CACHE_MISS'; key: string }
  | { type: 'SLOT_GRANTED'; stage: Stage }
  /** No place yet; `ahead` others come first. */
  | { type: 'SLOT_QUEUED'; stage: Stage; ahead: number }
  /** A run resource: with `answer` that of a PUT or GET, else a callback, which may be late. */
  | { type: 'HEARD'; run: Run; answer?: boolean }
  | { type: 'RUN_UNKNOWN'; key: string }
  | { type: 'SERVER_FULL'; key: string; retryAfter: number }
  | { type: 'MODEL_MISMATCH'; key: string }
  | { type: 'REJECTED'; key: string; message: string }
  /** The stage server did not answer, or is not ready. `key` is null when its health was asked for. */
  | { type: 'UNAVAILABLE'; key: string | null; message: string }
  | { type: 'RECORDED'; key: string }
  | { type: 'OUTPUTS_MISSING'; key: string; names: string[] }
  | { type: 'LEASE_EXPIRED' }
  | { type: 'BACKOFF_ELAPSED' }
  | { type: 'SLOT_WAIT_ELAPSED' }
  | { type: 'DEADLINE_PASSED' }
  | { type: 'CANCEL' }
  /** Keeps the artifacts of one more run, such as a view rendered on demand. */
  | { type: 'HOLD'; key: string }
  /** The owner deletes the portrait, or it has expired. */
  | { type: 'DELETE' }
);
export type JobEventType = JobEvent['type'];

/** Something to do, from the outbox. Each is repeatable: done twice it does no harm. */
export type Effect =
  | { type: 'reserve' }
  | { type: 'ask_health' }
  | { type: 'key'; stage: Stage }
  | { type: 'look_up'; stage: Stage; key: string }
  | { type: 'queue'; stage: Stage }
  | { type: 'dispatch'; stage: Stage; key: string }
  | { type: 'ask'; key: string }
  | { type: 'record'; result: StageResult }
  /** Takes the portrait off a run of the stage server. */
  | { type: 'release'; key: string }
  /** Gives the place in a stage's pool back. */
  | { type: 'leave_pool'; stage: Stage }
  /** Charges for what was used. */
  | { type: 'settle'; charge: Charge }
  /** Gives back what was put aside. */
  | { type: 'pay_back'; charge: Charge }
  /** Enters the portrait, as it is then, in its account's list. */
  | { type: 'list' }
  /** Tells the account's webhooks of events, in their order. */
  | { type: 'tell'; events: readonly PortraitEvent[] }
  /** Measures and traces of a job that is over. */
  | { type: 'report' }
  /** Keeps the artifacts of a run on the side. */
  | { type: 'keep'; key: string }
  /** Lets go of a run's artifacts: the last holder's leave deletes them. */
  | { type: 'let_go'; key: string }
  | { type: 'unlist' };
