import type { Stage } from '../../shared/index.ts';
import type { QueueState } from './fair-queue.ts';

interface TicketRow extends Record<string, SqlStorageValue> {
  id: string;
  account: string;
  urgency: number;
  joined_at: number;
  /** Null while it waits. */
  seen_at: number | null;
}

/** The SQLite tables of a stage's pool. */
export class QueueStorage {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  create(stage: Stage): void {
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS pool (
        one INTEGER PRIMARY KEY CHECK (one = 1), stage TEXT NOT NULL, virtual_time REAL NOT NULL DEFAULT 0);
      CREATE TABLE IF NOT EXISTS tickets (
        id TEXT PRIMARY KEY, account TEXT NOT NULL, urgency INTEGER NOT NULL, joined_at INTEGER NOT NULL, seen_at INTEGER);
      CREATE TABLE IF NOT EXISTS tags (account TEXT PRIMARY KEY, tag REAL NOT NULL);`);
    this.#sql.exec('INSERT OR IGNORE INTO pool (one, stage) VALUES (1, ?)', stage);
  }

  /** The stage whose pool it is; null before anybody joined. */
  stage(): Stage | null {
    const table = this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'pool'").toArray();
    return table.length === 0 ? null : this.#sql.exec<{ stage: Stage }>('SELECT stage FROM pool').one().stage;
  }

  load(): QueueState {
    const rows = this.#sql.exec<TicketRow>('SELECT * FROM tickets ORDER BY joined_at').toArray();
    const tags = this.#sql.exec<{ account: string; tag: number }>('SELECT account, tag FROM tags').toArray();
    return {
      waiting: rows
        .filter(({ seen_at }) => seen_at === null)
        .map(({ id, account, urgency, joined_at }) => ({ id, account, urgency, joinedAt: joined_at })),
      places: rows.flatMap(({ id, account, seen_at }) =>
        seen_at === null ? [] : [{ id, account, seenAt: seen_at }],
      ),
      virtualTime: this.#sql.exec<{ virtual_time: number }>('SELECT virtual_time FROM pool').one()
        .virtual_time,
      finishTags: Object.fromEntries(tags.map(({ account, tag }) => [account, tag])),
    };
  }

  /** Stores what a state says of these jobs, and the tags. Rows of other jobs stay as they are. */
  save({ waiting, places, virtualTime, finishTags }: QueueState, ids: readonly string[]): void {
    for (const id of ids) {
      const ticket = waiting.find((one) => one.id === id);
      const place = places.find((one) => one.id === id);
      if (ticket)
        this.#sql.exec(
          'INSERT OR REPLACE INTO tickets (id, account, urgency, joined_at) VALUES (?, ?, ?, ?)',
          id,
          ticket.account,
          ticket.urgency,
          ticket.joinedAt,
        );
      else if (place)
        this.#sql.exec(
          `INSERT INTO tickets (id, account, urgency, joined_at, seen_at) VALUES (?1, ?2, 0, ?3, ?3)
            ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at`,
          id,
          place.account,
          place.seenAt,
        );
      else this.#sql.exec('DELETE FROM tickets WHERE id = ?', id);
    }
    this.#sql.exec('UPDATE pool SET virtual_time = ?', virtualTime);
    this.#sql.exec('DELETE FROM tags');
    for (const [account, tag] of Object.entries(finishTags))
      this.#sql.exec('INSERT INTO tags (account, tag) VALUES (?, ?)', account, tag);
  }
}
