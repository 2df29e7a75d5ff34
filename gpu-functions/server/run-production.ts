import { existsSync } from 'node:fs';
import type { Log } from './log.ts';
import type { RunBook } from './run-book.ts';
import { RunClock } from './run-clock.ts';
import { uploads } from './run-delivery.ts';
import type { RunStore } from './run-store.ts';
import type { RunTrace } from './run-trace.ts';
import type { Slots } from './slots.ts';
import type { StageProgress } from './stage-messages.ts';
import type { StageListener } from './stage-process.ts';
import { fetchCheckpoint, fetchInput, uploadBlob } from './transfer.ts';

export interface Workshop {
  book: RunBook;
  store: RunStore;
  slots: Slots;
  checkpointEveryMs: number;
  log: Log;
}

/**
 * Fetches the inputs, and the checkpoint that another server left, and runs the stage as soon as there is a free slot.
 * The outputs then lie on disk and are named by the record's `produced`.
 */
export async function produceOutputs(
  key: string,
  workshop: Workshop,
  trace: RunTrace,
  signal: AbortSignal,
): Promise<void> {
  const { book, store, slots, checkpointEveryMs, log } = workshop;
  const { inputs, stage, params } = book.record(key);
  const paths: Record<string, string> = {};
  const fetches = Object.entries(inputs).map(([name, sha256]) => {
    const path = (paths[name] = store.input(key, sha256));
    const urls = book
      .record(key)
      .owners.map((owner) => owner.inputs[name]!)
      .toReversed();
    return trace.part(`fetch ${name}`, () => fetchInput(urls, sha256, path, signal));
  });
  if (!existsSync(store.checkpoint(key)))
    fetches.push(trace.part('fetch checkpoint', () => takeOver(key, workshop, signal)));
  await Promise.all(fetches);
  const worker = await trace.part('wait for a slot', () => slots.acquire(signal));
  const { worked_s, deadline_s } = book.record(key);
  const clock = new RunClock(worked_s, deadline_s, signal, (worked) => {
    if (book.find(key)) book.keep({ ...book.record(key), worked_s: worked });
  });
  try {
    book.keep({ ...book.record(key), attempts: book.record(key).attempts + 1 });
    book.change(key, {
      status: 'running',
      warnings: [],
      progress: { ...book.get(key).progress, message: 'starting' },
    });
    const job = {
      key,
      stage,
      params,
      inputs: paths,
      checkpoint: store.checkpoint(key),
      checkpointEveryMs,
      blobs: store.blobs(key),
    };
    const listener: StageListener = {
      // A run that was cancelled, and even forgotten, may still be on its way to the end of its step.
      progress: (progress) => {
        trace.progress(progress);
        if (!signal.aborted) report(key, progress, workshop, clock, signal);
      },
      warning: (warning) => {
        if (!signal.aborted) book.change(key, { warnings: [...book.get(key).warnings, warning] });
      },
      checkpointed: (bytes) => {
        log('info', 'run_checkpointed', { key, bytes, step: book.find(key)?.run.progress.step });
        book.save(key);
      },
    };
    const { outputs, metrics } = await trace.stage(stage, () => worker.run(job, listener, clock.signal));
    const { attempts } = book.record(key);
    const seconds = Math.round(clock.worked * 100) / 100;
    book.change(key, { metrics: { ...metrics, attempts, seconds } });
    book.keep({ ...book.record(key), produced: outputs });
  } finally {
    clock.stop();
    slots.release(worker);
  }
}

/** Fetches the checkpoint that a server which had to stop has left. Without one, the run begins at its beginning. */
async function takeOver(key: string, { book, store, log }: Workshop, signal: AbortSignal): Promise<void> {
  for (const { checkpoint } of book.record(key).owners.toReversed()) {
    if (!checkpoint) continue;
    try {
      const bytes = await fetchCheckpoint(checkpoint, store.checkpoint(key), signal);
      if (bytes === null) continue;
      return log('info', 'checkpoint_fetched', { key, bytes });
    } catch (error) {
      signal.throwIfAborted();
      log('warn', 'checkpoint_not_fetched', { key, message: (error as Error).message });
    }
  }
}

function report(
  key: string,
  { preview, ...progress }: StageProgress,
  { book, store, log }: Workshop,
  clock: RunClock,
  signal: AbortSignal,
): void {
  const shown = book.get(key).progress.preview;
  const eta_s = clock.left.report(clock.seconds, progress.fraction);
  book.change(key, { progress: { ...progress, eta_s, ...(shown && { preview: shown }) } }, false);
  if (!preview) return;
  // The work does not wait for pictures; one that cannot be uploaded is only not shown.
  const urls = uploads(book.record(key).owners);
  Promise.any(urls.map((url) => uploadBlob(url, store.blob(key, preview.sha256), preview, signal)))
    .then(() => book.change(key, { progress: { ...book.get(key).progress, preview } }, false))
    .catch((error: Error) => {
      if (!signal.aborted) log('warn', 'preview_not_uploaded', { key, message: error.message });
    });
}
