import type { Stage } from '../../shared/index.ts';

/** What a stage of a finished portrait took. */
export interface StageUse {
  stage: Stage;
  seconds: number;
  /** Answered from an earlier equal run. */
  cached: boolean;
}

/** Usage of one key, in one stage, on one day (UTC). */
export interface UsageRow {
  day: string;
  key: string;
  stage: Stage;
  portraits: number;
  cached: number;
  seconds: number;
  credits: number;
}

/** The table of an account's usage by day, key and stage. */
export class UsageStorage {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  create(): void {
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS usage (
        day TEXT NOT NULL, key TEXT NOT NULL, stage TEXT NOT NULL, portraits INTEGER NOT NULL, cached INTEGER NOT NULL,
        seconds REAL NOT NULL, credits INTEGER NOT NULL, PRIMARY KEY (day, key, stage)) WITHOUT ROWID;`);
  }

  /** Adds what one portrait used in one stage. */
  add(at: number, key: string, { stage, seconds, cached }: StageUse, credits: number): void {
    this.#sql.exec(
      `INSERT INTO usage (day, key, stage, portraits, cached, seconds, credits) VALUES (?, ?, ?, 1, ?, ?, ?)
        ON CONFLICT (day, key, stage) DO UPDATE SET portraits = portraits + 1, cached = cached + excluded.cached,
          seconds = seconds + excluded.seconds, credits = credits + excluded.credits`,
      dayOf(at),
      key,
      stage,
      cached ? 1 : 0,
      cached ? 0 : seconds,
      credits,
    );
  }

  /** Usage of the days `from` to `to` inclusive, `YYYY-MM-DD`. */
  between(from: string, to: string): UsageRow[] {
    return this.#sql
      .exec<Record<keyof UsageRow, string | number>>(
        'SELECT * FROM usage WHERE day BETWEEN ? AND ? ORDER BY day, key, stage',
        from,
        to,
      )
      .toArray() as unknown as UsageRow[];
  }
}

/** The day (UTC) of a time, `YYYY-MM-DD`. */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
