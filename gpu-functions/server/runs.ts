import { existsSync } from 'node:fs';
import type { Health, Run, StartRun } from '../../shared/index.ts';
import type { Log } from './log.ts';
import { RunProblem } from './problem.ts';
import { RunBook } from './run-book.ts';
import { deliverOutputs, placeOf } from './run-delivery.ts';
import { Cancelled, runErrorOf, ShuttingDown } from './run-error.ts';
import { produceOutputs, type Workshop } from './run-production.ts';
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
import { RunTrace } from './run-trace.ts';
import type { Slots } from './slots.ts';
import type { SpanExporter } from './span-exporter.ts';
import type { Loaded } from './stage-messages.ts';
import { uploadCheckpoint } from './transfer.ts';

/** A run that is being worked on, or still stopping. */
interface Work {
  controller: AbortController;
  trace: RunTrace;
  done: Promise<void>;
}

/** What the routes of the run protocol stand on: a stage server's own runs, or those of functions elsewhere. */
export interface RunService {
  /** @throws RunProblem server_full, not_ready */
  put(key: string, body: StartRun): Answer<{ run: Run; created: boolean }>;
  /** The run once it is over, or as it is after `seconds`, or when `signal` aborts. @throws RunProblem run_not_found */
  wait(key: string, seconds: number, signal: AbortSignal): Promise<Run>;
  /** Takes an owner (or all) off a run. @throws RunProblem run_not_found */
  release(key: string, owner: string | undefined): Answer<Run>;
}
type Answer<T> = T | Promise<T>;

export interface RunsOptions {
  store: RunStore;
  slots: Slots;
  checkpointEveryMs: number;
  /** Takes the spans of every attempt at a run. */
  spans?: SpanExporter | undefined;
  log: Log;
}

/**
 * The one owner of every run's state: finds or starts runs, works on them, tells those who wait, and keeps all of it on
 * disk, so that a server started on the same folder after a crash goes on where the last one was.
 */
export class Runs implements RunService {
  readonly #book: RunBook;
  readonly #store: RunStore;
  readonly #slots: Slots;
  readonly #log: Log;
  readonly #workshop: Workshop;
  readonly #spans: SpanExporter | undefined;
  readonly #work = new Map<string, Work>();
  #stopping = false;

  constructor({ store, slots, checkpointEveryMs, spans, log }: RunsOptions) {
    this.#store = store;
    this.#slots = slots;
    this.#log = log;
    this.#spans = spans;
    this.#book = new RunBook(store, log);
    this.#workshop = { book: this.#book, store, slots, checkpointEveryMs, log };
    this.#prune();
  }

  /**
   * Goes on with every run that was interrupted, from its checkpoint and without being asked: its inputs are on disk,
   * and where an upload URL has expired meanwhile the outputs are kept until the run is PUT again with a fresh one.
   * Runs for other weights, or of another version of their stage, are forgotten: this server cannot finish them.
   */
  resume(loaded: Loaded): void {
    for (const record of this.#book.all()) {
      const { run, stage, version, model } = record;
      if (isOver(run.status)) continue;
      const fits = model === loaded.digest && version === loaded.stages[stage];
      this.#log('info', fits ? 'run_resumed' : 'run_outdated', { key: run.key, stage });
      if (fits) this.#begin(resumed(record));
      else this.#book.forget(run.key);
    }
  }

