import type * as z from 'zod';
import type { accountSchema, Key, ledgerEntrySchema } from '../../shared/index.ts';
import type { AccountRecord } from './account-storage.ts';
import { isActive, type KeyRecord } from './key-storage.ts';
import type { Entry } from './ledger-storage.ts';
import type { Balances } from './ledger.ts';

const iso = (ms: number) => new Date(ms).toISOString();
const isoOrNull = (ms: number | null) => (ms === null ? null : iso(ms));

/** The public resource of a key. */
export function toKey(key: KeyRecord, now: number): Key {
  return {
    id: key.id,
    object: 'key',
    name: key.name,
    hint: key.hint,
    mode: key.mode,
    scopes: key.scopes,
    concurrency: key.concurrency,
    spend_cap: key.spendCap,
    active: isActive(key, now),
    created_at: iso(key.createdAt),
    expires_at: isoOrNull(key.expiresAt),
    revoked_at: isoOrNull(key.revokedAt),
    last_used_at: isoOrNull(key.lastUsedAt),
  };
}

/** The public resource of an account. */
export function toAccount(
  { id, name, billing, createdAt }: AccountRecord,
  { available, reserved, invoiced }: Balances,
): z.output<ReturnType<typeof accountSchema>> {
  // A debt is a negative balance; −0 would be written as 0 anyway, but compares badly.
  const credits = { available, reserved, invoiced: invoiced === 0 ? 0 : -invoiced };
  return { id, object: 'account', name, billing, credits, created_at: iso(createdAt) };
}

/** The public resource of a ledger entry. */
export function toLedgerEntry({
  ref,
  kind,
  portrait,
  key,
  at,
  lines,
}: Entry): z.output<ReturnType<typeof ledgerEntrySchema>> {
  return {
    object: 'ledger_entry',
    id: ref,
    kind,
    portrait,
    key,
    at: iso(at),
    lines: lines.map(({ book, amount }) => ({ book, credits: amount })),
  };
}
