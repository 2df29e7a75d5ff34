import type { Run } from '../../shared/index.ts';
import { Listeners } from './listeners.ts';
import type { Log } from './log.ts';
import { RunProblem } from './problem.ts';
import { Cancelled } from './run-error.ts';
import { isOver, type RunRecord } from './run-record.ts';
import type { RunStore } from './run-store.ts';

/** How long a finished run, its outputs or its checkpoint are kept for somebody to ask again. */
const KEPT_MS = 24 * 3600 * 1000;

/** How many bytes of outputs of finished runs are kept. */
const KEPT_BYTES = 2 * 2 ** 30;

/** What is known of every run, in memory and on disk; tells those who listen and wakes those who wait. */
export class RunBook {
  readonly #store: RunStore;
  readonly #records = new Map<string, RunRecord>();
  readonly #listeners: Listeners;
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(store: RunStore, log: Log) {
    this.#store = store;
    this.#listeners = new Listeners(log);
    for (const record of store.load(log)) this.#records.set(record.run.key, record);
  }

  all(): RunRecord[] {
    return [...this.#records.values()];
  }

  find(key: string): RunRecord | undefined {
    return this.#records.get(key);
  }

  /** The public resource. @throws RunProblem run_not_found */
  get(key: string): Run {
    const record = this.#records.get(key);
    if (!record) throw new RunProblem('run_not_found', 'No run has this key: PUT it.');
    return record.run;
  }

  /** The record of a run that is worked on. @throws Cancelled where it was forgotten meanwhile. */
  record(key: string): RunRecord {
    const record = this.#records.get(key);
    if (!record) throw new Cancelled();
    return record;
  }

  /** Replaces a record, in memory and on disk. */
  keep(record: RunRecord): void {
    this.#records.set(record.run.key, record);
    this.#store.save(record);
  }

  /** Writes a run down as it is, where it is still known. */
  save(key: string): void {
    const record = this.#records.get(key);
    if (record) this.#store.save(record);
  }

  /** Changes the public resource, tells the owners, and wakes those who wait when the run is over. */
  change(key: string, change: Partial<Run>, durable = true): void {
    const record = this.record(key);
    // A cancelled run stays so, whatever its worker still says, until it is asked for again.
    if (record.run.status === 'cancelled') return;
    const next = { ...record, run: { ...record.run, ...change }, changed_at: Date.now() };
    if (durable) this.keep(next);
    else this.#records.set(key, next);
    this.#listeners.changed(key);
    if (isOver(next.run.status)) for (const wake of this.#waiting.get(key) ?? []) wake();
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

  /** Tells an owner of the run about it from now on. */
  listen(key: string, name: string): void {
    const owner = this.record(key).owners.find((one) => one.owner === name)!;
    let last = this.get(key);
    // A run that is forgotten is told about as it was last.
    this.#listeners.add(key, owner, () => (last = this.#records.get(key)?.run ?? last));
  }

  /** Stops telling an owner, or all of them. */
  unlisten(key: string, owner: string | undefined): void {
    this.#listeners.remove(key, owner);
  }

  /** Stops telling anybody anything. */
  silence(): void {
    this.#listeners.clear();
  }

  /** Takes a run out of the book; its files stay where `keepFiles`, for work on it that still stops. */
  forget(key: string, keepFiles = false): void {
    this.#records.delete(key);
    this.#listeners.remove(key);
    this.#waiting.delete(key);
    if (!keepFiles) this.#store.remove(key);
  }

  /** Forgets finished runs that are too old, or more than fit, oldest first; none of those that are worked on. */
  prune(isWorkedOn: (key: string) => boolean): void {
    const finished = this.all()
      .filter(({ run }) => isOver(run.status) && !isWorkedOn(run.key))
      .toSorted((a, b) => b.changed_at - a.changed_at);
    let bytes = 0;
    for (const { run, produced, changed_at } of finished) {
      for (const { size } of Object.values(produced ?? {})) bytes += size;
      if (bytes > KEPT_BYTES || Date.now() - changed_at > KEPT_MS) this.forget(run.key);
    }
  }
}
