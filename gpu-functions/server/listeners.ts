import type { Run } from '../../shared/index.ts';
import { Callbacks } from './callbacks.ts';
import type { Log } from './log.ts';
import type { Owner } from './run-record.ts';

/** The callbacks of every run, one for each owner that wants them. */
export class Listeners {
  readonly #log: Log;
  readonly #runs = new Map<string, Map<string, Callbacks>>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** Tells an owner about a run from now on, at its newest address. `current` gives the run as it is. */
  add(key: string, { owner, callback }: Owner, current: () => Run): void {
    this.remove(key, owner);
    if (!callback) return;
    const owners = this.#runs.get(key) ?? new Map<string, Callbacks>();
    this.#runs.set(key, owners);
    owners.set(owner, new Callbacks(callback, current, this.#log));
  }

  /** A run has changed. */
  changed(key: string): void {
    for (const callbacks of this.#runs.get(key)?.values() ?? []) callbacks.changed();
  }

  /** Stops telling an owner, or all of them, about a run. */
  remove(key: string, owner?: string): void {
    const owners = this.#runs.get(key);
    for (const [name, callbacks] of owners ?? []) {
      if (owner !== undefined && name !== owner) continue;
      callbacks.stop();
      owners!.delete(name);
    }
    if (owners?.size === 0) this.#runs.delete(key);
  }

  /** Stops telling anybody anything. */
  clear(): void {
    for (const key of this.#runs.keys()) this.remove(key);
  }
}
