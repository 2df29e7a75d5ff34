import { parentPort, workerData } from 'node:worker_threads';
import { perform, type Sitting, type Task } from './studio-tasks.ts';

/** What a worker says of the task it was given last. */
export type StudioReply = { readonly result: unknown } | { readonly message: string };

const port = parentPort!;
const sitting = workerData as Sitting;
port.on('message', async (task: Task) => {
  let reply: StudioReply;
  try {
    reply = { result: await perform(sitting, task) };
  } catch (error) {
    reply = { message: error instanceof Error ? error.message : String(error) };
  }
  port.postMessage(reply);
});
