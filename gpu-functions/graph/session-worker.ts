import { parentPort } from 'node:worker_threads';
import { Runtime, type ModelSource, type RuntimeOptions } from './runtime.ts';
import type { HostTensor } from './tensor.ts';

/** What a host asks of its thread. */
export type WorkerRequest = { readonly number: number; readonly session: number } & (
  | { readonly kind: 'open'; readonly source: ModelSource; readonly options: RuntimeOptions }
  | {
      readonly kind: 'run';
      readonly feeds: Readonly<Record<string, HostTensor>>;
      readonly fetches: readonly string[];
      /** Shared memory that receives outputs; what is written there is not sent back. */
      readonly into: Readonly<Record<string, HostTensor>>;
    }
  | { readonly kind: 'close' }
);

/** What the thread says of a request: a run's results, or why it failed. */
export interface WorkerReply {
  readonly number: number;
  readonly results?: Record<string, HostTensor>;
  readonly message?: string;
}

const port = parentPort!;
const sessions = new Map<number, Runtime>();
const say = (reply: WorkerReply, transfer: ArrayBuffer[] = []): void => port.postMessage(reply, transfer);

async function serve(request: WorkerRequest): Promise<void> {
  const { number, session } = request;
  if (request.kind === 'open') {
    sessions.set(session, await Runtime.open(request.source, request.options));
    return say({ number });
  }
  const runtime = sessions.get(session)!;
  if (request.kind === 'close') {
    sessions.delete(session);
    await runtime.close();
    return say({ number });
  }
  const { feeds, fetches, into } = request;
  const all = await runtime.run(feeds, fetches, into);
  const results = Object.fromEntries(Object.entries(all).filter(([name]) => !Object.hasOwn(into, name)));
  const buffers = new Set(Object.values(results).map((t) => t.data.buffer as ArrayBuffer));
  say({ number, results }, [...buffers]);
}

// One after the other: a session is not closed under a run, and two do not share the processor's cores.
let last: Promise<void> = Promise.resolve();
port.on('message', (request: WorkerRequest) => {
  last = last.then(() =>
    serve(request).catch((error: unknown) =>
      say({ number: request.number, message: error instanceof Error ? error.message : String(error) }),
    ),
  );
});
