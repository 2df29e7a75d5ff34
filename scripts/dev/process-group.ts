import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Leads the process group of a program and kills all of it when its own stdin ends: that is, when whoever started it
 * is gone, even by SIGKILL. SIGTERM is passed on to the program alone, which stops and reaps its own children.
 */
const LEASH = `
exec 3<&0
(trap '' TERM INT HUP; read -r _ <&3; kill -KILL 0) & leash=$!
"$@" </dev/null 3<&- & program=$!
trap 'kill -TERM $program' TERM
while :; do
  wait $program
  status=$?
  kill -0 $program 2>/dev/null || break
done
kill -KILL $leash
exit $status`;

/** Lines of a program's log that are shown when it fails. */
const LOG_LINES = 20;

/**
 * A program with everything it starts, in a process group of its own: a terminal's Ctrl-C does not reach it, and it
 * can be stopped or killed as a whole. It never outlives this process.
 */
export class ProcessGroup {
  readonly name: string;
  readonly logPath: string;
  readonly #shell: ChildProcess;
  readonly #ended: Promise<void>;
  #running = true;

  /** @param logPath gets the program's stdout and stderr, after what is there already. */
  constructor(
    name: string,
    command: string,
    args: string[],
    options: { cwd: string; env: NodeJS.ProcessEnv; logPath: string },
  ) {
    this.name = name;
    this.logPath = options.logPath;
    const log = openSync(options.logPath, 'a', 0o600);
    this.#shell = spawn('sh', ['-c', LEASH, 'leash', command, ...args], {
      cwd: options.cwd,
      env: options.env,
      detached: true,
      stdio: ['pipe', log, log],
    });
    closeSync(log);
    this.#ended = new Promise((resolve) => {
      const end = () => {
        this.#running = false;
        resolve();
      };
      this.#shell.once('exit', end);
      this.#shell.once('error', end);
    });
  }

  /** Whether the program still runs. */
  get running(): boolean {
    return this.#running;
  }

  /** Resolves when the program has ended, however it did. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** Asks the program to stop, waits, and kills what is left of the group after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.#shell.kill('SIGTERM');
    const patience = new AbortController();
    await Promise.race([this.#ended, delay(graceMs, undefined, { signal: patience.signal }).catch(() => {})]);
    patience.abort();
    await this.kill();
  }

  /** Kills the whole group at once. */
  async kill(): Promise<void> {
    // Without a pid the shell could not be started, which 'error' has told.
    if (this.#shell.pid === undefined) return;
    try {
      process.kill(-this.#shell.pid, 'SIGKILL');
    } catch (error) {
      // ESRCH: the whole group is gone.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
    await this.#ended;
  }

  /** The last lines the program wrote. */
  lastLines(): string {
    return readFileSync(this.logPath, 'utf8').trimEnd().split('\n').slice(-LOG_LINES).join('\n');
  }
}
