import { readdirSync, readFileSync } from 'node:fs';

/** A process as /proc tells it. */
export interface ProcessEntry {
  pid: number;
  command: string;
}

/** Every process that a process started, directly or not, with itself. */
export function processesBelow(root: number): ProcessEntry[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const status = /^\d+$/.test(name) ? readStat(Number(name)) : undefined;
    if (status) parents.set(Number(name), status.parent);
  }
  const isBelow = (pid: number): boolean => pid === root || (parents.has(pid) && isBelow(parents.get(pid)!));
  return [...parents.keys()].filter(isBelow).map((pid) => ({ pid, command: commandOf(pid) }));
}

/** Whether a process runs. A zombie, which a container without an init may keep, does not. */
export function isRunning(pid: number): boolean {
  const status = readStat(pid);
  return status !== undefined && !'ZX'.includes(status.state);
}

/** Resident pages of a process, shared ones counted in full; 0 once it is gone. Costs next to nothing. */
export function residentPages(pid: number): number {
  return Number(read(`/proc/${pid}/statm`)?.split(' ')[1] ?? 0);
}

/**
 * Resident memory of a process in bytes, shared pages divided among those who share them; 0 once it is gone. The kernel walks
 * through all pages for it, and stops the process from mapping others meanwhile.
 */
export function memoryOf(pid: number): number {
  const kilobytes = /^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`) ?? '')?.[1];
  return Number(kilobytes ?? 0) * 1024;
}

function readStat(pid: number): { state: string; parent: number } | undefined {
  // The command, in parentheses, may hold anything.
  const found = /^\d+ \(.*\) (\S) (\d+)/s.exec(read(`/proc/${pid}/stat`) ?? '');
  return found ? { state: found[1]!, parent: Number(found[2]) } : undefined;
}

function commandOf(pid: number): string {
  return (read(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ').trim();
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Gone between being listed and being read.
    return undefined;
  }
}
