import { DurableObject } from 'cloudflare:workers';
import type { StageResult } from '../../shared/index.ts';
import type { Env } from '../env.ts';
import { checkpointPath } from './paths.ts';
import { deleteArtifacts, missingOutputs } from './store.ts';

/** Uploads to a run are swept once more when the last of its signed URLs has expired. */
const LAST_SWEEP_MS = 3 * 60 * 60_000;

/**
 * Who keeps the artifacts of one run, and what the run made: the entry of the stage cache, and its garbage collector
 * in one, so that a result cannot vanish between being found and being kept. Named by the stage key. While a portrait
 * holds it, nothing of it is deleted; when the last one lets go, all of it is.
 */
export class RunKeeper extends DurableObject<Env> {
  #sweeping: Promise<void> | null = null;
  /** Whether the tables are there; what is read of them is asked for often. */
  #created = false;

  /** Keeps the run for a portrait. The result, where it has been recorded. */
  async hold(run: string, portrait: string): Promise<StageResult | null> {
    // A sweep under way would delete what the new holder uploads.
    await this.#sweeping;
    this.#create();
    const { sql } = this.ctx.storage;
    sql.exec('INSERT OR IGNORE INTO run (one, key) VALUES (1, ?)', run);
    sql.exec('INSERT OR IGNORE INTO holders (portrait) VALUES (?)', portrait);
    return this.#result();
  }

  /** What the run made; null before it is recorded, and once nobody keeps it. */
  async result(): Promise<StageResult | null> {
    return this.#holders() > 0 ? this.#result() : null;
  }

  /** Whether any portrait keeps the run: uploads of others are refused. */
  async isHeld(): Promise<boolean> {
    return this.#holders() > 0;
  }

  /** Records what the run made. Answers with the names of outputs that are not stored; then nothing is recorded. */
  async record(result: StageResult): Promise<string[]> {
    const missing = await missingOutputs(this.env.ARTIFACTS, result);
    if (missing.length === 0 && this.#holders() > 0) {
      this.ctx.storage.sql.exec('UPDATE run SET result = ?', JSON.stringify(result));
      await this.env.ARTIFACTS.delete(checkpointPath(result.key));
    }
    return missing;
  }

  /** Forgets the result where its artifacts are lost, so that the next portrait has them made again. */
  async verify(): Promise<void> {
    const result = this.#holders() > 0 ? this.#result() : null;
    if (!result || (await missingOutputs(this.env.ARTIFACTS, result)).length === 0) return;
    this.ctx.storage.sql.exec('UPDATE run SET result = NULL');
  }

  /** The portrait keeps the run no more. */
  async letGo(portrait: string): Promise<void> {
    if (this.#holders() === 0) return;
    const { sql } = this.ctx.storage;
    sql.exec('DELETE FROM holders WHERE portrait = ?', portrait);
    if (this.#holders() > 0) return;
    sql.exec('UPDATE run SET result = NULL, dropped_at = ?', Date.now());
    await this.ctx.storage.setAlarm(Date.now());
  }

  /** Deletes the artifacts of a run that nobody keeps; in the end, the memory of it. */
  override async alarm(): Promise<void> {
    if (!this.#exists() || this.#holders() > 0) return;
    const { key, dropped_at } = this.ctx.storage.sql
      .exec<{ key: string; dropped_at: number }>('SELECT key, dropped_at FROM run')
      .one();
    this.#sweeping = deleteArtifacts(this.env.ARTIFACTS, key).finally(() => {
      this.#sweeping = null;
    });
    await this.#sweeping;
    if (this.#holders() > 0) return;
    if (Date.now() < dropped_at + LAST_SWEEP_MS) await this.ctx.storage.setAlarm(dropped_at + LAST_SWEEP_MS);
    else {
      await this.ctx.storage.deleteAll();
      this.#created = false;
    }
  }

  #create(): void {
    if (this.#exists()) return;
    this.ctx.storage.sql.exec(`
      CREATE TABLE IF NOT EXISTS run (
        one INTEGER PRIMARY KEY CHECK (one = 1), key TEXT NOT NULL, result TEXT, dropped_at INTEGER NOT NULL DEFAULT 0);
      CREATE TABLE IF NOT EXISTS holders (portrait TEXT PRIMARY KEY);`);
    this.#created = true;
  }

  /** Asking after a run that was never kept must not leave tables behind. */
  #exists(): boolean {
    this.#created ||=
      this.ctx.storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'holders'").toArray().length > 0;
    return this.#created;
  }

  #holders(): number {
    if (!this.#exists()) return 0;
    return this.ctx.storage.sql.exec<{ n: number }>('SELECT COUNT(*) AS n FROM holders').one().n;
  }

  #result(): StageResult | null {
    const { result } = this.ctx.storage.sql.exec<{ result: string | null }>('SELECT result FROM run').one();
    return result === null ? null : JSON.parse(result);
  }
}
