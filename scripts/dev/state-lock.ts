import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Somebody else works on the state folder. */
export class StateInUse extends Error {
  override readonly name = 'StateInUse';
}

/**
 * Takes a state folder for this process, and gives the way to let it go. Two services on one folder would damage each
 * other's databases. The lock of a process that is gone is taken over.
 *
 * @throws StateInUse
 */
export function lockState(folder: string): () => void {
  const path = join(folder, 'lock');
  for (;;) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = Number(readHolder(path));
    if (holder > 0 && isAlive(holder)) {
      throw new StateInUse(
        `The process ${holder} is using ${folder}. Wait for it, use its service with --api URL, or choose another folder with --state DIR.`,
      );
    }
    rmSync(path, { force: true });
  }
}

function readHolder(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
