import * as z from 'zod';
import {
  artifactSchema,
  runSchema,
  sha256Schema,
  stageSchema,
  type Run,
  type RunStatus,
  type StartRun,
} from '../../shared/index.ts';

/** One who waits for a run: where its inputs lie, where its outputs go, and where it hears of progress. */
const ownerSchema = z.object({
  owner: z.string(),
  inputs: z.record(z.string(), z.url()),
  upload: z.string(),
  callback: z.object({ url: z.string(), secret: z.string() }).optional(),
  /** Where a server that has to stop leaves the checkpoint, and the next one finds it. */
  checkpoint: z.string().optional(),
  /** The owner's span of this stage (W3C Trace Context). */
  traceparent: z.string().optional(),
  /** Whether this owner's outputs are uploaded. */
  delivered: z.boolean(),
});
export type Owner = z.output<typeof ownerSchema>;

/** What the server keeps about a run on disk: everything needed to go on with it after a crash. */
export const runRecordSchema = z.object({
  run: runSchema(),
  stage: stageSchema(),
  version: z.int(),
  /** Digest of the weights it is for. */
  model: z.string(),
  params: z.record(z.string(), z.unknown()),
  /** SHA-256 of each input. */
  inputs: z.record(z.string(), sha256Schema()),
  owners: z.array(ownerSchema),
  /** Outputs that are made and lie on disk, whether or not they are uploaded yet. */
  produced: z.record(z.string(), artifactSchema()).nullable(),
  deadline_s: z.number(),
  /** Seconds of work so far, over all attempts. */
  worked_s: z.number(),
  /** How often the stage was started for this run. */
  attempts: z.int(),
  /** Milliseconds since 1970. */
  changed_at: z.number(),
});
export type RunRecord = z.output<typeof runRecordSchema>;

const NO_PROGRESS = { fraction: 0, eta_s: null, step: 0, steps: 0, message: 'queued' };

/** The record of a run nobody asked for before. */
export function newRecord(key: string, body: StartRun, now: number): RunRecord {
  const run: Run = {
    key,
    stage: body.stage,
    status: 'queued',
    progress: NO_PROGRESS,
    outputs: {},
    warnings: [],
    error: null,
    metrics: {},
  };
  return withOwner(
    {
      run,
      stage: body.stage,
      version: body.version,
      model: body.model.digest,
      params: body.params,
      inputs: Object.fromEntries(Object.entries(body.inputs).map(([name, { sha256 }]) => [name, sha256])),
      owners: [],
      produced: null,
      deadline_s: body.deadline_s,
      worked_s: 0,
      attempts: 0,
      changed_at: now,
    },
    body,
  );
}

/** The record with an owner added, or that owner's URLs replaced by fresh ones. */
export function withOwner(
  record: RunRecord,
  { owner, inputs, upload, callback, checkpoint, traceparent }: StartRun,
): RunRecord {
  const known = record.owners.find((one) => one.owner === owner);
  const fresh: Owner = {
    owner,
    inputs: Object.fromEntries(Object.entries(inputs).map(([name, { url }]) => [name, url])),
    upload: upload.url_template,
    callback,
    checkpoint,
    traceparent,
    delivered: known?.delivered ?? false,
  };
  return { ...record, owners: [...record.owners.filter((one) => one.owner !== owner), fresh] };
}

/** The record without an owner, or without any where none is named. */
export function withoutOwner(record: RunRecord, owner: string | undefined): RunRecord {
  return {
    ...record,
    owners: owner === undefined ? [] : record.owners.filter((one) => one.owner !== owner),
  };
}

/** An interrupted run, to be gone on with: the time worked so far counts towards the deadline. */
export function resumed(record: RunRecord): RunRecord {
  return {
    ...record,
    run: { ...record.run, status: 'queued', progress: { ...record.run.progress, eta_s: null } },
  };
}

/**
 * A run that is over, to be worked on again for whoever asks now. Those who waited before were told that it failed or
 * was cancelled, and would ask again; those who have their outputs keep them.
 */
export function restarted(record: RunRecord, body: StartRun): RunRecord {
  const served = { ...record, owners: record.owners.filter(({ delivered }) => delivered) };
  const run: Run = { ...record.run, status: 'queued', error: null, outputs: {}, progress: NO_PROGRESS };
  return withOwner({ ...served, run, worked_s: 0, deadline_s: body.deadline_s }, body);
}

/** Whether a run of this status changes no more unless it is PUT again. */
export function isOver(status: RunStatus): boolean {
  return status === 'succeeded' || status === 'failed' || status === 'cancelled';
}
