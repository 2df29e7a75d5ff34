/** An account as it is stored. Times are milliseconds since 1970. */
export interface AccountRecord {
  id: string;
  name: string;
  /** prepaid: spends bought credits. postpaid: is metered and pays an invoice. */
  billing: 'prepaid' | 'postpaid';
  /** Credits a postpaid account may use before its invoice is paid; null for a prepaid one. */
  invoiceLimit: number | null;
  stripeCustomer: string | null;
  /** Why nothing is allowed any more; null while all is well. */
  suspended: string | null;
  createdAt: number;
}

/** The table of the one account, a row of JSON, and whether there is one. */
export class AccountStorage {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** The account; null where this id was never given. Asking leaves no tables behind. */
  load(): AccountRecord | null {
    if (this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'account'").toArray().length === 0)
      return null;
    const row = this.#sql.exec<{ record: string }>('SELECT record FROM account').toArray()[0];
    return row ? (JSON.parse(row.record) as AccountRecord) : null;
  }

  create(record: AccountRecord): void {
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS account (one INTEGER PRIMARY KEY CHECK (one = 1), record TEXT NOT NULL);`);
    this.#sql.exec('INSERT INTO account (one, record) VALUES (1, ?)', JSON.stringify(record));
  }

  save(record: AccountRecord): void {
    this.#sql.exec('UPDATE account SET record = ?', JSON.stringify(record));
  }
}
