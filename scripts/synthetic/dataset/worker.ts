import { parentPort, workerData } from 'node:worker_threads';
import { Studio } from '../studio.ts';
import type { DatasetPlan } from './format.ts';
import { writeShard } from './shard.ts';

/** What the main thread tells a worker at its start. */
export interface WorkerSetup {
  assets: string;
  out: string;
  plan: DatasetPlan;
}

/** From a worker: it wants a shard, or has finished one person. To a worker: the shard's number. */
export type WorkerMessage = 'ready' | 'identity';

if (!parentPort)
  throw new Error('dataset/worker.ts runs as a worker thread only; use scripts/synthetic/main.ts.');
const port = parentPort;
const { assets, out, plan } = workerData as WorkerSetup;
const studio = await Studio.open(assets);
const send = (message: WorkerMessage): void => port.postMessage(message);

port.on('message', async (shard: number) => {
  await writeShard(studio, plan, shard, out, () => send('identity'));
  send('ready');
});
send('ready');
