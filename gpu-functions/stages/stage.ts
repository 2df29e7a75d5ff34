import type { Warning } from '../../shared/index.ts';
import type { Models } from './models.ts';

/** What a stage may tell about itself while it works. */
export interface ProgressDetail {
  /** One line for people, such as "distillation step 40 of 120". */
  message?: string;
  step?: number;
  steps?: number;
  /** A PNG of what the result looks like so far. */
  preview?: Uint8Array;
}

/** Where a long loop keeps its state, so that a killed run goes on where it was. One slot a run. */
export interface CheckpointStore {
  /** Milliseconds between two checkpoints of a long loop; 5000 where left out. */
  readonly everyMs?: number;
  load(): Promise<Uint8Array | undefined>;
  save(bytes: Uint8Array): Promise<void>;
}

/** Everything one run of a stage gets from outside. */
export interface StageContext {
  /** Checked by the stage against its own schema in `shared`; carries the seed. */
  params: unknown;
  inputs: Record<string, Uint8Array>;
  /** Checked between steps: an aborted stage rejects with the signal's reason and leaves its last checkpoint. */
  signal: AbortSignal;
  progress(fraction: number, detail?: ProgressDetail): void;
  warn(warning: Warning): void;
  checkpoint: CheckpointStore;
}

export interface StageOutput {
  bytes: Uint8Array;
  contentType: string;
}

export interface StageResult {
  outputs: Record<string, StageOutput>;
  metrics: Record<string, number>;
}

/** A stage: a function of its inputs, parameters (which hold the seed) and the loaded networks; nothing else. */
export type Stage = (models: Models, context: StageContext) => Promise<StageResult>;

/** An input artifact by name. */
export function requireInput(context: StageContext, name: string): Uint8Array {
  const bytes = context.inputs[name];
  if (!bytes)
    throw new Error(`the stage needs the artifact "${name}" of an earlier stage: pass it in inputs`);
  return bytes;
}
