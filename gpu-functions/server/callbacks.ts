import { HEARTBEAT_MS, SIGNATURE_HEADER, signCallback, type Run } from '../../shared/index.ts';
import type { Log } from './log.ts';
import { isOver, type Owner } from './run-record.ts';

/** Changes closer together than this are told in one call. */
const THROTTLE_MS = 500;

/** An answer later than this is not waited for: the next call says more. */
const TIMEOUT_MS = 5_000;

/** Answers that mean: nobody waits any more. */
const GONE = new Set([404, 410]);

/**
 * Tells one owner about one run: soon after each change, at least every {@link HEARTBEAT_MS}, and once when it is over.
 * One call at a time, always with the newest state. A lost call is not repeated, since the poll is the truth.
 */
export class Callbacks {
  readonly #callback: NonNullable<Owner['callback']>;
  readonly #current: () => Run;
  readonly #log: Log;
  #timer: NodeJS.Timeout | undefined;
  #calling = false;
  #pending = false;
  #lastAt = 0;
  #stopped = false;

  constructor(callback: NonNullable<Owner['callback']>, current: () => Run, log: Log) {
    this.#callback = callback;
    this.#current = current;
    this.#log = log;
    this.changed();
  }

  /** The run has changed. */
  changed(): void {
    if (this.#stopped) return;
    this.#pending = true;
    const wait = isOver(this.#current().status) ? 0 : Math.max(0, this.#lastAt + THROTTLE_MS - Date.now());
    this.#schedule(wait);
  }

  /** No more calls. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #schedule(wait: number): void {
    clearTimeout(this.#timer);
    if (!this.#stopped) this.#timer = setTimeout(() => void this.#call(), wait);
  }

  async #call(): Promise<void> {
    if (this.#calling) return;
    this.#calling = true;
    this.#pending = false;
    this.#lastAt = Date.now();
    const run = this.#current();
    const { url, secret } = this.#callback;
    try {
      const body = JSON.stringify(run);
      const signature = await signCallback(secret, body, this.#lastAt);
      const response = await fetch(url, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json', [SIGNATURE_HEADER]: signature },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await response.body?.cancel();
      if (GONE.has(response.status)) this.stop();
      else if (!response.ok) this.#log('warn', 'callback_refused', { key: run.key, status: response.status });
    } catch (error) {
      this.#log('warn', 'callback_failed', { key: run.key, message: (error as Error).message });
    }
    this.#calling = false;
    if (this.#pending) this.changed();
    else if (isOver(run.status)) this.stop();
    else this.#schedule(HEARTBEAT_MS);
  }
}
