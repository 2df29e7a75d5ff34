import { DurableObject } from 'cloudflare:workers';
import type { Env } from '../env.ts';

/** How long an Idempotency-Key is remembered. */
const KEY_LIFE_MS = 24 * 60 * 60_000;

/** What came of registering a portrait: a fresh id, the id of the equal request before, or a key used for another request. */
export type Registration = { kind: 'new' | 'repeated'; id: string } | { kind: 'conflict' };

/** The list of portraits, newest first, and the idempotency keys that led to them. */
export class PortraitDirectory extends DurableObject<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    ctx.storage.sql.exec(`
      CREATE TABLE IF NOT EXISTS portraits (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE);
      CREATE TABLE IF NOT EXISTS idempotency (
        key TEXT PRIMARY KEY, request TEXT NOT NULL, portrait TEXT NOT NULL, at INTEGER NOT NULL);`);
  }

  /** Enters a portrait; with an idempotency key, the one that this key entered before. `request` is the body's digest. */
  async register(id: string, idempotency: { key: string; request: string } | null): Promise<Registration> {
    const { sql } = this.ctx.storage;
    return this.ctx.storage.transactionSync((): Registration => {
      const now = Date.now();
      sql.exec('DELETE FROM idempotency WHERE at < ?', now - KEY_LIFE_MS);
      if (idempotency) {
        const known = sql
          .exec<{ request: string; portrait: string }>(
            'SELECT request, portrait FROM idempotency WHERE key = ?',
            idempotency.key,
          )
          .toArray()[0];
        if (known && known.request !== idempotency.request) return { kind: 'conflict' };
        if (known) return { kind: 'repeated', id: known.portrait };
        sql.exec(
          'INSERT INTO idempotency (key, request, portrait, at) VALUES (?, ?, ?, ?)',
          idempotency.key,
          idempotency.request,
          id,
          now,
        );
      }
      sql.exec('INSERT INTO portraits (id) VALUES (?)', id);
      return { kind: 'new', id };
    });
  }

  /** Up to `limit` ids entered before position `before` (null: the newest), and the position of the next page. */
  async list(before: number | null, limit: number): Promise<{ ids: string[]; next: number | null }> {
    const rows = this.ctx.storage.sql
      .exec<{ seq: number; id: string }>(
        'SELECT seq, id FROM portraits WHERE seq < ? ORDER BY seq DESC LIMIT ?',
        before ?? Number.MAX_SAFE_INTEGER,
        limit + 1,
      )
      .toArray();
    const page = rows.slice(0, limit);
    return { ids: page.map(({ id }) => id), next: rows.length > limit ? page.at(-1)!.seq : null };
  }

  /** Takes a portrait off the list. */
  async remove(id: string): Promise<void> {
    this.ctx.storage.sql.exec('DELETE FROM portraits WHERE id = ?', id);
  }
}
