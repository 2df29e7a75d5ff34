import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { fetchAssets } from '../assets/index.ts';
import { datasetFile, identitySeed, shardCount, SHARD_SIZE, shardName, type DatasetPlan } from './format.ts';
import { Progress } from './progress.ts';
import type { WorkerMessage, WorkerSetup } from './worker.ts';

export interface DatasetOptions extends DatasetPlan {
  assets: string;
  out: string;
  workers: number;
}

/** A dataset's description without its length: what must agree for it to be continued. */
const ignoreCount = (dataset: object): string => JSON.stringify({ ...dataset, count: 0, shards: 0 });

/** Refuses to mix datasets in one folder; a folder of the same plan, or of fewer people, is continued. */
async function claimFolder(out: string, plan: DatasetPlan): Promise<void> {
  const file = path.join(out, 'dataset.json');
  const wanted = datasetFile(plan);
  await mkdir(out, { recursive: true });
  const found = await readFile(file, 'utf8').catch(() => null);
  if (found !== null) {
    if (ignoreCount(JSON.parse(found) as object) !== ignoreCount(wanted)) {
      throw new Error(`${file} describes another dataset. Choose another --out, or remove the folder.`);
    }
  }
  await writeFile(file, `${JSON.stringify(wanted, null, 2)}\n`);
}

async function removeParts(out: string): Promise<void> {
  for (const name of await readdir(out)) if (name.endsWith('.part')) await rm(path.join(out, name));
}

/** People in a shard, the last of which may be short. */
const peopleIn = (shard: number, count: number): number => Math.min(SHARD_SIZE, count - shard * SHARD_SIZE);

/** Shards still to be rendered. A finished shard that has become too short for a larger count is rendered again. */
async function missingShards(out: string, plan: DatasetPlan): Promise<number[]> {
  const missing: number[] = [];
  for (let shard = 0; shard < shardCount(plan); shard++) {
    const text = await readFile(path.join(out, `${shardName(shard)}.json`), 'utf8').catch(() => null);
    const people = text === null ? 0 : (JSON.parse(text) as { shape: number[] }).shape[0];
    if (people < peopleIn(shard, plan.count)) missing.push(shard);
  }
  return missing;
}

/** Renders the missing shards of a dataset on worker threads; Ctrl-C stops at once and leaves finished shards. */
export async function writeDataset({ assets, out, workers, ...plan }: DatasetOptions): Promise<void> {
  identitySeed(plan.seed, plan.count - 1); // refuses before anything is written
  await claimFolder(out, plan);
  await removeParts(out);
  await fetchAssets(assets);
  const queue = await missingShards(out, plan);
  const people = queue.reduce((sum, shard) => sum + peopleIn(shard, plan.count), 0);
  if (people === 0) {
    console.log(`${out} is complete: ${plan.count} people, ${plan.views} views each.`);
    return;
  }
  const progress = new Progress(people, plan.count, plan.views);
  const setup: WorkerSetup = { assets, out, plan };
  const threads = Array.from({ length: Math.min(workers, queue.length) }, () => {
    return new Worker(new URL('./worker.ts', import.meta.url), { workerData: setup });
  });
  const stop = (): Promise<unknown> => Promise.all(threads.map((thread) => thread.terminate()));
  const interrupted = new Promise<never>((_, reject) => {
    process.once('SIGINT', () => reject(new Interrupted()));
  });
  try {
    await Promise.race([interrupted, Promise.all(threads.map((thread) => serve(thread, queue, progress)))]);
    progress.finish(out);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    console.log('Interrupted; run the same command to continue.');
    process.exitCode = 130;
  } finally {
    await stop();
    await removeParts(out);
  }
}

class Interrupted extends Error {}

/** Hands shards to one worker until none is left. */
function serve(worker: Worker, queue: number[], progress: Progress): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`A rendering worker stopped early (exit code ${code}).`)));
    worker.on('message', (message: WorkerMessage) => {
      if (message === 'identity') return progress.add();
      const shard = queue.shift();
      if (shard === undefined) resolve();
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread, not a window
      else worker.postMessage(shard);
    });
  });
}
