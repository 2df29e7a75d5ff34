import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Artifact, Stage } from '../../shared/index.ts';
import type { StageContext, StageResult } from '../stages/index.ts';
import { writeFileAtomically } from './atomic-file.ts';
import { runErrorOf } from './run-error.ts';
import type { FromWorker, Loaded, StageJob, ToWorker } from './stage-messages.ts';

/** The stages over loaded networks, as a worker process serves them. */
export interface StageHost extends Loaded {
  run(stage: Stage, context: StageContext): Promise<StageResult>;
}

/**
 * Serves stages from a child process to the server that forked it: one run at a time, files in, files out. The process
 * lives as long as its parent: where the parent dies, by whatever signal, it goes at once.
 *
 * @param load reads the networks; where it rejects, the server reports SETUP_FAILED with the message.
 */
export function serveStages(load: () => Promise<StageHost>): void {
  // Ctrl-C in a terminal reaches the whole process group; it is for the parent to say what is aborted.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  // A native call may hold other threads for seconds, and an orphan must not go on writing checkpoints beside its successor.
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

  let running: AbortController | undefined;
  const host = load();
  host.then(
    ({ profile, provider, digest, stages }) => {
      tell({ type: 'ready', loaded: { profile, provider, digest, stages } });
    },
    (error: unknown) => tell({ type: 'setup_failed', message: runErrorOf(error).message }),
  );
  process.on('message', (message: ToWorker) => {
    if (message.type === 'abort') return running?.abort(new Aborted());
    const controller = new AbortController();
    running = controller;
    host
      .then((loaded) => runJob(loaded, message.job, controller.signal))
      .then((result) => tell({ type: 'succeeded', ...result }))
      .catch((error: unknown) => {
        tell(controller.signal.aborted ? { type: 'aborted' } : { type: 'failed', error: runErrorOf(error) });
      })
      .finally(() => {
        running = undefined;
      });
  });
}

class Aborted extends Error {
  override readonly name = 'AbortError';
  override readonly message = 'the run was stopped';
}

function tell(message: FromWorker): void {
  // A parent that is gone needs no news; 'disconnect' ends this process.
  if (process.connected) process.send!(message);
}

async function runJob(
  host: StageHost,
  job: StageJob,
  signal: AbortSignal,
): Promise<{ outputs: Record<string, Artifact>; metrics: Record<string, number> }> {
  const inputs: Record<string, Uint8Array> = {};
  for (const [name, path] of Object.entries(job.inputs)) inputs[name] = await readFile(path);

  const resumes = existsSync(job.checkpoint);
  let firstStep: number | undefined;
  let last = { step: 0, steps: 0, message: '' };
  const context: StageContext = {
    params: job.params,
    inputs,
    signal,
    progress(fraction, { message = last.message, step = last.step, steps = last.steps, preview } = {}) {
      last = { step, steps, message };
      // Step 0 is said while networks are loaded, before a checkpoint is looked at.
      if (step > 0) firstStep ??= step;
      const blob = preview && storeBlob(job.blobs, preview, 'image/png');
      const clamped = Math.min(1, Math.max(0, fraction));
      tell({ type: 'progress', progress: { fraction: clamped, ...last, ...(blob && { preview: blob }) } });
    },
    warn: (warning) => tell({ type: 'warning', warning }),
    checkpoint: {
      everyMs: job.checkpointEveryMs,
      load: () => (resumes ? readFile(job.checkpoint) : Promise.resolve(undefined)),
      save: async (bytes) => {
        writeFileAtomically(job.checkpoint, bytes);
        tell({ type: 'checkpointed', bytes: bytes.length });
      },
    },
  };
  const result = await host.run(job.stage, context);
  const outputs: Record<string, Artifact> = {};
  for (const [name, { bytes, contentType }] of Object.entries(result.outputs)) {
    outputs[name] = storeBlob(job.blobs, bytes, contentType);
  }
  // The peak of the process's life: networks and earlier runs included.
  const memory = { peak_memory_bytes: process.resourceUsage().maxRSS * 1024 };
  return {
    outputs,
    metrics: { ...result.metrics, ...memory, ...(resumes && { resumed_at_step: firstStep ?? 0 }) },
  };
}

function storeBlob(folder: string, bytes: Uint8Array, contentType: string): Artifact {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  writeFileAtomically(join(folder, sha256), bytes);
  return { sha256, size: bytes.length, content_type: contentType };
}
