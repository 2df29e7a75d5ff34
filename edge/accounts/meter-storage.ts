/** A use that Stripe is still to be told of. */
export interface MeterEvent {
  /** The portrait: Stripe counts it once. */
  identifier: string;
  credits: number;
  at: number;
  tries: number;
}

/** The outbox of a postpaid account's meter events. */
export class MeterStorage {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  create(): void {
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS meters (
        identifier TEXT PRIMARY KEY, credits INTEGER NOT NULL, at INTEGER NOT NULL, due INTEGER NOT NULL,
        tries INTEGER NOT NULL DEFAULT 0);`);
  }

  add(identifier: string, credits: number, at: number): void {
    this.#sql.exec(
      'INSERT INTO meters (identifier, credits, at, due) VALUES (?, ?, ?, ?) ON CONFLICT (identifier) DO NOTHING',
      identifier,
      credits,
      at,
      at,
    );
  }

  /** Up to `limit` events that are due, oldest first. */
  due(now: number, limit: number): MeterEvent[] {
    return this.#sql
      .exec<{ identifier: string; credits: number; at: number; tries: number }>(
        'SELECT identifier, credits, at, tries FROM meters WHERE due <= ? ORDER BY at LIMIT ?',
        now,
        limit,
      )
      .toArray();
  }

  nextDue(): number | null {
    return this.#sql.exec<{ due: number | null }>('SELECT MIN(due) AS due FROM meters').one().due;
  }

  done(identifier: string): void {
    this.#sql.exec('DELETE FROM meters WHERE identifier = ?', identifier);
  }

  postpone(identifier: string, due: number): void {
    this.#sql.exec('UPDATE meters SET due = ?, tries = tries + 1 WHERE identifier = ?', due, identifier);
  }
}
