import { DurableObject } from 'cloudflare:workers';
import type { Mode, Portrait, Scope } from '../../shared/index.ts';
import type { Env } from '../env.ts';
import { AccountStorage, type AccountRecord } from './account-storage.ts';
import { newToken, tokenHash, tokenHint } from './api-key.ts';
import { DisputeStorage, type DisputeRecord } from './dispute-storage.ts';
import { newId } from '../ids.ts';
import { isActive, KeyStorage, type KeyRecord } from './key-storage.ts';
import { LedgerStorage, type Entry } from './ledger-storage.ts';
import {
  dispute,
  fund,
  refund,
  release,
  reserve,
  settle,
  type Balances,
  type Funding,
  type Refusal,
} from './ledger.ts';
import { REQUESTS_PER_MINUTE, type Principal } from './principal.ts';
import { MeterStorage } from './meter-storage.ts';
import { Stripe } from './stripe/client.ts';
import { UsageStorage, type UsageRow } from './usage-storage.ts';
import { workOf } from './work.ts';
import { Facilitator } from './x402/facilitator.ts';
import { Payments, type PaymentOrder, type Taken } from './x402/payments.ts';
import type { Settlement } from './x402/protocol.ts';

/** A hold this old is looked into: its portrait may never have begun, or its end may have been lost. */
const LOOK_AFTER_MS = 15 * 60_000;
/** Holds looked into at one alarm. */
const LOOKED_AT_ONCE = 50;
/** Meter events sent at one alarm. */
const METERS_AT_ONCE = 50;
const MINUTE_MS = 60_000;
/** Keys of one account that open something. */
const KEY_LIMIT = 100;

/** How the reason of a suspension begins that a dispute has brought, and may lift. */
const DISPUTED = 'A payment is disputed';

/** What a new key is to be. */
export interface KeyWish {
  name: string;
  mode: Mode;
  scopes: Scope[];
  concurrency: number;
  spendCap: number | null;
  expiresAt: number | null;
}

/** What may be changed of a key. */
export type KeyChange = Partial<Pick<KeyRecord, 'name' | 'concurrency' | 'spendCap'>>;

/** A key with its token, which is shown this once. */
export interface ShownKey {
  key: KeyRecord;
  token: string;
}

/** What came of a wish to reserve. `closed`: this portrait's credits were settled or given back before. */
export type Reserved =
  | { kind: 'reserved'; credits: number }
  | { kind: 'refused'; reason: Refusal | 'key_inactive'; needed: number; available: number }
  | { kind: 'closed' };

