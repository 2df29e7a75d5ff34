import type { Charge, Principal } from '../../edge/accounts/index.ts';
import {
  apply,
  EMPTY_BALANCES,
  fund,
  release,
  reserve,
  settle,
  type Hold,
  type Posting,
} from '../../edge/accounts/ledger.ts';
import { workOf } from '../../edge/accounts/work.ts';
import type { Refusal } from '../../edge/jobs/job.ts';
import { priceOf, type Portrait, type PortraitRequest, type StageResult } from '../../shared/index.ts';

/** One account's ledger: the real postings, in memory instead of SQLite. */
export class LedgerModel {
  balances = EMPTY_BALANCES;
  readonly holds = new Map<string, Hold>();

  constructor(credits: number) {
    this.balances = apply(this.balances, fund('grant', 'first', credits, 0));
  }

  reserve({ account, key, mode }: Principal, portrait: string, request: PortraitRequest): Charge | Refusal {
    const known = this.holds.get(portrait);
    if (known?.status === 'held') return { account, key, mode, credits: known.amount };
    if (known) return { code: 'reservation_closed', detail: 'Closed.', headers: {} };
    const standing = {
      balances: this.balances,
      invoiceLimit: null,
      held: 0,
      concurrency: 1_000,
      spent: 0,
      spendCap: null,
    };
    const amount = priceOf(request);
    const posting = reserve(standing, { portrait, key, amount, at: 0 });
    if (typeof posting === 'string') return { code: 'insufficient_credits', detail: posting, headers: {} };
    this.#save(posting);
    return { account, key, mode, credits: amount };
  }

  settle(portrait: Portrait): void {
    const hold = this.holds.get(portrait.id);
    this.#save(hold ? settle(hold, creditsOf(portrait), 0) : null);
  }

  release(portrait: string): void {
    const hold = this.holds.get(portrait);
    this.#save(hold ? release(hold, 0) : null);
  }

  #save(posting: Posting | null): void {
    if (!posting) return;
    this.holds.set(posting.hold.portrait, posting.hold);
    if (posting.transaction) this.balances = apply(this.balances, posting.transaction);
  }
}

/** What a finished portrait is to be charged. */
export const creditsOf = (portrait: Portrait) =>
  workOf(portrait).reduce((sum, { credits }) => sum + credits, 0);

/** The bucket and the keepers of runs: what RunKeeper does, with its sweeps at a time of the test's choosing. */
export class RunsModel {
  /** Paths `run/sha256` of stored artifacts. */
  readonly bucket = new Set<string>();
  /** Artifacts deleted so far. */
  deleted = 0;
  readonly #kept = new Map<string, { holders: Set<string>; result: StageResult | null }>();

  get runs(): string[] {
    return [...this.#kept.keys()];
  }

  holders(run: string): ReadonlySet<string> {
    return this.#kept.get(run)?.holders ?? new Set();
  }

  hold(run: string, portrait: string): StageResult | null {
    const kept = this.#kept.get(run) ?? { holders: new Set<string>(), result: null };
    this.#kept.set(run, kept);
    kept.holders.add(portrait);
    return kept.result;
  }

  result(run: string): StageResult | null {
    return this.#kept.get(run)?.result ?? null;
  }

  record(result: StageResult): string[] {
    const missing = Object.entries(result.outputs)
      .filter(([, { sha256 }]) => !this.bucket.has(`${result.key}/${sha256}`))
      .map(([name]) => name);
    const kept = this.#kept.get(result.key);
    if (missing.length === 0 && kept && kept.holders.size > 0) kept.result = result;
    return missing;
  }

  letGo(run: string, portrait: string): void {
    const kept = this.#kept.get(run);
    kept?.holders.delete(portrait);
    if (kept?.holders.size === 0) kept.result = null;
  }

  /** An upload of a stage server; refused where nobody keeps the run. */
  upload(run: string, sha256: string): boolean {
    if (this.holders(run).size === 0) return false;
    this.bucket.add(`${run}/${sha256}`);
    return true;
  }

  /** The alarm of a keeper: deletes what nobody keeps. */
  sweep(run: string): void {
    if (this.holders(run).size > 0) return;
    for (const path of this.bucket)
      if (path.startsWith(`${run}/`) && this.bucket.delete(path)) this.deleted++;
    this.#kept.delete(run);
  }
}
