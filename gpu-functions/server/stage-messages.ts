import type { Artifact, RunError, Stage, Warning } from '../../shared/index.ts';

/** A run as the worker process sees it: no URLs, only files. */
export interface StageJob {
  key: string;
  stage: Stage;
  params: unknown;
  /** Path of each input artifact. */
  inputs: Record<string, string>;
  /** Where the checkpoint is kept. */
  checkpoint: string;
  checkpointEveryMs: number;
  /** Folder for outputs and previews; each is written under its SHA-256. */
  blobs: string;
}

/** What the server tells a worker process. */
export type ToWorker = { type: 'run'; job: StageJob } | { type: 'abort' };

/** What a loaded worker tells about itself. */
export interface Loaded {
  profile: string;
  provider: string;
  digest: string;
  stages: Partial<Record<Stage, number>>;
}

export interface StageProgress {
  fraction: number;
  step: number;
  steps: number;
  message: string;
  preview?: Artifact;
}

/** What a worker process tells the server. Each message about a run follows the one before it in time. */
export type FromWorker =
  | { type: 'ready'; loaded: Loaded }
  | { type: 'setup_failed'; message: string }
  | { type: 'progress'; progress: StageProgress }
  | { type: 'warning'; warning: Warning }
  | { type: 'checkpointed'; bytes: number }
  | { type: 'succeeded'; outputs: Record<string, Artifact>; metrics: Record<string, number> }
  | { type: 'failed'; error: RunError }
  | { type: 'aborted' };
