import type { Mode, Scope } from '../../shared/index.ts';

/** An API key as it is stored: never the token itself. Times are milliseconds since 1970. */
export interface KeyRecord {
  id: string;
  hint: string;
  name: string;
  mode: Mode;
  scopes: Scope[];
  concurrency: number;
  /** Credits this key may spend in a month (UTC); null for no cap. */
  spendCap: number | null;
  createdAt: number;
  /** From when on it is refused: set at creation, or by a rotation. */
  expiresAt: number | null;
  revokedAt: number | null;
  lastUsedAt: number | null;
}

type Row = {
  id: string;
  hint: string;
  name: string;
  mode: string;
  scopes: string;
  concurrency: number;
  spend_cap: number | null;
  created_at: number;
  expires_at: number | null;
  revoked_at: number | null;
  last_used_at: number | null;
};

const COLUMNS =
  'id, hint, name, mode, scopes, concurrency, spend_cap, created_at, expires_at, revoked_at, last_used_at';

/** A use is noted at most this often: a note is a write. */
const USE_NOTED_EVERY_MS = 60_000;

const fromRow = (row: Row): KeyRecord => ({
  id: row.id,
  hint: row.hint,
  name: row.name,
  mode: row.mode as Mode,
  scopes: JSON.parse(row.scopes) as Scope[],
  concurrency: row.concurrency,
  spendCap: row.spend_cap,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at,
  lastUsedAt: row.last_used_at,
});

/** Whether a key opens anything at `now`. */
export function isActive(key: KeyRecord, now: number): boolean {
  return key.revokedAt === null && (key.expiresAt === null || now < key.expiresAt);
}

/** The table of an account's keys. */
export class KeyStorage {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  create(): void {
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS keys (
        id TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, hint TEXT NOT NULL, name TEXT NOT NULL, mode TEXT NOT NULL,
        scopes TEXT NOT NULL, concurrency INTEGER NOT NULL, spend_cap INTEGER, created_at INTEGER NOT NULL,
        expires_at INTEGER, revoked_at INTEGER, last_used_at INTEGER);`);
  }

  /** Enters a key; one of this hash is left as it is. */
  add(key: KeyRecord, hash: string): void {
    this.#sql.exec(
      `INSERT INTO keys (hash, ${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING`,
      hash,
      key.id,
      key.hint,
      key.name,
      key.mode,
      JSON.stringify(key.scopes),
      key.concurrency,
      key.spendCap,
      key.createdAt,
      key.expiresAt,
      key.revokedAt,
      key.lastUsedAt,
    );
  }

  get(id: string): KeyRecord | null {
    const row = this.#sql.exec<Row>(`SELECT ${COLUMNS} FROM keys WHERE id = ?`, id).toArray()[0];
    return row ? fromRow(row) : null;
  }

  /** The key of a token's hash, its use noted. */
  use(hash: string, now: number): KeyRecord | null {
    const row = this.#sql.exec<Row>(`SELECT ${COLUMNS} FROM keys WHERE hash = ?`, hash).toArray()[0];
    if (!row) return null;
    if (isActive(fromRow(row), now) && (row.last_used_at ?? 0) < now - USE_NOTED_EVERY_MS)
      this.#sql.exec('UPDATE keys SET last_used_at = ? WHERE id = ?', now, row.id);
    return fromRow(row);
  }

  /** All keys, newest first. */
  list(): KeyRecord[] {
    return this.#sql
      .exec<Row>(`SELECT ${COLUMNS} FROM keys ORDER BY created_at DESC, id`)
      .toArray()
      .map(fromRow);
  }

  /**
   * Notes that a key is being rotated, which will end it sooner: gives back when it would end by itself, also where it was
   * rotated before.
   */
  rotated(key: KeyRecord): number | null {
    this.#sql.exec(`CREATE TABLE IF NOT EXISTS rotated_keys (id TEXT PRIMARY KEY, own_expires_at INTEGER)`);
    this.#sql.exec(
      'INSERT INTO rotated_keys (id, own_expires_at) VALUES (?, ?) ON CONFLICT (id) DO NOTHING',
      key.id,
      key.expiresAt,
    );
    return this.#sql
      .exec<{ own_expires_at: number | null }>('SELECT own_expires_at FROM rotated_keys WHERE id = ?', key.id)
      .one().own_expires_at;
  }

  update(key: KeyRecord): void {
    this.#sql.exec(
      'UPDATE keys SET name = ?, concurrency = ?, spend_cap = ?, expires_at = ?, revoked_at = ? WHERE id = ?',
      key.name,
      key.concurrency,
      key.spendCap,
      key.expiresAt,
      key.revokedAt,
      key.id,
    );
  }
}
