import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomically, type Log } from '../server/index.ts';
import { callRecordSchema, type CallRecord } from './call-record.ts';

/** Calls on disk, a file each, so that a gateway that was restarted finds the calls that go on without it. */
export class CallStore {
  readonly #folder: string;
  readonly #records = new Map<string, CallRecord>();

  constructor(state: string, log: Log) {
    this.#folder = join(state, 'calls');
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(this.#folder)) {
      const path = join(this.#folder, name);
      try {
        const record = callRecordSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
        this.#records.set(record.key, record);
      } catch (error) {
        // Its run is asked for again by its key, and made anew.
        log('warn', 'call_unreadable', { name, message: String(error) });
        rmSync(path, { force: true });
      }
    }
  }

  find(key: string): CallRecord | undefined {
    return this.#records.get(key);
  }

  save(record: CallRecord): void {
    this.#records.set(record.key, record);
    writeFileAtomically(join(this.#folder, `${record.key}.json`), JSON.stringify(record));
  }

  remove(key: string): void {
    this.#records.delete(key);
    rmSync(join(this.#folder, `${key}.json`), { force: true });
  }

  /** Forgets calls that ended before a time. */
  prune(before: number): void {
    for (const { key, ended, changed_at } of this.#records.values()) {
      if (ended && changed_at < before) this.remove(key);
    }
  }
}
