import { describe, expect, it } from 'vitest';
import {
  apply,
  EMPTY_BALANCES,
  fund,
  monthOf,
  refund,
  release,
  reserve,
  settle,
  type Balances,
  type Hold,
  type Posting,
  type Standing,
  type Transaction,
} from './ledger.ts';

/** Mulberry32: numbers in [0, 1) that depend on the seed only. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The books of one account as its Durable Object keeps them, in memory. */
class Books {
  balances: Balances = EMPTY_BALANCES;
  readonly holds = new Map<string, Hold>();
  readonly posted = new Map<string, Transaction>();
  readonly invoiceLimit: number | null;
  readonly concurrency: number;
  readonly spendCap: number | null;

  constructor(limits: Pick<Standing, 'invoiceLimit' | 'concurrency' | 'spendCap'>) {
    ({ invoiceLimit: this.invoiceLimit, concurrency: this.concurrency, spendCap: this.spendCap } = limits);
  }

  post(transaction: Transaction | null): void {
    if (!transaction || this.posted.has(transaction.ref)) return;
    this.balances = apply(this.balances, transaction);
    this.posted.set(transaction.ref, transaction);
  }

  save(posting: Posting | null): void {
    if (!posting) return;
    this.holds.set(posting.hold.portrait, posting.hold);
    this.post(posting.transaction);
  }

  reserve(portrait: string, amount: number, at: number): void {
    if (this.holds.has(portrait)) return;
    const held = this.count('held').length;
    const spent = [...this.holds.values()].reduce(
      (sum, { status, amount: holds, charged }) =>
        sum + (status === 'held' ? holds : status === 'settled' ? charged : 0),
      0,
    );
    const { balances, invoiceLimit, concurrency, spendCap } = this;
    const standing = { balances, invoiceLimit, concurrency, spendCap, held, spent };
    const posting = reserve(standing, { portrait, key: 'key_1', amount, at });
    if (typeof posting !== 'string') this.save(posting);
  }

  count(status: Hold['status']): Hold[] {
    return [...this.holds.values()].filter((hold) => hold.status === status);
  }
}

const sumOf = (balances: Balances) => Object.values(balances).reduce((sum, amount) => sum + amount, 0);

/** What is wrong with the books; null where nothing is. */
function violationOf(books: Books): string | null {
  const { balances } = books;
  const holds = [...books.holds.values()];
  const sum = (status: Hold['status'], of: 'amount' | 'charged') =>
    holds.reduce((total, hold) => total + (hold.status === status ? hold[of] : 0), 0);
  const held = holds.filter(({ status }) => status === 'held').length;
  if (sumOf(balances) !== 0) return 'the books do not sum to zero';
  if (balances.available < 0) return 'available is negative';
  if (balances.reserved !== sum('held', 'amount')) return 'reserved is not what the holds say';
  if (balances.revenue !== sum('settled', 'charged')) return 'revenue is not what was settled';
  if (held > books.concurrency) return 'too many at once';
  if (books.invoiceLimit !== null && -balances.invoiced > books.invoiceLimit) return 'too much is invoiced';
  if (books.spendCap !== null && sum('settled', 'charged') > books.spendCap) return 'the cap is exceeded';
  return null;
}

/** One random schedule of top-ups, reservations, ends and refunds, with every command repeated and out of order. */
function schedule(seed: number): Books {
  const random = randomOf(seed);
  const whole = (limit: number) => Math.floor(random() * limit);
  const books = new Books({
    invoiceLimit: random() < 0.3 ? whole(200) : null,
    concurrency: 1 + whole(6),
    spendCap: random() < 0.5 ? whole(300) : null,
  });
  for (let at = 0; at < 120; at++) {
    const portrait = `prt_${whole(30)}`;
    const hold = books.holds.get(portrait);
    switch (whole(6)) {
      case 0:
        books.post(fund(random() < 0.5 ? 'topup' : 'grant', `ref_${whole(8)}`, 1 + whole(60), at));
        break;
      case 1:
      case 2:
        books.reserve(portrait, whole(30), at);
        break;
      case 3:
        if (hold) books.save(settle(hold, whole(40), at));
        break;
      case 4:
        if (hold) books.save(release(hold, at));
        break;
      default:
        if (hold) books.save(refund(hold, at));
    }
    const broken = violationOf(books);
    if (broken) throw new Error(`seed ${seed}, step ${at}: ${broken}`);
  }
  return books;
}

describe('the ledger', () => {
  it('sums to zero, is never negative and counts everything once, in 2,000 random schedules', () => {
    let charged = 0;
    for (let seed = 1; seed <= 2_000; seed++) {
      const books = schedule(seed);
      for (const { portrait, status, amount, charged: taken } of books.holds.values()) {
        const ended = ['settle', 'release'].filter((kind) => books.posted.has(`${kind}:${portrait}`));
        const right =
          (amount === 0 || books.posted.has(`reserve:${portrait}`)) &&
          ended.length <= 1 &&
          taken <= amount &&
          (status !== 'released' || taken === 0);
        if (!right) throw new Error(`seed ${seed}: ${portrait} is ${status} after ${ended.join(', ')}`);
        if (status === 'settled') charged += taken;
      }
    }
    // The schedules do reach the state they are about.
    expect(charged).toBeGreaterThan(10_000);
  });

  it('charges no more than was reserved', () => {
    const books = new Books({ invoiceLimit: null, concurrency: 1, spendCap: null });
    books.post(fund('topup', 'cs_1', 10, 0));
    books.reserve('prt_1', 10, 1);
    books.save(settle(books.holds.get('prt_1')!, 99, 2));
    expect(books.balances).toEqual({ available: 0, reserved: 0, revenue: 10, funding: -10, invoiced: 0 });
  });

  it('refuses a transaction that does not sum to zero, or takes what is not there', () => {
    const entry = { ref: 'x', kind: 'grant' as const, portrait: null, key: null, at: 0 };
    expect(() => apply(EMPTY_BALANCES, { ...entry, lines: [{ book: 'available', amount: 1 }] })).toThrow(
      'does not sum to zero',
    );
    const lines = [
      { book: 'available' as const, amount: -1 },
      { book: 'revenue' as const, amount: 1 },
    ];
    expect(() => apply(EMPTY_BALANCES, { ...entry, lines })).toThrow('negative');
    for (const credits of [0, -1, 0.5, Number.NaN])
      expect(() => fund('grant', 'x', credits, 0)).toThrow(RangeError);
  });

  it('counts months in UTC', () => {
    expect(monthOf(Date.UTC(2026, 0, 31, 23, 59))).toBe(Date.UTC(2026, 0, 1));
  });
});
