import type { StageProcess } from './stage-process.ts';

/** The worker processes, lent to one run each; runs beyond them wait in turn. */
export class Slots {
  readonly #processes: readonly StageProcess[];
  readonly #free: StageProcess[];
  readonly #waiting: ((process: StageProcess) => void)[] = [];

  constructor(processes: readonly StageProcess[]) {
    this.#processes = processes;
    this.#free = [...processes];
  }

  get capacity(): number {
    return this.#processes.length;
  }

  /** A process of one's own, to be released. Rejects with the signal's reason. */
  async acquire(signal: AbortSignal): Promise<StageProcess> {
    signal.throwIfAborted();
    const free = this.#free.shift();
    if (free) return free;
    return new Promise((resolve, reject) => {
      const take = (process: StageProcess) => {
        signal.removeEventListener('abort', giveUp);
        resolve(process);
      };
      const giveUp = () => {
        this.#waiting.splice(this.#waiting.indexOf(take), 1);
        reject(signal.reason);
      };
      signal.addEventListener('abort', giveUp);
      this.#waiting.push(take);
    });
  }

  release(process: StageProcess): void {
    const next = this.#waiting.shift();
    if (next) next(process);
    else this.#free.push(process);
  }

  close(): void {
    for (const process of this.#processes) process.close();
  }
}
