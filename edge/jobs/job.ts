import type {
  Artifact,
  PortraitError,
  PortraitRequest,
  Run,
  RunProgress,
  Stage,
  StageResult,
  Warning,
} from '../../shared/index.ts';

/** The weights a portrait is made with, and the version of each stage, as the stage server reports them. */
export interface Model {
  profile: string;
  digest: string;
  versions: Partial<Record<Stage, number>>;
}

/** A finished stage. Times are milliseconds since 1970. */
export interface FinishedStage {
  result: StageResult;
  startedAt: number;
  finishedAt: number;
  cached: boolean;
}

/** What the job is doing. Every phase but the last four is left by an event that an effect, a callback or the alarm brings. */
export type Phase =
  /** Waits for the stage server's health: which weights are loaded? */
  | { name: 'resolving' }
  /** Waits for the stage cache's answer. */
  | { name: 'looking_up' }
  /** Waits for the answer to `PUT /runs/{key}`. */
  | { name: 'dispatching'; key: string }
  /** The stage server works; each sign of life moves the lease. */
  | { name: 'running'; key: string; leaseUntil: number }
  /** The lease ran out; waits for the answer to `GET /runs/{key}`. */
  | { name: 'asking'; key: string }
  /** Backs off, then resumes what it could not do. */
  | { name: 'waiting'; until: number; resume: Resumable; key: string | null }
  /** Waits until the result is in the stage cache. */
  | { name: 'recording'; key: string; result: StageResult }
  | { name: 'succeeded' | 'failed' | 'cancelled' | 'filtered' };

export type Resumable = 'resolving' | 'dispatching' | 'asking';

/** The whole state of one portrait's job: plain data, kept as one JSON row. Times are milliseconds since 1970. */
export interface Job {
  id: string;
  request: PortraitRequest;
  createdAt: number;
  finishedAt: number | null;
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
  /** Retryable failures of this stage. */
  failures: number;
  finished: Partial<Record<Stage, FinishedStage>>;
  /** Newest preview last. */
  previews: Partial<Record<Stage, Artifact[]>>;
  /** Warnings of the stage at work. */
  warnings: Warning[];
  error: PortraitError | null;
}

/** Something that happened, at `at` milliseconds since 1970. */
export type JobEvent = { at: number } & (
  | { type: 'MODEL_READY'; model: Model }
  | { type: 'CACHE_HIT'; result: StageResult }
  | { type: 'CACHE_MISS'; stage: Stage; key: string }
  /** A run resource: the answer to a PUT or GET, or a callback. */
  | { type: 'HEARD'; run: Run }
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
  | { type: 'CANCEL' }
);
export type JobEventType = JobEvent['type'];

/** Something to do, from the outbox. Each is repeatable: done twice it does no harm. */
export type Effect =
  | { type: 'ask_health' }
  | { type: 'look_up'; stage: Stage }
  | { type: 'dispatch'; stage: Stage; key: string }
  | { type: 'ask'; key: string }
  | { type: 'record'; result: StageResult }
  | { type: 'release'; key: string }
  | { type: 'publish' };