/** One account: its keys, its ledger, its usage. Every change is one transaction, and harmless when repeated. */
export class Account extends DurableObject<Env> {
  readonly #account: AccountStorage;
  readonly #keys: KeyStorage;
  readonly #ledger: LedgerStorage;
  readonly #usage: UsageStorage;
  readonly #meters: MeterStorage;
  readonly #payments: Payments;
  readonly #disputes: DisputeStorage;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#account = new AccountStorage(ctx.storage.sql);
    this.#keys = new KeyStorage(ctx.storage.sql);
    this.#ledger = new LedgerStorage(ctx.storage.sql);
    this.#usage = new UsageStorage(ctx.storage.sql);
    this.#meters = new MeterStorage(ctx.storage.sql);
    this.#disputes = new DisputeStorage(ctx.storage.sql);
    this.#payments = new Payments(ctx.storage, this.#ledger);
  }

  /** Opens the account; one that is open stays as it is. */
  async open(record: AccountRecord): Promise<AccountRecord> {
    return this.ctx.storage.transactionSync(() => {
      const known = this.#account.load();
      if (known) return known;
      this.#account.create(record);
      this.#keys.create();
      this.#ledger.create();
      this.#usage.create();
      this.#meters.create();
      this.#payments.create();
      return record;
    });
  }

  /** The account; null where there is none. */
  async get(): Promise<AccountRecord | null> {
    return this.#account.load();
  }

  /** Changes the account. Null where there is none. */
  async change(change: Partial<Omit<AccountRecord, 'id' | 'createdAt'>>): Promise<AccountRecord | null> {
    const known = this.#account.load();
    if (!known) return null;
    const changed = { ...known, ...change };
    this.#account.save(changed);
    return changed;
  }

  /** Who a token's hash belongs to; null for nobody any more, or never. */
  async authenticate(hash: string): Promise<Principal | 'suspended' | null> {
    const account = this.#account.load();
    if (!account) return null;
    const now = Date.now();
    const key = this.#keys.use(hash, now);
    if (!key || !isActive(key, now)) return null;
    if (account.suspended !== null) return 'suspended';
    return {
      account: account.id,
      key: key.id,
      scopes: key.scopes,
      mode: key.mode,
      limits: { concurrency: key.concurrency, requestsPerMinute: REQUESTS_PER_MINUTE },
    };
  }

  /** Makes a key; null where the account has too many. The token is never to be had again. */
  async createKey(wish: KeyWish): Promise<ShownKey | null> {
    const account = this.#account.load();
    if (!account) throw new Error('a key was asked of an account that does not exist');
    const token = newToken(wish.mode, account.id);
    const now = Date.now();
    if (this.#keys.list().filter((key) => isActive(key, now)).length >= KEY_LIMIT) return null;
    return { token, key: await this.#addKey(wish, token, now) };
  }

  /** Enters a key whose token was derived elsewhere (a payment's receipt); repeated, it changes nothing. */
  async enterKey(wish: KeyWish, token: string): Promise<void> {
    await this.#addKey(wish, token, Date.now());
  }

  /** All keys, newest first. */
  async keys(): Promise<KeyRecord[]> {
    return this.#keys.list();
  }

  /** Changes a key. Null where there is none. */
  async changeKey(id: string, change: KeyChange): Promise<KeyRecord | null> {
    return this.#updateKey(id, (key) => ({ ...key, ...change }));
  }

  /** Revokes a key at once. Null where there is none. */
  async revokeKey(id: string): Promise<KeyRecord | null> {
    return this.#updateKey(id, (key) => ({ ...key, revokedAt: key.revokedAt ?? Date.now() }));
  }

  /** A new key like an active one, which stays good for `overlapMs` more. Null where there is no such active key. */
  async rotateKey(id: string, overlapMs: number): Promise<ShownKey | null> {
    const account = this.#account.load();
    const mode = account && this.#keys.get(id)?.mode;
    if (!account || !mode) return null;
    const token = newToken(mode, account.id);
    const hash = await tokenHash(token);
    return this.ctx.storage.transactionSync(() => {
      const now = Date.now();
      const key = this.#keys.get(id);
      if (!key || !isActive(key, now)) return null;
      const successor = {
        ...key,
        id: newId('key'),
        hint: tokenHint(token),
        createdAt: now,
        // Not the end that an earlier rotation has set for the key: its answer may have been lost.
        expiresAt: this.#keys.rotated(key),
        lastUsedAt: null,
      };
      this.#keys.add(successor, hash);
      const expiresAt = Math.min(key.expiresAt ?? Number.MAX_SAFE_INTEGER, now + overlapMs);
      this.#keys.update({ ...key, expiresAt });
      return { token, key: successor };
    });
  }

  /** Reserves credits for a portrait; repeated, it says the same. */
  async reserve(wish: { portrait: string; key: string; credits: number }): Promise<Reserved> {
    const at = Date.now();
    const reserved = this.ctx.storage.transactionSync((): Reserved => {
      const account = this.#account.load();
      const key = this.#keys.get(wish.key);
      const balances = this.#ledger.balances();
      const refused = { kind: 'refused', needed: wish.credits, available: balances.available } as const;
      const known = this.#ledger.hold(wish.portrait);
      if (known)
        return known.status === 'held' ? { kind: 'reserved', credits: known.amount } : { kind: 'closed' };
      if (!account || account.suspended !== null || !key || !isActive(key, at))
        return { ...refused, reason: 'key_inactive' };
      const standing = {
        balances,
        invoiceLimit: account.invoiceLimit,
        concurrency: key.concurrency,
        spendCap: key.spendCap,
        ...this.#ledger.useOfKey(key.id, at),
      };
      const posting = reserve(standing, { portrait: wish.portrait, key: key.id, amount: wish.credits, at });
      if (typeof posting === 'string') return { ...refused, reason: posting };
      this.#ledger.save(posting);
      return { kind: 'reserved', credits: wish.credits };
    });
    if (reserved.kind === 'reserved') await this.#arm();
    return reserved;
  }

  /** Charges a finished portrait for the stages it ran, and gives the rest back. Repeated, it changes nothing. */
  async settle(portrait: Portrait): Promise<void> {
    const at = Date.now();
    this.ctx.storage.transactionSync(() => {
      const hold = this.#ledger.hold(portrait.id);
      const work = workOf(portrait);
      const credits = work.reduce((sum, used) => sum + used.credits, 0);
      const posting = hold && settle(hold, credits, at);
      if (!posting) return;
      this.#ledger.save(posting);
      for (const used of work) this.#usage.add(at, hold.key, used, used.credits);
      const { charged, source } = posting.hold;
      if (source === 'invoiced' && charged > 0) this.#meters.add(portrait.id, charged, at);
    });
    await this.#arm();
  }

  /** Gives back what a portrait holds. Repeated, it changes nothing. */
  async release(portrait: string): Promise<void> {
    this.ctx.storage.transactionSync(() => {
      const hold = this.#ledger.hold(portrait);
      const posting = hold && release(hold, Date.now());
      if (posting) this.#ledger.save(posting);
    });
  }

  /** Gives a charge back as credits. False where there is nothing to give back. */
  async refund(portrait: string): Promise<'refunded' | 'before' | 'not charged'> {
    return this.ctx.storage.transactionSync(() => {
      const hold = this.#ledger.hold(portrait);
      if (hold?.status === 'refunded') return 'before';
      const posting = hold && refund(hold, Date.now());
      if (!posting) return 'not charged';
      this.#ledger.save(posting);
      return 'refunded';
    });
  }

  /** Puts credits in, once for each `ref`. False where this ref has been counted, or there is no account. */
  async fund(kind: Funding, ref: string, credits: number): Promise<boolean> {
    if (!this.#account.load()) return false;
    return this.ctx.storage.transactionSync(() => this.#ledger.post(fund(kind, ref, credits, Date.now())));
  }

  /**
   * A payment is disputed, or that has come to its end. While it is open, and when it is lost, what it bought is taken
   * back as far as it is not spent, and the account is suspended; when it is won, both are undone. False where nothing
   * changed: a repeat, or an event that comes after the end.
   */
  async dispute(id: string, status: DisputeRecord['status'], credits: number): Promise<boolean> {
    return this.ctx.storage.transactionSync(() => {
      const account = this.#account.load();
      const known = this.#disputes.get(id);
      if (!account || (known && (known.status !== 'open' || status === 'open'))) return false;
      const at = Date.now();
      if (status === 'won') {
        const withdrawn = known?.withdrawn ?? 0;
        const entry = dispute('dispute_won', id, withdrawn, at);
        if (entry) this.#ledger.post(entry);
        this.#disputes.save({ id, status, withdrawn });
        const ours = account.suspended?.startsWith(DISPUTED) ?? false;
        if (ours && !this.#disputes.anyAgainst()) this.#account.save({ ...account, suspended: null });
        return true;
      }
      const withdrawn = known?.withdrawn ?? Math.min(credits, this.#ledger.balances().available);
      const entry = known ? null : dispute('dispute', id, withdrawn, at);
      if (entry) this.#ledger.post(entry);
      this.#disputes.save({ id, status, withdrawn });
      this.#account.save({ ...account, suspended: account.suspended ?? `${DISPUTED} (${id}).` });
      return true;
    });
  }

  /** The receipt of a payment that was taken before; null where it was not. */
  async findPayment(id: string): Promise<Settlement | null> {
    return this.#account.load() && this.#payments.find(id);
  }

  /** Whether the facilitator has been asked to take a payment, whatever came of it. */
  async hasAskedFor(id: string): Promise<boolean> {
    return this.#account.load() !== null && this.#payments.hasAskedFor(id);
  }

  /** Takes a payment by x402 and credits it, once. */
  async takePayment(order: PaymentOrder): Promise<Taken> {
    return this.#payments.take(order, new Facilitator(this.env));
  }

  async balances(): Promise<Balances> {
    return this.#ledger.balances();
  }

  /** The balances as the lines themselves add up to: equal to {@link balances}, or something is very wrong. */
  async audit(): Promise<Balances> {
    return this.#ledger.audit();
  }

  /** Up to `limit` ledger entries before position `before`, newest first. */
  async entries(before: number | null, limit: number, portrait: string | null): Promise<Entry[]> {
    return this.#ledger.entries(before, limit, portrait);
  }

  /** Usage of the days `from` to `to` inclusive, `YYYY-MM-DD`. */
  async usage(from: string, to: string): Promise<UsageRow[]> {
    return this.#usage.between(from, to);
  }

  /** Looks into holds that have been open for long, so that none stays open for ever. */
  override async alarm(): Promise<void> {
    for (const { portrait } of this.#ledger.heldSince(Date.now() - LOOK_AFTER_MS, LOOKED_AT_ONCE)) {
      const found = await this.env.JOBS.getByName(portrait).portrait();
      if (found?.status === 'succeeded') await this.settle(found);
      // A portrait that never began, was deleted, or ended otherwise owes nothing.
      else if (!found || found.finished_at !== null) await this.release(portrait);
    }
    await this.#sendMeters();
    await this.#arm();
  }

  /** Tells Stripe what a postpaid account used. */
  async #sendMeters(): Promise<void> {
    const customer = this.#account.load()?.stripeCustomer;
    const stripe = Stripe.of(this.env);
    if (!customer || !stripe) return;
    for (const { identifier, credits, at, tries } of this.#meters.due(Date.now(), METERS_AT_ONCE))
      try {
        await stripe.meter({ customer, credits, identifier, at });
        this.#meters.done(identifier);
      } catch (error) {
        console.error(`meter event of ${identifier}: ${String(error)}`);
        this.#meters.postpone(identifier, Date.now() + Math.min(MINUTE_MS * 2 ** tries, LOOK_AFTER_MS));
      }
  }

  async #addKey(wish: KeyWish, token: string, now: number): Promise<KeyRecord> {
    const record: KeyRecord = {
      ...wish,
      id: newId('key'),
      hint: tokenHint(token),
      createdAt: now,
      revokedAt: null,
      lastUsedAt: null,
    };
    this.#keys.add(record, await tokenHash(token));
    return record;
  }

  #updateKey(id: string, update: (key: KeyRecord) => KeyRecord): KeyRecord | null {
    if (!this.#account.load()) return null;
    const key = this.#keys.get(id);
    if (!key) return null;
    const updated = update(key);
    this.#keys.update(updated);
    return updated;
  }

  /** An alarm while anything is held, or is to be metered. */
  async #arm(): Promise<void> {
    const [oldest] = this.#ledger.heldSince(Number.MAX_SAFE_INTEGER, 1);
    const look = oldest && Math.max(oldest.at, Date.now()) + LOOK_AFTER_MS;
    const due = [look, this.#meters.nextDue()].filter((time) => typeof time === 'number');
    if (due.length === 0) return;
    const next = Math.min(...due);
    const armed = await this.ctx.storage.getAlarm();
    if (armed === null || next < armed) await this.ctx.storage.setAlarm(next);
  }
}
