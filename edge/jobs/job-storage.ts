import type { PortraitEvent } from '../../shared/index.ts';
import type { Change } from './changes.ts';
import type { Effect, Job } from './job.ts';
import { migrate } from './migrate.ts';

/** An effect that waits in the outbox, and the rows it stands in. */
export interface OutboxEntry {
  rows: readonly number[];
  effect: Effect;
  tries: number;
}

interface OutboxRow extends Record<string, SqlStorageValue> {
  seq: number;
  effect: string;
  tries: number;
}

/** Progress events kept; older ones are of no use to anyone. */
const PROGRESS_LIMIT = 200;
/** They are deleted when this many events have come, not at each. */
const PRUNE_EVERY = 32;

/** The SQLite tables of one job: its state, its outbox, and the events it has told. */
export class JobStorage {
  readonly #sql: SqlStorage;
  /** What the tables hold: nobody else writes them, and a state is never changed, only replaced. */
  #loaded: { job: Job; origin: string } | null = null;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** The job, brought up to the present version, and the address it was created at. */
  load(): { job: Job; origin: string } | null {
    this.#loaded ??= this.#read();
    return this.#loaded;
  }

  /** Forgets what it holds in memory: the tables say otherwise, because a transaction failed or they were deleted. */
  forget(): void {
    this.#loaded = null;
  }

  #read(): { job: Job; origin: string } | null {
    // Asking for an id that was never given must not leave tables behind.
    if (this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'job'").toArray().length === 0) return null;
    const row = this.#sql
      .exec<{ state: string; origin: string }>('SELECT state, origin FROM job')
      .toArray()[0];
    if (!row) return null;
    const { job, effects } = migrate(JSON.parse(row.state));
    if (effects) {
      this.#sql.exec('DELETE FROM outbox');
      this.enqueue(effects, Date.now());
      this.save(job);
    }
    return { job, origin: row.origin };
  }

  create(job: Job, origin: string): void {
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS job (
        one INTEGER PRIMARY KEY CHECK (one = 1), state TEXT NOT NULL, origin TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS outbox (
        seq INTEGER PRIMARY KEY, effect TEXT NOT NULL, due INTEGER NOT NULL, tries INTEGER NOT NULL DEFAULT 0);
      CREATE TABLE IF NOT EXISTS events (
        seq INTEGER PRIMARY KEY, type TEXT NOT NULL, at INTEGER NOT NULL, data TEXT NOT NULL);`);
    this.#sql.exec('INSERT INTO job (one, state, origin) VALUES (1, ?, ?)', JSON.stringify(job), origin);
    this.#loaded = { job, origin };
  }

  save(job: Job): void {
    this.#sql.exec('UPDATE job SET state = ?', JSON.stringify(job));
    if (this.#loaded) this.#loaded = { ...this.#loaded, job };
  }

  enqueue(effects: readonly Effect[], now: number): void {
    for (const effect of effects)
      this.#sql.exec('INSERT INTO outbox (effect, due) VALUES (?, ?)', JSON.stringify(effect), now);
  }

  /**
   * Enqueues an effect that tells how things are when it is begun: one that waits already is enough, but not the row
   * `atWork`, which may tell of before.
   */
  enqueueOnce(effect: Effect, now: number, atWork: number | null): void {
    this.#sql.exec(
      `INSERT INTO outbox (effect, due)
        SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM outbox WHERE effect = ?1 AND seq IS NOT ?3)`,
      JSON.stringify(effect),
      now,
      atWork,
    );
  }

  /**
   * The first effect that is due. Whoever waits for the portrait comes before its webhooks: they are told once there is
   * nothing else to do, of everything at once.
   */
  nextEffect(now: number): OutboxEntry | null {
    const rows = this.#sql
      .exec<OutboxRow>('SELECT seq, effect, tries FROM outbox WHERE due <= ? ORDER BY seq', now)
      .toArray();
    const row = rows.find(({ effect }) => !isTelling(effect));
    if (row) return { rows: [row.seq], effect: JSON.parse(row.effect), tries: row.tries };
    if (rows.length === 0) return null;
    return {
      rows: rows.map(({ seq }) => seq),
      effect: { type: 'tell', events: rows.flatMap(({ effect }) => eventsOf(JSON.parse(effect))) },
      tries: Math.max(...rows.map(({ tries }) => tries)),
    };
  }

  /** When the next effect is due; null when the outbox is empty. */
  nextDue(): number | null {
    return this.#sql.exec<{ due: number | null }>('SELECT MIN(due) AS due FROM outbox').one().due;
  }

  /** Takes a done effect out of the outbox. */
  settle({ rows }: OutboxEntry): void {
    for (const seq of rows) this.#sql.exec('DELETE FROM outbox WHERE seq = ?', seq);
  }

  postpone({ rows }: OutboxEntry, due: number): void {
    for (const seq of rows)
      this.#sql.exec('UPDATE outbox SET tries = tries + 1, due = ? WHERE seq = ?', due, seq);
  }

  /** Adds what happened to a portrait to what it has told. */
  addEvent({ type, data }: Change, at: number, portrait: string): PortraitEvent {
    const { seq } = this.#sql
      .exec<{ seq: number }>(
        'INSERT INTO events (type, at, data) VALUES (?, ?, ?) RETURNING seq',
        type,
        at,
        JSON.stringify(data),
      )
      .one();
    if (type === 'portrait.progress' && seq % PRUNE_EVERY === 0)
      this.#sql.exec(
        `DELETE FROM events WHERE type = ? AND seq NOT IN
          (SELECT seq FROM events WHERE type = ? ORDER BY seq DESC LIMIT ?)`,
        type,
        type,
        PROGRESS_LIMIT,
      );
    return toEvent({ seq, type, at, data: JSON.stringify(data) }, portrait);
  }

  /** The events after `seq`, as the public sees them. */
  eventsAfter(seq: number, portrait: string): { seq: number; event: PortraitEvent }[] {
    return this.#sql
      .exec<{ seq: number; type: string; at: number; data: string }>(
        'SELECT seq, type, at, data FROM events WHERE seq > ? ORDER BY seq',
        seq,
      )
      .toArray()
      .map((row) => ({ seq: row.seq, event: toEvent(row, portrait) }));
  }
}

type Telling = Extract<Effect, { type: 'tell' }>;

const isTelling = (effect: string) => effect.startsWith('{"type":"tell"');

/** What a row tells: earlier versions of the service wrote one event a row. */
const eventsOf = (effect: Telling | { event: PortraitEvent }) =>
  'events' in effect ? effect.events : [effect.event];

function toEvent(
  row: { seq: number; type: string; at: number; data: string },
  portrait: string,
): PortraitEvent {
  return {
    id: `evt_${portrait.slice('prt_'.length)}_${row.seq}`,
    object: 'event',
    type: row.type,
    created_at: new Date(row.at).toISOString(),
    data: JSON.parse(row.data),
  } as PortraitEvent;
}
