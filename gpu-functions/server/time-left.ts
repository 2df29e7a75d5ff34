/** Share of new evidence against old per report of progress. */
const WEIGHT = 0.3;

/**
 * Estimates the time a stage still needs from how fast its fraction grows: an exponentially weighted mean of seconds
 * per unit of progress, so that a slow start (loading networks) is forgotten and a resumed run is judged by its own speed.
 */
export class TimeLeft {
  #last: { time: number; fraction: number } | undefined;
  #secondsPerUnit: number | undefined;

  /**
   * @param time seconds on any steady clock
   * @param fraction done so far, 0…1
   * @returns seconds left, or null while nothing is known
   */
  report(time: number, fraction: number): number | null {
    const last = this.#last;
    if (!last) {
      this.#last = { time, fraction };
      return null;
    }
    if (fraction > last.fraction) {
      const observed = (time - last.time) / (fraction - last.fraction);
      this.#secondsPerUnit =
        this.#secondsPerUnit === undefined
          ? observed
          : this.#secondsPerUnit + WEIGHT * (observed - this.#secondsPerUnit);
      this.#last = { time, fraction };
    }
    return this.at(time);
  }

  /** Seconds left at `time`, without new progress. */
  at(time: number): number | null {
    if (this.#secondsPerUnit === undefined || !this.#last) return null;
    const total = (1 - this.#last.fraction) * this.#secondsPerUnit;
    return Math.max(0, Math.round((total - (time - this.#last.time)) * 10) / 10);
  }
}
