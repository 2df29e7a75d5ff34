import { parentPort } from 'node:worker_threads';
import { perform, type Sitting, type Task } from './studio-tasks.ts';

/** What a worker is told: first who sits, then one task after the other. */
export type StudioRequest = { readonly sitting: Sitting } | { readonly task: Task };

/** What a worker says of the task it was given last. */
export type StudioReply = { readonly result: unknown } | { readonly message: string };

const port = parentPort!;
let sitting: Sitting | undefined;
port.on('message', async (request: StudioRequest) => {
  if ('sitting' in request) {
    ({ sitting } = request);
    return;
  }
  let reply: StudioReply;
  try {
    reply = { result: await perform(sitting, request.task) };
  } catch (error) {
    reply = { message: error instanceof Error ? error.message : String(error) };
  }
  port.postMessage(reply);
});
