import { fork, type ChildProcess } from 'node:child_process';
import type { Artifact, Warning } from '../../shared/index.ts';
import type { Log } from './log.ts';
import { RunFailure } from './run-error.ts';
import type { FromWorker, Loaded, StageJob, StageProgress, ToWorker } from './stage-messages.ts';

/** What happens while a stage runs. */
export interface StageListener {
  progress(progress: StageProgress): void;
  warning(warning: Warning): void;
  checkpointed(bytes: number): void;
}

export interface StageOutcome {
  outputs: Record<string, Artifact>;
  metrics: Record<string, number>;
}

/** The networks could not be loaded; the message says why. Starting again would not help. */
export class SetupFailed extends Error {
  override readonly name = 'SetupFailed';
}

/** How long a stage may take to stop between two steps before its process is killed. */
const ABORT_GRACE_MS = 20_000;

/**
 * Every thread of every session gets a heap of its own from glibc unless told otherwise, and freed memory stays in each:
 * a sixth less is resident with two, and nothing is slower.
 */
const FEW_ARENAS = { MALLOC_ARENA_MAX: '2' };

/**
 * One child process that holds loaded networks and runs one stage at a time, so that neither a long native call nor a
 * crash in native code stops the HTTP server. A process that died is replaced at the next `ready()`.
 */
export class StageProcess {
  readonly #entry: URL;
  readonly #environment: Record<string, string>;
  readonly #log: Log;
  #child: ChildProcess | undefined;
  #ready: Promise<Loaded> | undefined;
  #closed = false;

  /** @param entry module that calls `serveStages`. */
  constructor(entry: URL, environment: Record<string, string>, log: Log) {
    this.#entry = entry;
    this.#environment = environment;
    this.#log = log;
  }

  /** What the process has loaded, started first where it does not run. @throws SetupFailed */
  ready(): Promise<Loaded> {
    this.#ready ??= this.#start();
    return this.#ready;
  }

  /**
   * Runs a stage to its end. When `signal` aborts, the stage stops between two steps and the promise rejects with the
   * signal's reason; a stage that does not stop in time is killed with its process.
   *
   * @throws RunFailure when the stage failed or the process died.
   */
  async run(job: StageJob, listener: StageListener, signal: AbortSignal): Promise<StageOutcome> {
    await this.ready();
    signal.throwIfAborted();
    const child = this.#child!;
    return new Promise<StageOutcome>((resolve, reject) => {
      let overdue: NodeJS.Timeout | undefined;
      const settle = (settled: () => void) => {
        clearTimeout(overdue);
        child.off('message', onMessage);
        child.off('exit', onExit);
        signal.removeEventListener('abort', onAbort);
        settled();
      };
      const onMessage = (message: FromWorker) => {
        switch (message.type) {
          case 'progress':
            return listener.progress(message.progress);
          case 'warning':
            return listener.warning(message.warning);
          case 'checkpointed':
            return listener.checkpointed(message.bytes);
          case 'succeeded':
            return settle(() => resolve({ outputs: message.outputs, metrics: message.metrics }));
          case 'failed': {
            const { code, retryable, message: text } = message.error;
            return settle(() => reject(new RunFailure(code, retryable, text)));
          }
          case 'aborted':
            return settle(() => reject(signal.reason));
        }
      };
      const onExit = (code: number | null, exitSignal: string | null) => {
        if (signal.aborted) return settle(() => reject(signal.reason));
        const cause =
          exitSignal === 'SIGKILL'
            ? 'killed, most likely for want of memory'
            : (exitSignal ?? `code ${code}`);
        settle(() => reject(new RunFailure('worker_crashed', true, `the stage's process ended: ${cause}`)));
      };
      const onAbort = () => {
        send(child, { type: 'abort' });
        overdue = setTimeout(() => child.kill('SIGKILL'), ABORT_GRACE_MS);
      };
      child.on('message', onMessage);
      child.on('exit', onExit);
      signal.addEventListener('abort', onAbort);
      send(child, { type: 'run', job });
    });
  }

  /** Ends the process at once. A run should be aborted first. */
  close(): void {
    this.#closed = true;
    this.#child?.kill('SIGKILL');
  }

  #start(): Promise<Loaded> {
    if (this.#closed) return Promise.reject(new Error('the stage process is closed'));
    const child = fork(this.#entry, [], { env: { ...FEW_ARENAS, ...process.env, ...this.#environment } });
    this.#child = child;
    const ready = new Promise<Loaded>((resolve, reject) => {
      child.once('message', (message: FromWorker) => {
        if (message.type === 'ready') resolve(message.loaded);
        if (message.type === 'setup_failed') reject(new SetupFailed(message.message));
      });
      child.once('error', (error) =>
        reject(new SetupFailed(`the stage process did not start: ${error.message}`)),
      );
      child.once('exit', (code, signal) => {
        reject(
          new SetupFailed(`the stage process ended (${signal ?? `code ${code}`}) while loading its networks`),
        );
      });
    });
    ready.then(
      (loaded) => {
        this.#log('info', 'stage_process_ready', { pid: child.pid, digest: loaded.digest });
        child.once('exit', (code, signal) => {
          if (this.#closed) return;
          this.#log('error', 'stage_process_ended', { pid: child.pid, code, signal });
          this.#ready = undefined;
        });
      },
      (error: Error) => {
        if (!this.#closed)
          this.#log('error', 'stage_process_failed', { pid: child.pid, message: error.message });
      },
    );
    return ready;
  }
}

function send(child: ChildProcess, message: ToWorker): void {
  // Sending to a process that just died fails; its exit is handled where it is awaited.
  if (child.connected) child.send(message, () => {});
}
