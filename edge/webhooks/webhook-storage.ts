import type { Delivery, DeliveryAttempt, Webhook } from '../../shared/index.ts';

/** A webhook as it is stored. Times are milliseconds since 1970. */
export interface WebhookRecord extends Omit<Webhook, 'object' | 'created_at'> {
  /** Sealed (secret-box.ts), as is the one before. */
  secret: string;
  /** The secret before the last rotation, and until when it signs too. */
  formerSecret: string | null;
  formerUntil: number;
  createdAt: number;
}

/** A delivery that is due, with what it carries. */
export interface DueDelivery {
  id: string;
  webhook: string;
  event: string;
  body: string;
  tries: number;
}

type DeliveryRow = {
  seq: number;
  id: string;
  webhook: string;
  event: string;
  type: string;
  status: string;
  tries: number;
  due: number | null;
  at: number;
  attempts: string;
};

/** Tries kept of one delivery: ten, and those of its replays. */
const ATTEMPTS_KEPT = 30;

/** The tables of one account's webhooks: endpoints, events, and the outbox of deliveries with its log. */
export class WebhookStorage {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Whether any webhook was ever made here: asking must not leave tables behind. */
  exists(): boolean {
    return this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'webhooks'").toArray().length > 0;
  }

  create(): void {
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS webhooks (id TEXT PRIMARY KEY, at INTEGER NOT NULL, record TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS events (
        id TEXT PRIMARY KEY, type TEXT NOT NULL, body TEXT NOT NULL, at INTEGER NOT NULL);
      CREATE TABLE IF NOT EXISTS deliveries (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, webhook TEXT NOT NULL, event TEXT NOT NULL,
        type TEXT NOT NULL, status TEXT NOT NULL, tries INTEGER NOT NULL, due INTEGER, at INTEGER NOT NULL,
        attempts TEXT NOT NULL, UNIQUE (webhook, event));
      CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (due) WHERE due IS NOT NULL;`);
  }

  save(webhook: WebhookRecord): void {
    this.#sql.exec(
      'INSERT INTO webhooks (id, at, record) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET record = excluded.record',
      webhook.id,
      webhook.createdAt,
      JSON.stringify(webhook),
    );
  }

  get(id: string): WebhookRecord | null {
    if (!this.exists()) return null;
    const row = this.#sql
      .exec<{ record: string }>('SELECT record FROM webhooks WHERE id = ?', id)
      .toArray()[0];
    return row ? (JSON.parse(row.record) as WebhookRecord) : null;
  }

  /** All webhooks, newest first. */
  list(): WebhookRecord[] {
    if (!this.exists()) return [];
    return this.#sql
      .exec<{ record: string }>('SELECT record FROM webhooks ORDER BY at DESC, id')
      .toArray()
      .map(({ record }) => JSON.parse(record) as WebhookRecord);
  }

  remove(id: string): void {
    this.#sql.exec('DELETE FROM webhooks WHERE id = ?', id);
    this.#sql.exec('DELETE FROM deliveries WHERE webhook = ?', id);
  }

  /** Enters an event; one that is known already is left alone. */
  addEvent(id: string, type: string, body: string, now: number): void {
    this.#sql.exec(
      'INSERT INTO events (id, type, body, at) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING',
      id,
      type,
      body,
      now,
    );
  }

  /** Queues an event for a webhook, once. */
  addDelivery(id: string, webhook: string, event: string, type: string, now: number): void {
    this.#sql.exec(
      `INSERT INTO deliveries (id, webhook, event, type, status, tries, due, at, attempts)
        VALUES (?, ?, ?, ?, 'pending', 0, ?, ?, '[]') ON CONFLICT (webhook, event) DO NOTHING`,
      id,
      webhook,
      event,
      type,
      now,
      now,
    );
  }

  /** Up to `limit` deliveries that are due, the longest waiting first. */
  due(now: number, limit: number): DueDelivery[] {
    return this.#sql
      .exec<{ id: string; webhook: string; event: string; body: string; tries: number }>(
        `SELECT d.id, d.webhook, d.event, d.tries, e.body FROM deliveries d JOIN events e ON e.id = d.event
          WHERE d.due <= ? ORDER BY d.due LIMIT ?`,
        now,
        limit,
      )
      .toArray();
  }

  /** When the next delivery is due; null when none is. */
  nextDue(): number | null {
    return this.#sql
      .exec<{ due: number | null }>('SELECT MIN(due) AS due FROM deliveries WHERE due IS NOT NULL')
      .one().due;
  }

  /** Notes a try and what it leads to. `due` is null when there is no next one. */
  noteTry(id: string, attempt: DeliveryAttempt, status: Delivery['status'], due: number | null): void {
    const row = this.#sql
      .exec<{ attempts: string }>('SELECT attempts FROM deliveries WHERE id = ?', id)
      .toArray()[0];
    if (!row) return;
    const attempts = [...(JSON.parse(row.attempts) as DeliveryAttempt[]), attempt].slice(-ATTEMPTS_KEPT);
    this.#sql.exec(
      'UPDATE deliveries SET tries = tries + 1, status = ?, due = ?, attempts = ? WHERE id = ?',
      status,
      due,
      JSON.stringify(attempts),
      id,
    );
  }

  /** Gives up whatever still waits for a webhook. */
  giveUp(webhook: string): void {
    this.#sql.exec(
      "UPDATE deliveries SET status = 'failed', due = NULL WHERE webhook = ? AND due IS NOT NULL",
      webhook,
    );
  }

  /** Queues a delivery again from its first try. False where there is none. */
  replay(webhook: string, id: string, now: number): boolean {
    const { rowsWritten } = this.#sql.exec(
      "UPDATE deliveries SET status = 'pending', tries = 0, due = ? WHERE id = ? AND webhook = ?",
      now,
      id,
      webhook,
    );
    return rowsWritten > 0;
  }

  /** Up to `limit` deliveries of a webhook before position `before`, newest first. */
  deliveries(webhook: string, before: number | null, limit: number): { seq: number; delivery: Delivery }[] {
    return this.#sql
      .exec<DeliveryRow>(
        'SELECT * FROM deliveries WHERE webhook = ? AND seq < ? ORDER BY seq DESC LIMIT ?',
        webhook,
        before ?? Number.MAX_SAFE_INTEGER,
        limit,
      )
      .toArray()
      .map((row) => ({ seq: row.seq, delivery: toDelivery(row) }));
  }

  /** Forgets events older than `at`, and their deliveries. */
  forgetBefore(at: number): void {
    this.#sql.exec('DELETE FROM deliveries WHERE at < ? AND due IS NULL', at);
    this.#sql.exec('DELETE FROM events WHERE at < ? AND id NOT IN (SELECT event FROM deliveries)', at);
  }
}

function toDelivery(row: DeliveryRow): Delivery {
  return {
    id: row.id,
    object: 'delivery',
    webhook: row.webhook,
    event: row.event,
    type: row.type,
    status: row.status as Delivery['status'],
    tries: row.tries,
    next_at: row.due === null ? null : new Date(row.due).toISOString(),
    attempts: JSON.parse(row.attempts) as DeliveryAttempt[],
    created_at: new Date(row.at).toISOString(),
  };
}
