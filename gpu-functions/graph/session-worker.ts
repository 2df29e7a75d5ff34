import { parentPort, workerData } from 'node:worker_threads';
import { Runtime, type ModelSource, type RuntimeOptions } from './runtime.ts';
import type { HostTensor } from './tensor.ts';

/** What the opener of a worker hands it. */
export interface WorkerOpening {
  readonly source: ModelSource;
  readonly options: RuntimeOptions;
}

/** One run asked of the worker. */
export interface WorkerRequest {
  readonly id: number;
  readonly feeds: Readonly<Record<string, HostTensor>>;
  readonly fetches: readonly string[];
  /** Shared memory that receives outputs; what is written there is not sent back. */
  readonly into: Readonly<Record<string, HostTensor>>;
}

/** What the worker says: that it is open, or how a run (or, without id, the opening) ended. */
export type WorkerReply =
  | { readonly kind: 'open' }
  | { readonly kind: 'result'; readonly id: number; readonly results: Record<string, HostTensor> }
  | { readonly kind: 'failure'; readonly id?: number; readonly message: string };

const port = parentPort!;
const { source, options } = workerData as WorkerOpening;
const say = (reply: WorkerReply, transfer: ArrayBuffer[] = []): void => port.postMessage(reply, transfer);
const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function serve(runtime: Runtime, { id, feeds, fetches, into }: WorkerRequest): Promise<void> {
  try {
    const all = await runtime.run(feeds, fetches, into);
    const results = Object.fromEntries(Object.entries(all).filter(([name]) => !Object.hasOwn(into, name)));
    const buffers = new Set(Object.values(results).map((t) => t.data.buffer as ArrayBuffer));
    say({ kind: 'result', id, results }, [...buffers]);
  } catch (error) {
    say({ kind: 'failure', id, message: textOf(error) });
  }
}

try {
  const runtime = await Runtime.open(source, options);
  port.on('message', (request: WorkerRequest) => void serve(runtime, request));
  say({ kind: 'open' });
} catch (error) {
  say({ kind: 'failure', message: textOf(error) });
}
