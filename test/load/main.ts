import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { isFinal, type Portrait } from '../../shared/index.ts';
import { startEdge } from '../edge/harness.ts';
import { memoryOf, processesBelow } from '../../scripts/dev/processes.ts';

/**
 * Load on the edge with stages that take no time: reads, creates, a queue of jobs, listeners of events. Prints a
 * Markdown table; `--scale 0.1` does a tenth of everything.
 */
const { values } = parseArgs({ options: { scale: { type: 'string', default: '1' } } });
const scale = Number(values.scale);
if (!(scale > 0)) throw new Error(`--scale must be a number above 0, not '${values.scale}'.`);
const scaled = (count: number) => Math.max(1, Math.round(count * scale));

const edge = await startEdge();
edge.stageServer.stepMs = 0;

const create = async (body: object, headers = {}): Promise<Portrait> =>
  (await edge.post(body, headers)).json() as Promise<Portrait>;

console.log(`${availableParallelism()} × ${cpus()[0]?.model ?? 'CPU'}, Node ${process.version}\n`);
console.log('| what | count | a second | p50 | p99 |\n|---|---|---|---|---|');

const portrait = await create({ prompt: 'a man', seed: 1, quality: 'draft' }, { prefer: 'wait=60' });
if (portrait.status !== 'succeeded') throw new Error(`the first portrait is ${portrait.status}`);

await measure('reads of a finished portrait', scaled(3_000), 16, () => edge.get(portrait.id));
await measure('creates of an equal portrait', scaled(500), 8, () =>
  create({ prompt: 'a man', seed: 1, quality: 'draft' }),
);

const memoryBefore = memory();
const ids: string[] = [];
await measure('creates of new portraits', scaled(2_000), 8, async (index) => {
  ids.push((await create({ prompt: `person ${index}`, seed: 1, quality: 'draft' })).id);
});
const queuedAt = performance.now();
const outcomes = new Map<string, number>();
for (const id of ids) {
  let made = await edge.get(id, 60);
  while (!isFinal(made.status)) made = await edge.get(id, 60);
  outcomes.set(made.status, (outcomes.get(made.status) ?? 0) + 1);
}
const drainedS = (performance.now() - queuedAt) / 1000;
console.log(`| queued jobs to their end | ${ids.length} | ${(ids.length / drainedS).toFixed(0)} | | |`);

edge.stageServer.held = 'imagine';
const watched = await create({ prompt: 'watched', quality: 'draft' });
const listeners = scaled(500);
const streams = await Promise.all(
  Array.from({ length: listeners }, async () => edge.api(`/v1/portraits/${watched.id}/events`)),
);
const toldAt = performance.now();
edge.stageServer.held = null;
const texts = await Promise.all(streams.map(async (stream) => stream.text()));
const complete = texts.filter((text) => text.includes('event: portrait.finished')).length;
console.log(
  `| listeners told to the end, in ${((performance.now() - toldAt) / 1000).toFixed(1)} s | ${complete} of ${listeners} | | | |`,
);

const megabytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;
console.log(`\nQueued jobs ended as ${JSON.stringify(Object.fromEntries(outcomes))}.`);
console.log(
  `Memory of everything before and after the queue: ${megabytes(memoryBefore)}, ${megabytes(memory())}.`,
);
await edge.close();

/** Does something `count` times, `atOnce` at a time, and prints how fast. */
async function measure(
  what: string,
  count: number,
  atOnce: number,
  work: (index: number) => Promise<unknown>,
): Promise<void> {
  const times: number[] = [];
  let next = 0;
  const start = performance.now();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let index = next++; index < count; index = next++) {
        const t0 = performance.now();
        await work(index);
        times.push(performance.now() - t0);
      }
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => `${sorted[Math.min(count - 1, Math.floor(share * count))]!.toFixed(0)} ms`;
  console.log(`| ${what} | ${count} | ${(count / seconds).toFixed(0)} | ${at(0.5)} | ${at(0.99)} |`);
}

function memory(): number {
  return processesBelow(process.pid).reduce((sum, { pid }) => sum + memoryOf(pid), 0);
}
