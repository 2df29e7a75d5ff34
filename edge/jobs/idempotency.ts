/** An answer is given again for this long: twice the day that is promised. */
const KEY_LIFE_MS = 48 * 60 * 60_000;

/** An answer to be given again. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/**
 * What came of claiming a key. `claimed`: answer the request, for the portrait of this id (that of an earlier try that
 * was never answered, where there was one). `in_use`: another request with the key is being answered.
 */
export type Claim =
  | { kind: 'claimed'; id: string }
  | { kind: 'answered'; answer: Answer }
  | { kind: 'in_use'; retryAfterMs: number }
  | { kind: 'conflict' };

interface KeyRow extends Record<string, SqlStorageValue> {
  request: string;
  portrait: string;
  locked_until: number;
  answer: string | null;
}

/** Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): each key is answered once. */
export class IdempotencyKeys {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS idempotency_keys (
      key TEXT PRIMARY KEY, request TEXT NOT NULL, portrait TEXT NOT NULL, locked_until INTEGER NOT NULL,
      answer TEXT, at INTEGER NOT NULL)`);
  }

  /** Claims a key; a claim that is not answered within `lockMs` (the worker died) may be claimed again. */
  claim(key: string, request: string, fresh: string, lockMs: number, now: number): Claim {
    this.#sql.exec('DELETE FROM idempotency_keys WHERE at < ?', now - KEY_LIFE_MS);
    const known = this.#sql
      .exec<KeyRow>('SELECT request, portrait, locked_until, answer FROM idempotency_keys WHERE key = ?', key)
      .toArray()[0];
    if (!known) {
      this.#sql.exec(
        'INSERT INTO idempotency_keys (key, request, portrait, locked_until, at) VALUES (?, ?, ?, ?, ?)',
        key,
        request,
        fresh,
        now + lockMs,
        now,
      );
      return { kind: 'claimed', id: fresh };
    }
    if (known.request !== request) return { kind: 'conflict' };
    if (known.answer !== null) return { kind: 'answered', answer: JSON.parse(known.answer) as Answer };
    if (known.locked_until > now) return { kind: 'in_use', retryAfterMs: known.locked_until - now };
    this.#sql.exec('UPDATE idempotency_keys SET locked_until = ? WHERE key = ?', now + lockMs, key);
    return { kind: 'claimed', id: known.portrait };
  }

  answered(key: string, answer: Answer): void {
    this.#sql.exec('UPDATE idempotency_keys SET answer = ? WHERE key = ?', JSON.stringify(answer), key);
  }

  /** The claimed portrait may have begun all the same: the next claim finds it. */
  unanswered(key: string): void {
    this.#sql.exec('UPDATE idempotency_keys SET locked_until = 0 WHERE key = ? AND answer IS NULL', key);
  }
}