  /** @throws RunProblem server_full, not_ready */
  put(key: string, body: StartRun): { run: Run; created: boolean } {
    if (this.#stopping) throw new RunProblem('not_ready', 'The server shuts down.', 5);
    const known = this.#book.find(key);
    const working = this.#work.get(key);
    if (known && working && !isOver(known.run.status)) {
      this.#book.keep(withOwner(known, body));
      this.#book.listen(key, body.owner);
      working.trace.join(body.traceparent);
      return { run: this.#book.get(key), created: false };
    }
    if (known?.run.status === 'succeeded') {
      const owned = withOwner(known, body);
      // Outputs made for somebody else are uploaded for the new owner too before the run counts as succeeded for them.
      if (owned.owners.every((owner) => owner.delivered)) this.#book.keep(owned);
      else this.#begin(restarted(known, body));
      return { run: this.#book.get(key), created: false };
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
    return { run: this.#book.get(key), created: known === undefined };
  }

  wait(key: string, seconds: number, signal: AbortSignal): Promise<Run> {
    return this.#book.wait(key, seconds, signal);
  }

  /**
   * Takes an owner (or all) off a run. Without owners left, an unfinished run is cancelled between two steps, and a
   * finished one is forgotten. @throws RunProblem run_not_found
   */
  release(key: string, owner: string | undefined): Run {
    this.#book.get(key);
    const record = withoutOwner(this.#book.record(key), owner);
    this.#book.keep(record);
    this.#book.unlisten(key, owner);
    if (record.owners.length > 0) return record.run;
    if (isOver(record.run.status)) {
      this.#book.forget(key, this.#work.has(key));
      return record.run;
    }
    this.#log('info', 'run_cancelled', { key });
    this.#book.change(key, { status: 'cancelled', error: null });
    const work = this.#work.get(key);
    if (work) work.controller.abort(new Cancelled());
    else this.#store.clearWork(key);
    return this.#book.get(key);
  }

  /** READY, BUSY or DRAINING. */
  get availability(): Extract<Health['status'], 'READY' | 'BUSY' | 'DRAINING'> {
    if (this.#stopping) return 'DRAINING';
    return this.#work.size < this.#slots.capacity ? 'READY' : 'BUSY';
  }

  /**
   * Refuses new runs, stops every run after its current step, and uploads its checkpoint to where a server elsewhere
   * finds it; one on this folder goes on from it as well.
   */
  async shutDown(): Promise<void> {
    this.#stopping = true;
    for (const { controller } of this.#work.values()) controller.abort(new ShuttingDown());
    this.#book.silence();
    await Promise.all([...this.#work.values()].map(({ done }) => done));
  }

  #begin(record: RunRecord): void {
    const { key } = record.run;
    this.#book.keep(record);
    const trace = new RunTrace(key, record.stage);
    for (const { owner, delivered, traceparent } of record.owners) {
      this.#book.listen(key, owner);
      if (!delivered) trace.join(traceparent);
    }
    const controller = new AbortController();
    const done = this.#perform(key, trace, controller.signal).finally(() => {
      this.#work.delete(key);
      // Forgotten while it was stopping: nothing of it stays.
      if (!this.#book.find(key)) this.#store.remove(key);
      this.#prune();
    });
    this.#work.set(key, { controller, trace, done });
  }

  /** Works on a run until it is over, and tells of it where traces go. Never rejects. */
  async #perform(key: string, trace: RunTrace, signal: AbortSignal): Promise<void> {
    const outcome = await this.#attempt(key, trace, signal);
    this.#spans?.send(trace.end(outcome));
  }

  /** @returns why the run has not succeeded, in one word; null where it has */
  async #attempt(key: string, trace: RunTrace, signal: AbortSignal): Promise<string | null> {
    const startedAt = performance.now();
    const book = this.#book;
    try {
      if (!this.#hasOutputs(key)) await produceOutputs(key, this.#workshop, trace, signal);
      await trace.part('store outputs', () => deliverOutputs(key, book, this.#store, this.#log, signal));
      const { produced, stage } = book.record(key);
      book.change(key, {
        status: 'succeeded',
        outputs: produced!,
        progress: { ...book.get(key).progress, fraction: 1, eta_s: 0, message: 'done' },
      });
      this.#store.clearWork(key);
      const seconds = Math.round((performance.now() - startedAt) / 10) / 100;
      this.#log('info', 'run_succeeded', { key, stage, seconds });
      return null;
    } catch (error) {
      if (signal.reason instanceof ShuttingDown) {
        await trace.part('hand over', () => this.#handOver(key));
        return 'interrupted';
      }
      if (signal.reason instanceof Cancelled) {
        this.#store.clearWork(key);
        return 'cancelled';
      }
      const failure = runErrorOf(error);
      const { code, retryable, message } = failure;
      this.#log('error', 'run_failed', { key, code, retryable, message });
      book.change(key, { status: 'failed', error: failure });
      if (!retryable) this.#store.clearWork(key);
      return code;
    }
  }

  /** Leaves the checkpoint of an interrupted run where the next server finds it. */
  async #handOver(key: string): Promise<void> {
    const path = this.#store.checkpoint(key);
    const owners = this.#book.find(key)?.owners ?? [];
    const places = new Map(
      owners.flatMap(({ checkpoint }) => (checkpoint ? [[placeOf(checkpoint), checkpoint] as const] : [])),
    );
    if (existsSync(path)) {
      for (const url of places.values()) {
        try {
          this.#log('info', 'checkpoint_uploaded', { key, bytes: await uploadCheckpoint(url, path) });
        } catch (error) {
          this.#log('warn', 'checkpoint_not_uploaded', { key, message: (error as Error).message });
        }
      }
    }
    this.#log('info', 'run_interrupted', { key });
  }

  #hasOutputs(key: string): boolean {
    const { produced } = this.#book.record(key);
    return (
      produced !== null &&
      Object.values(produced).every(({ sha256 }) => existsSync(this.#store.blob(key, sha256)))
    );
  }

  #prune(): void {
    this.#book.prune((key) => this.#work.has(key));
  }
}
