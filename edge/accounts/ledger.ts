import type { TransactionKind } from '../../shared/index.ts';

/**
 * The ledger's books. Signed whole credits; every transaction sums to zero, so all books together always do.
 * `available` is what the customer may spend, `reserved` what unfinished portraits hold, `revenue` what was earned.
 * The other two are where credits come from and may be negative: `funding` (bought or granted), and `invoiced` (used by
 * a postpaid account, which pays at the end of the month).
 */
export const BOOKS = ['available', 'reserved', 'revenue', 'funding', 'invoiced'] as const;
export type Book = (typeof BOOKS)[number];
export type Balances = Record<Book, number>;

export interface Line {
  book: Book;
  amount: number;
}

/** One entry: what happened, why, and its lines, which sum to zero. A `ref` is posted once and never again. */
export interface Transaction {
  ref: string;
  kind: TransactionKind;
  portrait: string | null;
  key: string | null;
  /** Milliseconds since 1970. */
  at: number;
  lines: readonly Line[];
}

/** The credits that one portrait holds, or held. `charged` is what was settled. */
export interface Hold {
  portrait: string;
  key: string;
  source: 'available' | 'invoiced';
  amount: number;
  charged: number;
  status: 'held' | 'settled' | 'released' | 'refunded';
  at: number;
}

/** What a reservation is judged by. */
export interface Standing {
  balances: Balances;
  /** A postpaid account's limit on what is invoiced and not yet paid; null for a prepaid one. */
  invoiceLimit: number | null;
  /** Portraits that hold credits of this key now, and how many may. */
  held: number;
  concurrency: number;
  /** What the key has spent and holds this month, and how much it may; null for no cap. */
  spent: number;
  spendCap: number | null;
}

export type Refusal = 'insufficient_credits' | 'spend_cap_reached' | 'concurrency_limit';

/** What becomes of a hold. `transaction` is null where no credits move. */
export interface Posting {
  hold: Hold;
  transaction: Transaction | null;
}

export const EMPTY_BALANCES: Balances = { available: 0, reserved: 0, revenue: 0, funding: 0, invoiced: 0 };

function post(
  kind: TransactionKind,
  hold: Hold,
  at: number,
  moves: [from: Book, to: Book, amount: number][],
) {
  const lines = moves
    .filter(([, , amount]) => amount > 0)
    .flatMap(([from, to, amount]) => [
      { book: from, amount: -amount },
      { book: to, amount },
    ]);
  if (lines.length === 0) return null;
  return { ref: `${kind}:${hold.portrait}`, kind, portrait: hold.portrait, key: hold.key, at, lines };
}

/** Reserves credits for a portrait, or says why not. */
export function reserve(
  standing: Standing,
  wish: { portrait: string; key: string; amount: number; at: number },
): Posting | Refusal {
  const { balances, invoiceLimit } = standing;
  if (standing.held >= standing.concurrency) return 'concurrency_limit';
  if (standing.spendCap !== null && standing.spent + wish.amount > standing.spendCap)
    return 'spend_cap_reached';
  const source = invoiceLimit === null ? 'available' : 'invoiced';
  const left = invoiceLimit === null ? balances.available : invoiceLimit + balances.invoiced;
  if (wish.amount > left) return 'insufficient_credits';
  const hold: Hold = { ...wish, source, charged: 0, status: 'held' };
  return { hold, transaction: post('reserve', hold, wish.at, [[source, 'reserved', wish.amount]]) };
}

/**
 * Charges a finished portrait at most what it holds; the rest goes back where it came from. Null where the hold is
 * closed already: a repeat.
 */
export function settle(hold: Hold, amount: number, at: number): Posting | null {
  if (hold.status !== 'held') return null;
  const charged = Math.max(0, Math.min(amount, hold.amount));
  const after: Hold = { ...hold, status: 'settled', charged };
  const transaction = post('settle', after, at, [
    ['reserved', 'revenue', charged],
    ['reserved', hold.source, hold.amount - charged],
  ]);
  return { hold: after, transaction };
}

/** Gives everything back that a portrait holds. Null where the hold is closed already. */
export function release(hold: Hold, at: number): Posting | null {
  if (hold.status !== 'held') return null;
  const after: Hold = { ...hold, status: 'released' };
  return { hold: after, transaction: post('release', after, at, [['reserved', hold.source, hold.amount]]) };
}

/** Gives a settled charge back, as credits. Null where nothing was charged, or it was given back before. */
export function refund(hold: Hold, at: number): Posting | null {
  if (hold.status !== 'settled' || hold.charged === 0) return null;
  const after: Hold = { ...hold, status: 'refunded' };
  return { hold: after, transaction: post('refund', after, at, [['revenue', hold.source, hold.charged]]) };
}

export type Funding = 'topup' | 'grant' | 'payment';

/** Puts credits in: bought (`topup`), given (`grant`), or paying what was invoiced (`payment`). `ref` names the payment, so that it counts once. */
export function fund(kind: Funding, ref: string, amount: number, at: number): Transaction {
  if (!Number.isSafeInteger(amount) || amount <= 0)
    throw new RangeError(`cannot put in ${amount} credits: a whole number above 0 is needed`);
  const lines: Line[] = [
    { book: 'funding', amount: -amount },
    { book: kind === 'payment' ? 'invoiced' : 'available', amount },
  ];
  return { ref: `${kind}:${ref}`, kind, portrait: null, key: null, at, lines };
}

/**
 * Takes back what a disputed payment bought, as far as it is still available (`dispute`), or puts it in again once the
 * dispute is won (`dispute_won`). Null where no credits move.
 */
export function dispute(
  kind: 'dispute' | 'dispute_won',
  id: string,
  amount: number,
  at: number,
): Transaction | null {
  if (amount === 0) return null;
  const [from, to]: [Book, Book] = kind === 'dispute' ? ['available', 'funding'] : ['funding', 'available'];
  const lines = [
    { book: from, amount: -amount },
    { book: to, amount },
  ];
  return { ref: `${kind}:${id}`, kind, portrait: null, key: null, at, lines };
}

/** The balances after a transaction. @throws Error where it does not sum to zero, or a balance would be negative. */
export function apply(balances: Balances, { ref, lines }: Transaction): Balances {
  if (lines.reduce((sum, { amount }) => sum + amount, 0) !== 0)
    throw new Error(`${ref} does not sum to zero`);
  const after = { ...balances };
  for (const { book, amount } of lines) after[book] += amount;
  for (const book of ['available', 'reserved', 'revenue'] as const)
    if (after[book] < 0) throw new Error(`${ref} would make ${book} negative`);
  return after;
}

/** The first instant of the month (UTC) that `at` lies in: spend caps count from there. */
export function monthOf(at: number): number {
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
}
