import { availableParallelism, cpus } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { StageServerDouble } from '../edge/stage-server-double.ts';
import { measureColdStart } from './cold-start.ts';
import { newStateFolder, startEdgeProcess } from './edge-process.ts';
import { HttpClient } from './http-client.ts';
import { listen, type Listener } from './listeners.ts';
import { Load, type PhaseReport } from './phase.ts';
import { residentMiB } from './usage.ts';

const USAGE = `Usage: npm run load -- [--scale S] [--state DIR]
Load on the worker alone: the stages behind it take no time. One JSON line a phase, with what it is held to; exit code 1
where one is not ok.
  --scale S    does S times as much of everything (1)
  --state DIR  keeps the state of the run below DIR while it lasts: on a disk, every commit waits for it (in memory)`;

const PHASES = ['cold start', 'reads', 'cached creates', 'creates', 'queue', 'listeners', 'memory'] as const;
const EQUAL = { prompt: 'a man', seed: 1, quality: 'draft' };
/** An object without work leaves memory after ten seconds, its database within a minute more. */
const IDLE_MS = 90_000;

const { values } = parseArgs({
  options: {
    scale: { type: 'string', default: '1' },
    state: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
const scale = Number(values.scale);
if (!(scale > 0)) {
  console.error(`--scale must be a number above 0, not '${values.scale}'.\n\n${USAGE}`);
  process.exit(2);
}
const scaled = (count: number) => Math.max(1, Math.round(count * scale));

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());

const stages = new StageServerDouble();
stages.stepMs = 0;
await stages.listen();
const edge = await startEdgeProcess(newStateFolder(values.state), {
  GPU_URL: stages.url,
  AUTH: 'off',
  SIGNING_SECRET: 'a-secret-that-only-this-load-knows',
});
const client = new HttpClient(edge.url);
const load = new Load(edge.pid, stop.signal);
const failed: string[] = [];

try {
  console.log(
    JSON.stringify({ machine: cpus()[0]?.model, cores: availableParallelism(), scale, phases: PHASES }),
  );
  const coldStart = await measureColdStart(stop.signal);
  console.log(JSON.stringify(coldStart));
  if (!coldStart.ok) failed.push(coldStart.phase);
  const portrait = await client.create(EQUAL, { prefer: 'wait=60' });
  if (portrait.status !== 'succeeded') throw new Error(`the first portrait is ${portrait.status}`);
  // What is measured is a worker that has been at work for a moment: its code is compiled.
  await load.phase('warm up', scaled(300), 8, { limitS: 60 }, (index) =>
    index % 3 === 0 ? client.create(EQUAL) : client.read(portrait.id),
  );

  tell(
    await load.phase('reads', scaled(5_000), 16, { limitS: 120, perSecond: 300, p99Ms: 250 }, () =>
      client.read(portrait.id),
    ),
  );
  tell(
    await load.phase('cached creates', scaled(1_000), 8, { limitS: 180, perSecond: 50, p99Ms: 250 }, () =>
      client.create(EQUAL),
    ),
  );

  // The stages hold their places, so that the queue grows while it is filled.
  stages.held = 'imagine';
  const ids: string[] = [];
  tell(
    await load.phase(
      'creates',
      scaled(2_000),
      8,
      { limitS: 300, perSecond: 50, p99Ms: 250 },
      async (index) => {
        ids.push((await client.create({ ...EQUAL, prompt: `person ${index}` })).id);
      },
    ),
  );
  stages.held = null;
  tell(
    await load.phase('queue', ids.length, 64, { limitS: 1_800 * Math.max(scale, 0.1) }, async (index) => {
      const { status } = await client.finished(ids[index]!);
      if (status !== 'succeeded') throw new Error(`a queued portrait is ${status}`);
    }),
  );

  await listeners(scaled(500));
  await memory(residentMiB(edge.pid));
} finally {
  stages.held = null;
  client.close();
  await edge.close();
  await stages.kill();
}
if (stop.signal.aborted) {
  console.error('Stopped before the end.');
  process.exitCode = 130;
} else if (failed.length > 0) {
  console.error(`Not as wanted: ${failed.join(', ')}.`);
  process.exitCode = 1;
}
// A phase that ran out of time leaves requests behind.
process.exit();

function tell(report: PhaseReport): void {
  if (stop.signal.aborted) return;
  console.log(JSON.stringify(report));
  if (!report.ok) failed.push(report.phase);
}

/** Many listen to one portrait from its beginning to its end; a tenth leaves in the middle. */
async function listeners(count: number): Promise<void> {
  if (stop.signal.aborted) return;
  stages.held = 'imagine';
  const { id } = await client.create({ ...EQUAL, prompt: 'watched' });
  const open: Listener[] = [];
  tell(
    await load.phase('listeners come', count, 32, { limitS: 120 }, async () => {
      open.push(await listen(edge.url, id));
    }),
  );
  const leaving = open.splice(0, Math.floor(count / 10));
  for (const listener of leaving) {
    listener.told.catch(() => {});
    listener.leave();
  }
  stages.held = null;
  tell(
    await load.phase(
      'listeners told to the end',
      open.length,
      open.length,
      { limitS: 120 },
      async (index) => {
        await open[index]!.told;
      },
    ),
  );
}

/** The memory of the worker at its fullest, and once nobody has asked it anything for a while. */
async function memory(atWorkMiB: number): Promise<void> {
  for (let left = IDLE_MS; left > 0 && !stop.signal.aborted; left -= 1_000) {
    process.stderr.write(`\rmemory: idle for ${left / 1000} s more, ${residentMiB(edge.pid)} MiB `);
    await delay(1_000);
  }
  process.stderr.write('\r\u001b[K');
  const idle = residentMiB(edge.pid);
  // The same load again takes no more memory than the first time.
  const again = await load.phase('the queue again', scaled(200), 8, { limitS: 600 }, async (index) => {
    const { id } = await client.create({ ...EQUAL, prompt: `another ${index}` });
    await client.finished(id);
  });
  const ok = again.ok && again.rss_mib <= atWorkMiB * 1.1;
  if (stop.signal.aborted) return;
  console.log(
    JSON.stringify({ phase: 'memory', at_work_mib: atWorkMiB, idle_mib: idle, again_mib: again.rss_mib, ok }),
  );
  if (!ok) failed.push('memory');
}
