import type { TransactionKind } from '../../shared/index.ts';
import {
  apply,
  EMPTY_BALANCES,
  monthOf,
  type Balances,
  type Book,
  type Hold,
  type Line,
  type Posting,
  type Transaction,
} from './ledger.ts';

/** A posted transaction with its place in the ledger. */
export interface Entry extends Transaction {
  seq: number;
}

type EntryRow = {
  seq: number;
  ref: string;
  kind: string;
  portrait: string | null;
  key: string | null;
  at: number;
  lines: string;
};

type HoldRow = {
  portrait: string;
  key: string;
  source: string;
  amount: number;
  charged: number;
  status: string;
  at: number;
};

const fromHoldRow = (row: HoldRow) => row as unknown as Hold;

/**
 * The tables of one account's ledger. Transactions and lines are only ever added; balances are their sums, kept for
 * speed and checked by the database not to be negative. The caller wraps every change in one transaction.
 */
export class LedgerStorage {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  create(): void {
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS entries (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, ref TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, portrait TEXT, key TEXT,
        at INTEGER NOT NULL);
      CREATE INDEX IF NOT EXISTS entries_of_portrait ON entries (portrait);
      CREATE TABLE IF NOT EXISTS lines (
        entry INTEGER NOT NULL REFERENCES entries (seq), book TEXT NOT NULL, amount INTEGER NOT NULL CHECK (amount <> 0));
      CREATE INDEX IF NOT EXISTS lines_of_entry ON lines (entry);
      CREATE TABLE IF NOT EXISTS balances (
        book TEXT PRIMARY KEY, amount INTEGER NOT NULL CHECK (amount >= 0 OR book IN ('funding', 'invoiced')));
      CREATE TABLE IF NOT EXISTS holds (
        portrait TEXT PRIMARY KEY, key TEXT NOT NULL, source TEXT NOT NULL, amount INTEGER NOT NULL,
        charged INTEGER NOT NULL, status TEXT NOT NULL, at INTEGER NOT NULL);
      CREATE INDEX IF NOT EXISTS holds_of_key ON holds (key, status);`);
  }

  balances(): Balances {
    const rows = this.#sql
      .exec<{ book: string; amount: number }>('SELECT book, amount FROM balances')
      .toArray();
    return { ...EMPTY_BALANCES, ...Object.fromEntries(rows.map(({ book, amount }) => [book, amount])) };
  }

  /** Posts a transaction, unless its ref has been posted before: then false. */
  post(transaction: Transaction): boolean {
    const { ref, kind, portrait, key, at, lines } = transaction;
    if (this.#sql.exec('SELECT 1 FROM entries WHERE ref = ?', ref).toArray().length > 0) return false;
    const after = apply(this.balances(), transaction);
    const { seq } = this.#sql
      .exec<{ seq: number }>(
        'INSERT INTO entries (ref, kind, portrait, key, at) VALUES (?, ?, ?, ?, ?) RETURNING seq',
        ref,
        kind,
        portrait,
        key,
        at,
      )
      .one();
    for (const { book, amount } of lines) {
      this.#sql.exec('INSERT INTO lines (entry, book, amount) VALUES (?, ?, ?)', seq, book, amount);
      this.#sql.exec(
        'INSERT INTO balances (book, amount) VALUES (?, ?) ON CONFLICT (book) DO UPDATE SET amount = excluded.amount',
        book,
        after[book],
      );
    }
    return true;
  }

  hold(portrait: string): Hold | null {
    const row = this.#sql.exec<HoldRow>('SELECT * FROM holds WHERE portrait = ?', portrait).toArray()[0];
    return row ? fromHoldRow(row) : null;
  }

  /** Stores what became of a hold, and posts what moved. */
  save({ hold, transaction }: Posting): void {
    const { portrait, key, source, amount, charged, status, at } = hold;
    this.#sql.exec(
      `INSERT INTO holds (portrait, key, source, amount, charged, status, at) VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (portrait) DO UPDATE SET charged = excluded.charged, status = excluded.status`,
      portrait,
      key,
      source,
      amount,
      charged,
      status,
      at,
    );
    if (transaction) this.post(transaction);
  }

  /** How many portraits a key has in work, and what it has spent and holds since the month of `now` began. */
  useOfKey(key: string, now: number): { held: number; spent: number } {
    return this.#sql
      .exec<{ held: number; spent: number }>(
        `SELECT
          COALESCE(SUM(status = 'held'), 0) AS held,
          COALESCE(SUM(CASE WHEN at < ? THEN 0 WHEN status = 'held' THEN amount WHEN status = 'settled' THEN charged
            ELSE 0 END), 0) AS spent
        FROM holds WHERE key = ? AND (status = 'held' OR at >= ?)`,
        monthOf(now),
        key,
        monthOf(now),
      )
      .one();
  }

  /** Up to `limit` portraits that hold credits since before `at`, oldest first. */
  heldSince(at: number, limit: number): Hold[] {
    return this.#sql
      .exec<HoldRow>("SELECT * FROM holds WHERE status = 'held' AND at <= ? ORDER BY at LIMIT ?", at, limit)
      .toArray()
      .map(fromHoldRow);
  }

  /** Up to `limit` entries before position `before`, newest first; of one portrait, where it is named. */
  entries(before: number | null, limit: number, portrait: string | null): Entry[] {
    const lines =
      "SELECT json_group_array(json_object('book', book, 'amount', amount)) FROM lines WHERE entry = seq";
    return this.#sql
      .exec<EntryRow>(
        `SELECT seq, ref, kind, portrait, key, at, (${lines}) AS lines FROM entries
          WHERE seq < ? AND (? IS NULL OR portrait = ?) ORDER BY seq DESC LIMIT ?`,
        before ?? Number.MAX_SAFE_INTEGER,
        portrait,
        portrait,
        limit,
      )
      .toArray()
      .map((row) => ({ ...row, kind: row.kind as TransactionKind, lines: JSON.parse(row.lines) as Line[] }));
  }

  /** The sum of every line of every book, from the lines themselves: what `balances` must say. */
  audit(): Balances {
    const rows = this.#sql
      .exec<{ book: string; amount: number }>('SELECT book, SUM(amount) AS amount FROM lines GROUP BY book')
      .toArray();
    return { ...EMPTY_BALANCES, ...Object.fromEntries(rows.map((row) => [row.book as Book, row.amount])) };
  }
}
