import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomically } from './atomic-file.ts';
import type { Log } from './log.ts';
import { runRecordSchema, type RunRecord } from './run-record.ts';

/**
 * Runs on disk, a folder each: `run.json` (the record), `checkpoint`, `inputs/<sha256>`, `blobs/<sha256>` (outputs and
 * previews). Only its owner may read it: records hold signed URLs and prompts.
 */
export class RunStore {
  readonly #root: string;

  constructor(state: string) {
    this.#root = join(state, 'runs');
    mkdirSync(this.#root, { recursive: true, mode: 0o700 });
  }

  /** Every record. A folder without a readable one is of no use to anybody, and is removed. */
  load(log: Log): RunRecord[] {
    return readdirSync(this.#root).flatMap((key) => {
      try {
        return runRecordSchema.parse(JSON.parse(readFileSync(this.#path(key, 'run.json'), 'utf8')));
      } catch (error) {
        log('warn', 'run_unreadable', { key, message: String(error) });
        this.remove(key);
        return [];
      }
    });
  }

  save(record: RunRecord): void {
    const { key } = record.run;
    if (!existsSync(this.blobs(key))) mkdirSync(this.blobs(key), { recursive: true });
    writeFileAtomically(this.#path(key, 'run.json'), JSON.stringify(record));
  }

  /** Forgets a run and everything it has made. */
  remove(key: string): void {
    rmSync(this.#path(key), { recursive: true, force: true });
  }

  /** Where an input goes. */
  input(key: string, sha256: string): string {
    mkdirSync(this.#path(key, 'inputs'), { recursive: true });
    return this.#path(key, 'inputs', sha256);
  }

  blobs(key: string): string {
    return this.#path(key, 'blobs');
  }

  blob(key: string, sha256: string): string {
    return this.#path(key, 'blobs', sha256);
  }

  checkpoint(key: string): string {
    return this.#path(key, 'checkpoint');
  }

  /** Removes what only an unfinished run needs. */
  clearWork(key: string): void {
    rmSync(this.checkpoint(key), { force: true });
    rmSync(this.#path(key, 'inputs'), { recursive: true, force: true });
  }

  #path(key: string, ...parts: string[]): string {
    return join(this.#root, key, ...parts);
  }
}
