/** A payment that its payer disputes. `withdrawn` is the credits taken back while it is open, or for good. */
export interface DisputeRecord {
  id: string;
  status: 'open' | 'won' | 'lost';
  withdrawn: number;
}

/** The disputes of one account's payments. The table is there once there has been one. */
export class DisputeStorage {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** The dispute of an id; null where it was never heard of. */
  get(id: string): DisputeRecord | null {
    this.#create();
    return this.#sql.exec<Row>('SELECT * FROM disputes WHERE id = ?', id).toArray()[0] ?? null;
  }

  save({ id, status, withdrawn }: DisputeRecord): void {
    this.#create();
    this.#sql.exec(
      `INSERT INTO disputes (id, status, withdrawn) VALUES (?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET status = excluded.status, withdrawn = excluded.withdrawn`,
      id,
      status,
      withdrawn,
    );
  }

  /** Whether any dispute keeps the account suspended: one that is open, or was lost. */
  anyAgainst(): boolean {
    this.#create();
    return this.#sql.exec("SELECT 1 FROM disputes WHERE status <> 'won' LIMIT 1").toArray().length > 0;
  }

  #create(): void {
    this.#sql.exec(
      'CREATE TABLE IF NOT EXISTS disputes (id TEXT PRIMARY KEY, status TEXT NOT NULL, withdrawn INTEGER NOT NULL)',
    );
  }
}

type Row = DisputeRecord & Record<string, string | number>;
