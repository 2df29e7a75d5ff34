import { Worker } from 'node:worker_threads';
import type { Sitting, Task, TaskResult } from './studio-tasks.ts';
import type { StudioReply, StudioRequest } from './studio-worker.ts';

interface Waiting {
  task: Task;
  resolve(result: never): void;
  reject(error: Error): void;
}

/**
 * Threads that draw one portrait, side by side: drawing keeps a thread busy for seconds. They start at once, beside what is done before somebody
 * sits. Tasks are begun in the order in which they are asked for; those that draw somebody are asked for once somebody sits.
 */
export class Studio {
  readonly #queue: Waiting[] = [];
  readonly #idle: Worker[] = [];
  readonly #working = new Map<Worker, Waiting>();
  readonly #workers: Worker[];

  constructor(threads: number) {
    this.#workers = Array.from({ length: threads }, () => {
      const worker = new Worker(new URL('./studio-worker.ts', import.meta.url));
      worker.on('message', (reply: StudioReply) => this.#hear(worker, reply));
      worker.on('error', (error) => this.#hear(worker, { message: String(error) }));
      return worker;
    });
    this.#idle.push(...this.#workers);
  }

  /** Says whom to draw, once. */
  sit(sitting: Sitting): void {
    const shared = { ...sitting, voxels: inSharedMemory(sitting.voxels) };
    for (const worker of this.#workers) tell(worker, { sitting: shared });
  }

  /** @throws Error of the task, or when the studio is closed before it is done */
  make<T extends Task>(task: T): Promise<TaskResult<T['kind']>> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ task, resolve, reject });
      this.#next();
    });
  }

  /** Ends the threads, whatever they do. */
  async close(): Promise<void> {
    for (const { reject } of [...this.#queue.splice(0), ...this.#working.values()]) {
      reject(new Error('the studio was closed'));
    }
    this.#working.clear();
    this.#idle.length = 0;
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #next(): void {
    while (this.#idle.length > 0 && this.#queue.length > 0) {
      const worker = this.#idle.shift()!;
      const waiting = this.#queue.shift()!;
      this.#working.set(worker, waiting);
      tell(worker, { task: waiting.task });
    }
  }

  #hear(worker: Worker, reply: StudioReply): void {
    const waiting = this.#working.get(worker);
    if (!waiting) return;
    this.#working.delete(worker);
    this.#idle.push(worker);
    if ('message' in reply) waiting.reject(new Error(reply.message));
    else waiting.resolve(reply.result as never);
    this.#next();
  }
}

function tell(worker: Worker, request: StudioRequest): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker, not a window
  worker.postMessage(request);
}

type Shareable = Uint8Array | Uint8ClampedArray | Float32Array;

/** The same, its arrays in memory that threads read without copying. */
function inSharedMemory<T extends object>(value: T): T {
  const entries = Object.entries(value).map(([name, member]): [string, unknown] => {
    if (ArrayBuffer.isView(member)) return [name, sharedCopy(member as Shareable)];
    if (Array.isArray(member))
      return [name, member.map((one: unknown) => (isObject(one) ? inSharedMemory(one) : one))];
    return [name, isObject(member) ? inSharedMemory(member) : member];
  });
  return Object.fromEntries(entries) as T;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

function sharedCopy(array: Shareable): Shareable {
  if (array.buffer instanceof SharedArrayBuffer) return array;
  const Kind = array.constructor as new (buffer: SharedArrayBuffer) => Shareable;
  const copy = new Kind(new SharedArrayBuffer(array.byteLength));
  copy.set(array);
  return copy;
}
