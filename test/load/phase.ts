import { processorSeconds, residentMiB } from './usage.ts';

/** What a phase is held to; `limitS` ends it, however far it is. */
export interface Ceiling {
  limitS: number;
  perSecond?: number;
  p99Ms?: number;
}

/** What a phase measured: one JSON line. */
export interface PhaseReport {
  phase: string;
  count: number;
  wanted: Ceiling;
  seconds: number;
  per_second: number;
  p50_ms: number;
  p99_ms: number;
  /** Processor time of workerd for each, and what one processor second of it is good for. */
  worker_ms_each: number;
  per_processor_second: number;
  rss_mib: number;
  errors: string[];
  /** Whether everything was done, without an error, and within the ceiling. */
  ok: boolean;
}

/** Lets phases of a load work on one worker, and tells how they went. */
export class Load {
  readonly #pid: number;
  readonly #stopped: AbortSignal;

  /** @param pid the process of the worker. */
  constructor(pid: number, stopped: AbortSignal) {
    this.#pid = pid;
    this.#stopped = stopped;
  }

  /** Does something `count` times, `atOnce` at a time, until all is done, the time is up or the load is stopped. */
  async phase(
    name: string,
    count: number,
    atOnce: number,
    wanted: Ceiling,
    work: (index: number) => Promise<unknown>,
  ): Promise<PhaseReport> {
    const times: number[] = [];
    const errors: string[] = [];
    const processorBefore = processorSeconds(this.#pid);
    const start = performance.now();
    const seconds = () => (performance.now() - start) / 1000;
    const goesOn = () => !this.#stopped.aborted && seconds() < wanted.limitS;
    const ticker = setInterval(() => {
      process.stderr.write(
        `\r${name}: ${times.length} of ${count}, ${seconds().toFixed(0)} s, ${residentMiB(this.#pid)} MiB `,
      );
    }, 500);
    let next = 0;
    const workers = Array.from({ length: atOnce }, async () => {
      while (next < count && goesOn()) {
        const index = next++;
        const t0 = performance.now();
        try {
          await work(index);
          times.push(performance.now() - t0);
        } catch (error) {
          errors.push(String(error));
        }
      }
    });
    await Promise.race([Promise.all(workers), this.#end(wanted.limitS)]);
    clearInterval(ticker);
    process.stderr.write('\r\u001b[K');

    const took = seconds();
    const processor = processorSeconds(this.#pid) - processorBefore;
    const sorted = times.toSorted((a, b) => a - b);
    const at = (share: number) =>
      round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
    const [done, perSecond, p99] = [times.length, times.length / took, at(0.99)];
    return {
      phase: name,
      count: done,
      wanted,
      seconds: round(took),
      per_second: round(perSecond),
      p50_ms: at(0.5),
      p99_ms: p99,
      worker_ms_each: round((processor * 1000) / Math.max(done, 1)),
      per_processor_second: round(done / Math.max(processor, 0.01)),
      rss_mib: residentMiB(this.#pid),
      errors: [...new Set(errors)].slice(0, 5),
      ok:
        done === count &&
        errors.length === 0 &&
        perSecond >= (wanted.perSecond ?? 0) &&
        p99 <= (wanted.p99Ms ?? Infinity),
    };
  }

  /** Resolves when the load is stopped, or so many seconds have passed. */
  #end(seconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, seconds * 1000);
      timer.unref();
      this.#stopped.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}

const round = (value: number) => Math.round(value * 10) / 10;
