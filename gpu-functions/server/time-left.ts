/** Reports further back than this many seconds say little about the pace now … */
const WINDOW_S = 30;

/** … unless there were fewer than this many since. */
const WINDOW_REPORTS = 12;

/**
 * Estimates the time a stage still needs from how fast its fraction grew lately. The wait before the first progress
 * (loading and compiling networks) is no measure of the pace, and a resumed run is judged by its own.
 */
export class TimeLeft {
  readonly #samples: { time: number; fraction: number }[] = [];

  /**
   * @param time seconds on any steady clock
   * @param fraction done so far, 0…1
   * @returns seconds left, or null while nothing is known
   */
  report(time: number, fraction: number): number | null {
    const last = this.#samples.at(-1);
    if (!last || fraction > last.fraction) this.#samples.push({ time, fraction });
    return this.at(time);
  }

  /** Seconds left at `time`, without new progress. */
  at(time: number): number | null {
    const last = this.#samples.at(-1);
    const base = this.#base();
    if (!last || !base) return null;
    const secondsPerUnit = (last.time - base.time) / (last.fraction - base.fraction);
    return Math.max(0, Math.round(((1 - last.fraction) * secondsPerUnit - (time - last.time)) * 10) / 10);
  }

  /** Where the window begins: the pace is measured from here to the newest sample. */
  #base(): { time: number; fraction: number } | undefined {
    const samples = this.#samples;
    const newest = samples.at(-1);
    // The first sample is taken before the wait for the first progress.
    if (!newest || samples.length < 3) return undefined;
    const inWindow = samples.findIndex(({ time }) => time >= newest.time - WINDOW_S);
    return samples[Math.max(1, Math.min(inWindow, samples.length - WINDOW_REPORTS, samples.length - 2))];
  }
}
