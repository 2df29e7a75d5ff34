import { DurableObject } from 'cloudflare:workers';
import { digestOf } from '../../shared/index.ts';
import type { Env } from '../env.ts';

/** What happened, done by whom, to what. Never a prompt, a token or a secret. */
export interface AuditEvent {
  /** Such as `key.revoked`, `prompt.filtered`, `portrait.taken_down`. */
  action: string;
  /** A key's id, `admin`, or `stripe`. */
  actor: string;
  /** The id of what it was done to. */
  subject: string;
  detail: string;
}

/** An entry: `hash` is the SHA-256 of the entry and the hash before it, so that none can be changed or left out. */
export interface AuditEntry extends AuditEvent {
  seq: number;
  at: string;
  hash: string;
}

type Row = AuditEntry & Record<string, string | number>;

const FIRST_HASH = '0'.repeat(64);

/** One account's audit log, or `system` for what concerns the whole service: entries are only ever added. */
export class AuditLog extends DurableObject<Env> {
  /** Adds an entry. */
  async add(event: AuditEvent): Promise<void> {
    // Hashing is asynchronous: without this, two entries could follow the same one.
    await this.ctx.blockConcurrencyWhile(async () => {
      const { sql } = this.ctx.storage;
      sql.exec(`
        CREATE TABLE IF NOT EXISTS audit (
          seq INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, action TEXT NOT NULL, actor TEXT NOT NULL,
          subject TEXT NOT NULL, detail TEXT NOT NULL, hash TEXT NOT NULL);`);
      const last = sql.exec<Row>('SELECT * FROM audit ORDER BY seq DESC LIMIT 1').toArray()[0];
      const at = new Date().toISOString();
      const { action, actor, subject, detail } = event;
      const hash = await hashOf(last?.hash ?? FIRST_HASH, { at, action, actor, subject, detail });
      sql.exec(
        'INSERT INTO audit (at, action, actor, subject, detail, hash) VALUES (?, ?, ?, ?, ?, ?)',
        at,
        action,
        actor,
        subject,
        detail,
        hash,
      );
    });
  }

  /** Up to `limit` entries before position `before`, newest first. */
  async list(before: number | null, limit: number): Promise<AuditEntry[]> {
    if (!this.#exists()) return [];
    return this.ctx.storage.sql
      .exec<Row>(
        'SELECT * FROM audit WHERE seq < ? ORDER BY seq DESC LIMIT ?',
        before ?? Number.MAX_SAFE_INTEGER,
        limit,
      )
      .toArray();
  }

  /** The first entry whose hash does not follow from those before it; null where all do. */
  async firstBroken(): Promise<number | null> {
    if (!this.#exists()) return null;
    let before = FIRST_HASH;
    for (const row of this.ctx.storage.sql.exec<Row>('SELECT * FROM audit ORDER BY seq').toArray()) {
      const { seq, at, action, actor, subject, detail, hash } = row;
      if ((await hashOf(before, { at, action, actor, subject, detail })) !== hash) return seq;
      before = hash;
    }
    return null;
  }

  #exists(): boolean {
    return this.ctx.storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'audit'").toArray().length > 0;
  }
}

function hashOf(before: string, event: AuditEvent & { at: string }): Promise<string> {
  return digestOf({ before, ...event });
}

/** Adds to the audit log of an account, or of the whole service (`system`). */
export async function audit(env: Env, log: string, event: AuditEvent): Promise<void> {
  await env.AUDIT.getByName(log).add(event);
}
