import { existsSync } from 'node:fs';
import type { Health, Run, StartRun } from '../../shared/index.ts';
import { Listeners } from './listeners.ts';
import type { Log } from './log.ts';
import { RunProblem } from './problem.ts';
import { RunClock } from './run-clock.ts';
import { runErrorOf } from './run-error.ts';
import {
  isOver,
  newRecord,
  restarted,
  resumed,
  withOwner,
  withoutOwner,
  type RunRecord,
} from './run-record.ts';
import type { RunStore } from './run-store.ts';
import type { Slots } from './slots.ts';
import type { Loaded, StageProgress } from './stage-messages.ts';
import { fetchInput, uploadBlob } from './transfer.ts';

/** How long a finished run, its outputs or its checkpoint are kept for somebody to ask again. */
const KEPT_MS = 24 * 3600 * 1000;

/** How many bytes of outputs of finished runs are kept. */
const KEPT_BYTES = 2 * 2 ** 30;

class Cancelled extends Error {
  override readonly message = 'cancelled';
}

class ShuttingDown extends Error {
  override readonly message = 'the server shuts down';
}

/** A run that is being worked on, or still stopping. */
interface Work {
  controller: AbortController;
  done: Promise<void>;
}

export interface RunsOptions {
  store: RunStore;
  slots: Slots;
  checkpointEveryMs: number;
  log: Log;
}

/**
 * The one owner of every run's state: finds or starts runs, works on them, tells those who wait, and keeps all of it on
 * disk, so that a server started on the same folder after a crash goes on where the last one was.
 */
export class Runs {
  readonly #store: RunStore;
  readonly #slots: Slots;
  readonly #checkpointEveryMs: number;
  readonly #log: Log;
  readonly #records = new Map<string, RunRecord>();
  readonly #work = new Map<string, Work>();
  readonly #listeners: Listeners;
  readonly #waiting = new Map<string, Set<() => void>>();
  #stopping = false;

  constructor({ store, slots, checkpointEveryMs, log }: RunsOptions) {
    this.#store = store;
    this.#slots = slots;
    this.#checkpointEveryMs = checkpointEveryMs;
    this.#log = log;
    this.#listeners = new Listeners(log);
    for (const record of store.load(log)) this.#records.set(record.run.key, record);
    this.#prune();
  }

  /**
   * Goes on with every run that was interrupted, from its checkpoint and without being asked: its inputs are on disk,
   * and where an upload URL has expired meanwhile the outputs are kept until the run is PUT again with a fresh one.
   * Runs for other weights, or of another version of their stage, are forgotten: this server cannot finish them.
   */
  resume(loaded: Loaded): void {
    for (const record of this.#records.values()) {
      const { run, stage, version, model } = record;
      if (isOver(run.status)) continue;
      const fits = model === loaded.digest && version === loaded.stages[stage];
      this.#log('info', fits ? 'run_resumed' : 'run_outdated', { key: run.key, stage });
      if (fits) this.#begin(resumed(record));
      else this.#forget(run.key);
    }
  }

