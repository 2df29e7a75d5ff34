import { RunFailure } from './run-error.ts';
import { TimeLeft } from './time-left.ts';

/** How often a working run's state is written down. */
const SAVE_MS = 5_000;

/** Counts a run's seconds of work, over all attempts, and ends the attempt at the run's deadline. */
export class RunClock {
  /** Aborts with the run's own signal, or at the deadline with a RunFailure. */
  readonly signal: AbortSignal;
  readonly left = new TimeLeft();
  readonly #before: number;
  readonly #start = performance.now();
  readonly #ticking: NodeJS.Timeout;
  readonly #late: NodeJS.Timeout;

  /**
   * @param before seconds worked in earlier attempts
   * @param save called every few seconds with the seconds worked so far
   */
  constructor(before: number, deadline_s: number, signal: AbortSignal, save: (worked: number) => void) {
    this.#before = before;
    const deadline = new AbortController();
    this.signal = AbortSignal.any([signal, deadline.signal]);
    this.#ticking = setInterval(() => save(this.worked), SAVE_MS);
    const message = `the stage worked for ${deadline_s} s and was not done: use a faster machine or a lower quality`;
    this.#late = setTimeout(
      () => deadline.abort(new RunFailure('deadline_exceeded', false, message)),
      Math.min(2 ** 31 - 1, Math.max(0, deadline_s - before) * 1000),
    );
  }

  /** Seconds of this attempt. */
  get seconds(): number {
    return (performance.now() - this.#start) / 1000;
  }

  /** Seconds of all attempts. */
  get worked(): number {
    return this.#before + this.seconds;
  }

  stop(): void {
    clearInterval(this.#ticking);
    clearTimeout(this.#late);
  }
}
