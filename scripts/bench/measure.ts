import { readFileSync, writeFileSync } from 'node:fs';

/** Something that is measured by being run again and again; what gives a number was measured elsewhere, in milliseconds. */
export interface Work {
  readonly name: string;
  run(): Promise<unknown>;
  /** How many times a run does what is measured; 1 by default. */
  readonly times?: number;
}

export interface Measured {
  readonly name: string;
  /** Median time of a run by the clock. */
  readonly ms: number;
  /** Median processor time of this process in a run, all threads together: what remains comparable on a busy machine. */
  readonly cpuMs: number;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Each work in turn, `rounds` times after one that is not counted, so that what else the machine does falls on all alike. */
export async function interleaved(works: readonly Work[], rounds: number): Promise<Measured[]> {
  const times = works.map(() => ({ ms: [] as number[], cpu: [] as number[] }));
  for (let round = 0; round <= rounds; round++) {
    for (const [i, work] of works.entries()) {
      const cpu = process.cpuUsage();
      const start = performance.now();
      const told = await work.run();
      const ms = typeof told === 'number' ? told : performance.now() - start;
      const { user, system } = process.cpuUsage(cpu);
      if (round === 0) continue;
      const { times: share = 1 } = work;
      times[i].ms.push(ms / share);
      times[i].cpu.push((user + system) / 1000 / share);
    }
  }
  return works.map(({ name }, i) => ({ name, ms: median(times[i].ms), cpuMs: median(times[i].cpu) }));
}

/** By how many bytes resident memory grew at most while something ran. Linux only; undefined elsewhere. */
export async function peakGrowth<T>(work: () => Promise<T>): Promise<{ result: T; bytes?: number }> {
  const before = statusBytes('VmRSS');
  try {
    // Forgets the highest value so far.
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    return { result: await work() };
  }
  const result = await work();
  const after = statusBytes('VmHWM');
  return before === undefined || after === undefined ? { result } : { result, bytes: after - before };
}

function statusBytes(key: string): number | undefined {
  try {
    const found = new RegExp(`${key}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'));
    return found ? 1024 * Number(found[1]) : undefined;
  } catch {
    return undefined;
  }
}

const figure = (value: unknown): unknown =>
  typeof value === 'number' ? Number(value.toPrecision(4)) : value;

/** One line of JSON, numbers with four digits. */
export function print(line: Readonly<Record<string, unknown>>): void {
  console.log(JSON.stringify(line, (_, value) => figure(value)));
}
