import { Worker } from 'node:worker_threads';
import type { ModelSource, RuntimeOptions } from './runtime.ts';
import type { WorkerReply, WorkerRequest } from './session-worker.ts';
import { GraphError, type HostTensor } from './tensor.ts';

/** The part of a session that computes: in this thread, or in a host's. */
export interface Backend {
  run(
    feeds: Readonly<Record<string, HostTensor>>,
    fetches: readonly string[],
    into: Readonly<Record<string, HostTensor>>,
  ): Promise<Record<string, HostTensor>>;
  close(): Promise<void>;
}

interface Waiting {
  readonly session: number;
  readonly resolve: (results: Record<string, HostTensor>) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A thread in which sessions run, one run at a time. It starts with the first session and stays for later ones, but keeps no process from
 * ending. Sessions that never run at the same time share one: a thread takes longer to start than most sessions to open.
 */
export class SessionHost {
  #worker: Worker | undefined;
  readonly #waiting = new Map<number, Waiting>();
  #numbers = 0;

  /** Starts the thread, so that the first model need not wait for it. */
  start(): void {
    this.#worker ??= this.#start();
    if (this.#waiting.size === 0) this.#worker.unref();
  }

  /** Opens a model. @throws GraphError where ONNX Runtime cannot */
  async open(source: ModelSource, options: RuntimeOptions): Promise<Backend> {
    const session = this.#numbers++;
    try {
      await this.#ask({ kind: 'open', session, source, options });
    } catch (error) {
      throw new GraphError(`the model could not be opened: ${(error as Error).message}`);
    }
    const worker = this.#worker;
    let isOpen = true;
    return {
      run: async (feeds, fetches, into) => {
        // What the thread held is gone with it.
        if (this.#worker !== worker) throw new GraphError('the session’s thread has ended');
        const results = await this.#ask({ kind: 'run', session, feeds, fetches, into });
        return { ...results, ...written(into, fetches) };
      },
      close: async () => {
        if (!isOpen) return;
        isOpen = false;
        for (const [number, waiting] of this.#waiting) {
          if (waiting.session !== session) continue;
          this.#waiting.delete(number);
          waiting.reject(new GraphError('the session was closed while a run was under way'));
        }
        // The thread finishes what it runs first. It must not be ended before: a native call that comes back to nowhere takes the process with it.
        if (this.#worker === worker) await this.#ask({ kind: 'close', session }).catch(() => undefined);
      },
    };
  }

  /** Ends the thread, whose sessions are to be closed before. */
  async end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #ask(request: Request): Promise<Record<string, HostTensor>> {
    return new Promise((resolve, reject) => {
      const number = this.#numbers++;
      this.#waiting.set(number, { session: request.session, resolve, reject });
      this.#send({ ...request, number });
    });
  }

  #send(request: WorkerRequest): void {
    this.#worker ??= this.#start();
    this.#worker.ref();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker, not a window
    this.#worker.postMessage(request);
  }

  #start(): Worker {
    const worker = new Worker(new URL('./session-worker.ts', import.meta.url));
    worker.on('message', ({ number, results, message }: WorkerReply) => {
      const waiting = this.#waiting.get(number);
      this.#waiting.delete(number);
      if (this.#waiting.size === 0) worker.unref();
      if (message === undefined) waiting?.resolve(results ?? {});
      else waiting?.reject(new GraphError(message));
    });
    const fail = (error: Error): void => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
    };
    worker.on('error', (error: unknown) => fail(error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', () => fail(new GraphError('the session’s thread has ended')));
    return worker;
  }
}

type WithoutNumber<T> = T extends unknown ? Omit<T, 'number'> : never;
type Request = WithoutNumber<WorkerRequest>;

/** Those of the given tensors that a run has written to. */
function written(
  into: Readonly<Record<string, HostTensor>>,
  fetches: readonly string[],
): Record<string, HostTensor> {
  return Object.fromEntries(Object.entries(into).filter(([name]) => fetches.includes(name)));
}