  /** @throws RunProblem server_full */
  put(key: string, body: StartRun): { run: Run; created: boolean } {
    if (this.#stopping) throw new RunProblem('not_ready', 'The server shuts down.', 5);
    const known = this.#records.get(key);
    const working = this.#work.has(key);
    if (known && working && !isOver(known.run.status)) {
      this.#keep(withOwner(known, body));
      this.#listen(key, body.owner);
      return { run: this.get(key), created: false };
    }
    if (known?.run.status === 'succeeded') {
      const owned = withOwner(known, body);
      // Outputs made for somebody else are uploaded for the new owner too before the run counts as succeeded for them.
      if (owned.owners.every((owner) => owner.delivered)) this.#keep(owned);
      else this.#begin(restarted(known, body));
      return { run: this.get(key), created: false };
    }
    // A cancelled run of this key may still be on its way to the end of its step.
    if (working || this.#work.size >= this.#slots.capacity) {
      throw new RunProblem(
        'server_full',
        `This server works on ${this.#slots.capacity} run(s) at a time.`,
        2,
      );
    }
    this.#log('info', 'run_accepted', { key, stage: body.stage, again: known !== undefined });
    this.#begin(known ? restarted(known, body) : newRecord(key, body, Date.now()));
    return { run: this.get(key), created: known === undefined };
  }

  /** @throws RunProblem run_not_found */
  get(key: string): Run {
    const record = this.#records.get(key);
    if (!record) throw new RunProblem('run_not_found', 'No run has this key: PUT it.');
    return record.run;
  }

  /** The run once it is over, or as it is after `seconds`, or when `signal` aborts. @throws RunProblem run_not_found */
  async wait(key: string, seconds: number, signal: AbortSignal): Promise<Run> {
    if (seconds <= 0 || isOver(this.get(key).status)) return this.get(key);
    await new Promise<void>((resolve) => {
      const waiting = this.#waiting.get(key) ?? new Set();
      this.#waiting.set(key, waiting);
      const stop = () => {
        clearTimeout(timer);
        waiting.delete(stop);
        resolve();
      };
      const timer = setTimeout(stop, seconds * 1000);
      signal.addEventListener('abort', stop);
      waiting.add(stop);
    });
    return this.get(key);
  }

  /**
   * Takes an owner (or all) off a run. Without owners left, an unfinished run is cancelled between two steps, and a
   * finished one is forgotten. @throws RunProblem run_not_found
   */
  release(key: string, owner: string | undefined): Run {
    this.get(key);
    const record = withoutOwner(this.#records.get(key)!, owner);
    this.#keep(record);
    this.#listeners.remove(key, owner);
    if (record.owners.length > 0) return record.run;
    if (isOver(record.run.status)) {
      this.#records.delete(key);
      if (!this.#work.has(key)) this.#store.remove(key);
      return record.run;
    }
    this.#log('info', 'run_cancelled', { key });
    this.#change(key, { status: 'cancelled', error: null });
    const work = this.#work.get(key);
    if (work) work.controller.abort(new Cancelled());
    else this.#store.clearWork(key);
    return this.get(key);
  }

  /** READY or BUSY. */
  get availability(): Extract<Health['status'], 'READY' | 'BUSY'> {
    return this.#work.size < this.#slots.capacity ? 'READY' : 'BUSY';
  }

  /** Stops every run after its current step, with a checkpoint, to be resumed by the next server on this folder. */
  async shutDown(): Promise<void> {
    this.#stopping = true;
    for (const { controller } of this.#work.values()) controller.abort(new ShuttingDown());
    this.#listeners.clear();
    await Promise.all([...this.#work.values()].map(({ done }) => done));
  }

  #begin(record: RunRecord): void {
    const { key } = record.run;
    this.#keep(record);
    for (const { owner } of record.owners) this.#listen(key, owner);
    const controller = new AbortController();
    const done = this.#perform(key, controller.signal).finally(() => {
      this.#work.delete(key);
      // Forgotten while it was stopping: nothing of it stays.
      if (!this.#records.has(key)) this.#store.remove(key);
      this.#prune();
    });
    this.#work.set(key, { controller, done });
  }

  /** Works on a run until it is over. Never rejects. */
  async #perform(key: string, signal: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    try {
      if (!this.#hasOutputs(key)) await this.#produce(key, signal);
      await this.#deliver(key, signal);
      const { produced } = this.#record(key);
      this.#change(key, {
        status: 'succeeded',
        outputs: produced!,
        progress: { ...this.get(key).progress, fraction: 1, eta_s: 0, message: 'done' },
      });
      this.#store.clearWork(key);
      const seconds = Math.round((performance.now() - startedAt) / 10) / 100;
      this.#log('info', 'run_succeeded', { key, stage: this.#record(key).stage, seconds });
    } catch (error) {
      if (signal.reason instanceof ShuttingDown) return this.#log('info', 'run_interrupted', { key });
      if (signal.reason instanceof Cancelled) return this.#store.clearWork(key);
      const failure = runErrorOf(error);
      this.#log('error', 'run_failed', {
        key,
        code: failure.code,
        retryable: failure.retryable,
        message: failure.message,
      });
      this.#change(key, { status: 'failed', error: failure });
      if (!failure.retryable) this.#store.clearWork(key);
    }
  }

  #hasOutputs(key: string): boolean {
    const { produced } = this.#record(key);
    return (
      produced !== null &&
      Object.values(produced).every(({ sha256 }) => existsSync(this.#store.blob(key, sha256)))
    );
  }

  /** Fetches the inputs and runs the stage, as soon as there is a free slot. */
  async #produce(key: string, signal: AbortSignal): Promise<void> {
    const { inputs, stage, params } = this.#record(key);
    const paths: Record<string, string> = {};
    for (const [name, sha256] of Object.entries(inputs)) {
      paths[name] = this.#store.input(key, sha256);
      const urls = this.#record(key)
        .owners.map((owner) => owner.inputs[name]!)
        .toReversed();
      await fetchInput(urls, sha256, paths[name], signal);
    }
    const worker = await this.#slots.acquire(signal);
    const { worked_s, deadline_s } = this.#record(key);
    const clock = new RunClock(worked_s, deadline_s, signal, (worked) => {
      if (this.#records.has(key)) this.#keep({ ...this.#record(key), worked_s: worked });
    });
    try {
      this.#keep({ ...this.#record(key), attempts: this.#record(key).attempts + 1 });
      this.#change(key, {
        status: 'running',
        warnings: [],
        progress: { ...this.get(key).progress, message: 'starting' },
      });
      const { outputs, metrics } = await worker.run(
        {
          key,
          stage,
          params,
          inputs: paths,
          checkpoint: this.#store.checkpoint(key),
          checkpointEveryMs: this.#checkpointEveryMs,
          blobs: this.#store.blobs(key),
        },
        {
          // A run that was cancelled, and even forgotten, may still be on its way to the end of its step.
          progress: (progress) => {
            if (!signal.aborted) this.#progress(key, progress, clock, signal);
          },
          warning: (warning) => {
            if (!signal.aborted) this.#change(key, { warnings: [...this.get(key).warnings, warning] });
          },
          checkpointed: (bytes) => {
            const step = this.#records.get(key)?.run.progress.step;
            this.#log('info', 'run_checkpointed', { key, bytes, step });
            this.#save(key);
          },
        },
        clock.signal,
      );
      const { attempts } = this.#record(key);
      const seconds = Math.round(clock.worked * 100) / 100;
      this.#change(key, { metrics: { ...metrics, attempts, seconds } });
      this.#keep({ ...this.#record(key), produced: outputs });
    } finally {
      clock.stop();
      this.#slots.release(worker);
    }
  }

  #progress(key: string, report: StageProgress, clock: RunClock, signal: AbortSignal): void {
    const { preview, ...progress } = report;
    const shown = this.get(key).progress.preview;
    const eta_s = clock.left.report(clock.seconds, progress.fraction);
    this.#change(key, { progress: { ...progress, eta_s, ...(shown && { preview: shown }) } }, false);
    if (!preview) return;
    // The work does not wait for pictures; one that cannot be uploaded is only not shown.
    const { owners } = this.#record(key);
    Promise.any(
      uploads(owners).map((url) => uploadBlob(url, this.#store.blob(key, preview.sha256), preview, signal)),
    )
      .then(() => this.#change(key, { progress: { ...this.get(key).progress, preview } }, false))
      .catch((error: Error) => {
        if (!signal.aborted) this.#log('warn', 'preview_not_uploaded', { key, message: error.message });
      });
  }

  /**
   * Uploads the outputs for every owner that does not have them yet, including owners that come meanwhile. An owner that
   * cannot be reached is given up where another can; it will miss its outputs and ask again.
   *
   * @throws RunFailure upload_failed where nobody can be reached.
   */
  async #deliver(key: string, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const record = this.#record(key);
      const waiting = record.owners.filter((owner) => !owner.delivered);
      if (waiting.length === 0) return;
      this.#change(key, {
        status: 'running',
        progress: { ...record.run.progress, message: 'storing the results' },
      });
      const places = uploads(waiting);
      const results = await Promise.allSettled(places.map((url) => this.#upload(key, url, signal)));
      const failure = results.find((result) => result.status === 'rejected');
      if (failure && results.every(({ status }) => status === 'rejected')) throw failure.reason;
      const reached = new Set(places.filter((_, i) => results[i]!.status === 'fulfilled').map(placeOf));
      const asked = new Set(waiting.map(({ owner }) => owner));
      const owners = this.#record(key).owners.flatMap((one) => {
        if (!asked.has(one.owner)) return one;
        return reached.has(placeOf(one.upload)) ? { ...one, delivered: true } : [];
      });
      if (failure) this.#log('warn', 'owner_given_up', { key, message: (failure.reason as Error).message });
      this.#keep({ ...this.#record(key), owners });
    }
  }

  async #upload(key: string, url: string, signal: AbortSignal): Promise<void> {
    for (const artifact of Object.values(this.#record(key).produced!)) {
      await uploadBlob(url, this.#store.blob(key, artifact.sha256), artifact, signal);
    }
  }

  #record(key: string): RunRecord {
    const record = this.#records.get(key);
    if (!record) throw new Cancelled();
    return record;
  }

  /** Replaces a record, in memory and on disk. */
  #keep(record: RunRecord): void {
    this.#records.set(record.run.key, record);
    this.#save(record.run.key);
  }

  #save(key: string): void {
    const record = this.#records.get(key);
    if (record) this.#store.save(record);
  }

  /** Changes the public resource, tells the owners, and wakes those who wait when the run is over. */
  #change(key: string, change: Partial<Run>, durable = true): void {
    const record = this.#record(key);
    // A cancelled run stays so, whatever its worker still says, until it is asked for again.
    if (record.run.status === 'cancelled') return;
    const next = { ...record, run: { ...record.run, ...change }, changed_at: Date.now() };
    if (durable) this.#keep(next);
    else this.#records.set(key, next);
    this.#listeners.changed(key);
    if (isOver(next.run.status)) for (const wake of this.#waiting.get(key) ?? []) wake();
  }

  #listen(key: string, name: string): void {
    const owner = this.#record(key).owners.find((one) => one.owner === name)!;
    let last = this.get(key);
    // A run that is forgotten is told about as it was last.
    this.#listeners.add(key, owner, () => (last = this.#records.get(key)?.run ?? last));
  }

  /** Forgets finished runs that are too old, or more than fit, oldest first. */
  #prune(): void {
    const finished = [...this.#records.values()]
      .filter(({ run }) => isOver(run.status) && !this.#work.has(run.key))
      .toSorted((a, b) => b.changed_at - a.changed_at);
    let bytes = 0;
    for (const { run, produced, changed_at } of finished) {
      for (const { size } of Object.values(produced ?? {})) bytes += size;
      if (bytes > KEPT_BYTES || Date.now() - changed_at > KEPT_MS) this.#forget(run.key);
    }
  }

  #forget(key: string): void {
    this.#records.delete(key);
    this.#listeners.remove(key);
    this.#waiting.delete(key);
    this.#store.remove(key);
  }
}

/** One upload URL for each distinct place the owners want their outputs at. */
function uploads(owners: RunRecord['owners']): string[] {
  return [...new Map(owners.map(({ upload }) => [placeOf(upload), upload])).values()];
}

/** Upload URLs of one place differ only in their signatures. */
function placeOf(upload: string): string {
  return upload.split('?')[0]!;
}
