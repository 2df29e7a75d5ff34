/** Seconds between two lines of progress. */
const INTERVAL = 15;

const duration = (seconds: number): string =>
  seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;

/** Prints how far a dataset is and when it will be ready. */
export class Progress {
  readonly #start = performance.now();
  readonly #todo: number;
  readonly #total: number;
  readonly #views: number;
  #done = 0;
  #printed = 0;

  constructor(todo: number, total: number, views: number) {
    this.#todo = todo;
    this.#total = total;
    this.#views = views;
  }

  /** Counts one person. */
  add(): void {
    this.#done++;
    const elapsed = (performance.now() - this.#start) / 1000;
    if (elapsed - this.#printed < INTERVAL) return;
    this.#printed = elapsed;
    const rate = this.#done / elapsed;
    const people = this.#total - this.#todo + this.#done;
    const left = duration((this.#todo - this.#done) / rate);
    console.log(`${people}/${this.#total} people, ${(rate * this.#views).toFixed(1)} images/s, ${left} left`);
  }

  finish(out: string): void {
    const elapsed = (performance.now() - this.#start) / 1000;
    const rate = ((this.#done * this.#views) / elapsed).toFixed(1);
    console.log(
      `${out} is complete: ${this.#total} people, ${this.#done} of them rendered in ${duration(elapsed)}, ${rate} images/s.`,
    );
  }
}
