import { fund } from '../ledger.ts';
import type { LedgerStorage } from '../ledger-storage.ts';
import type { Facilitator } from './facilitator.ts';
import type { Payment, Settlement, Terms } from './protocol.ts';

/** One payment to take. `id` is the digest of what was signed. */
export interface PaymentOrder {
  id: string;
  credits: number;
  payment: Payment;
  terms: Terms;
}

/** What came of taking a payment. `unknown`: the facilitator was asked, and its answer is not known. */
export type Taken =
  | { kind: 'settled'; settlement: Settlement }
  | { kind: 'refused'; reason: string }
  | { kind: 'unknown'; reason: string };

/** The payments of one account: each is written down before it is taken, and counts once. */
export class Payments {
  readonly #storage: DurableObjectStorage;
  readonly #ledger: LedgerStorage;
  readonly #taking = new Map<string, Promise<Taken>>();

  constructor(storage: DurableObjectStorage, ledger: LedgerStorage) {
    this.#storage = storage;
    this.#ledger = ledger;
  }

  create(): void {
    this.#storage.sql.exec(
      'CREATE TABLE IF NOT EXISTS payments (id TEXT PRIMARY KEY, credits INTEGER NOT NULL, settlement TEXT);',
    );
  }

  /** The receipt of a payment that was taken before; null where it was not. */
  find(id: string): Settlement | null {
    const settlement = this.#row(id)?.settlement;
    return settlement ? (JSON.parse(settlement) as Settlement) : null;
  }

  /** Whether the facilitator has been asked to take a payment. */
  hasAskedFor(id: string): boolean {
    return this.#row(id) !== null;
  }

  /** Takes a payment and credits it. Repeated, also at the same time, it is taken once. */
  take(order: PaymentOrder, facilitator: Facilitator): Promise<Taken> {
    const running = this.#taking.get(order.id);
    if (running) return running;
    const taking = this.#take(order, facilitator).finally(() => this.#taking.delete(order.id));
    this.#taking.set(order.id, taking);
    return taking;
  }

  async #take({ id, credits, payment, terms }: PaymentOrder, facilitator: Facilitator): Promise<Taken> {
    const before = this.find(id);
    if (before) return { kind: 'settled', settlement: before };
    const asked = this.#row(id) !== null;
    if (!asked) this.#storage.sql.exec('INSERT INTO payments (id, credits) VALUES (?, ?)', id, credits);
    // What is written must outlive a crash during the request.
    await this.#storage.sync();
    try {
      const settlement = await facilitator.settle(payment, terms);
      if (settlement.success) {
        this.#storage.transactionSync(() => {
          this.#storage.sql.exec(
            'UPDATE payments SET settlement = ? WHERE id = ?',
            JSON.stringify(settlement),
            id,
          );
          this.#ledger.post(fund('topup', `x402:${id}`, credits, Date.now()));
        });
        return { kind: 'settled', settlement };
      }
      const reason = settlement.errorReason ?? 'no reason was given';
      // After a lost answer, a refusal may mean that the first request did take the payment.
      if (asked) return { kind: 'unknown', reason };
      this.#storage.sql.exec('DELETE FROM payments WHERE id = ?', id);
      return { kind: 'refused', reason };
    } catch (error) {
      return { kind: 'unknown', reason: String(error) };
    }
  }

  #row(id: string): { settlement: string | null } | null {
    return (
      this.#storage.sql
        .exec<{ settlement: string | null }>('SELECT settlement FROM payments WHERE id = ?', id)
        .toArray()[0] ?? null
    );
  }
}
