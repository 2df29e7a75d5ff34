import { DurableObject } from 'cloudflare:workers';
import type { PortraitStatus, Quality } from '../../shared/index.ts';
import type { Env } from '../env.ts';
import { IdempotencyKeys, type Answer, type Claim } from './idempotency.ts';

/** What the list knows of a portrait. Times are milliseconds since 1970. */
export interface Entry {
  id: string;
  createdAt: number;
  status: PortraitStatus;
  quality: Quality;
}

/** Which portraits to list. */
export interface Filter {
  status?: readonly PortraitStatus[] | undefined;
  quality?: Quality | undefined;
  createdAfter?: number | undefined;
  createdBefore?: number | undefined;
}

/** A place in the list: the portrait before it. */
export interface Position {
  createdAt: number;
  id: string;
}

/** The portraits of one account in one mode, newest first, and the idempotency keys of its requests. */
export class PortraitDirectory extends DurableObject<Env> {
  readonly #keys: IdempotencyKeys;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    ctx.storage.sql.exec(`
      CREATE TABLE IF NOT EXISTS entries (
        id TEXT PRIMARY KEY, created_at INTEGER NOT NULL, status TEXT NOT NULL, quality TEXT NOT NULL);
      CREATE INDEX IF NOT EXISTS newest ON entries (created_at DESC, id DESC);`);
    this.#keys = new IdempotencyKeys(ctx.storage.sql);
  }

  /** Claims an idempotency key for the request whose body has this digest, for a portrait of the id `fresh`. */
  async claim(key: string, request: string, fresh: string, lockMs: number): Promise<Claim> {
    return this.ctx.storage.transactionSync(() => this.#keys.claim(key, request, fresh, lockMs, Date.now()));
  }

  /** Keeps the answer, to be given again to every repeat. */
  async answered(key: string, answer: Answer): Promise<void> {
    this.#keys.answered(key, answer);
  }

  /** The request came to nothing: the next one with the key is answered anew. */
  async unanswered(key: string): Promise<void> {
    this.#keys.unanswered(key);
  }

  /** Enters a portrait, or what has become of it. */
  async enter({ id, createdAt, status, quality }: Entry): Promise<void> {
    this.ctx.storage.sql.exec(
      `INSERT INTO entries (id, created_at, status, quality) VALUES (?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET status = excluded.status`,
      id,
      createdAt,
      status,
      quality,
    );
  }

  /** Up to `limit` ids after a position (null: from the newest on), and the position of the next page. */
  async list(
    filter: Filter,
    after: Position | null,
    limit: number,
  ): Promise<{ ids: string[]; next: Position | null }> {
    const conditions: [string, ...SqlStorageValue[]][] = [];
    if (after) conditions.push(['(created_at, id) < (?, ?)', after.createdAt, after.id]);
    if (filter.status)
      conditions.push([`status IN (${filter.status.map(() => '?').join(', ')})`, ...filter.status]);
    if (filter.quality) conditions.push(['quality = ?', filter.quality]);
    if (filter.createdAfter !== undefined) conditions.push(['created_at > ?', filter.createdAfter]);
    if (filter.createdBefore !== undefined) conditions.push(['created_at < ?', filter.createdBefore]);
    const where = conditions.length > 0 ? `WHERE ${conditions.map(([text]) => text).join(' AND ')}` : '';
    const rows = this.ctx.storage.sql
      .exec<{ id: string; created_at: number }>(
        `SELECT id, created_at FROM entries ${where} ORDER BY created_at DESC, id DESC LIMIT ?`,
        ...conditions.flatMap(([, ...values]) => values),
        limit + 1,
      )
      .toArray();
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      ids: page.map(({ id }) => id),
      next: rows.length > limit && last ? { createdAt: last.created_at, id: last.id } : null,
    };
  }

  /** Takes a portrait off the list. */
  async remove(id: string): Promise<void> {
    this.ctx.storage.sql.exec('DELETE FROM entries WHERE id = ?', id);
  }
}

/** The directory of an account in a mode: test portraits are listed apart. */
export function directoryOf(env: Env, { account, mode }: { account: string; mode: 'live' | 'test' }) {
  return env.DIRECTORY.getByName(`${account}/${mode}`);
}
