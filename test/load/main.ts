import { availableParallelism, cpus } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { StageServerDouble } from '../edge/stage-server-double.ts';
import { measureColdStart } from './cold-start.ts';
import { newStateFolder, startEdgeProcess } from './edge-process.ts';
import { HttpClient } from './http-client.ts';
import { listen, type Listener } from './listeners.ts';
import { measureOverhead } from './overhead.ts';
import { Load } from './phase.ts';
import { residentMiB } from './usage.ts';

const PHASES = [
  'cold start',
  'overhead',
  'reads',
  'cached creates',
  'creates',
  'queue',
  'listeners',
  'memory',
] as const;
type Phase = (typeof PHASES)[number];

const USAGE = `Usage: npm run load -- [--scale S] [--only PHASES] [--state DIR]
Load on the worker alone: the stages behind it take no time. One JSON line a phase, with what it is held to; exit code 1
where one is not ok.
  --scale S      does S times as much of everything (1)
  --only PHASES  some of ${PHASES.join(', ')}, with commas between; queue needs creates (all)
  --state DIR    keeps the state of the run below DIR while it lasts: on a disk, every commit waits for it (in memory)`;

const EQUAL = { prompt: 'a man', seed: 1, quality: 'draft' };
/** An object without work leaves memory after ten seconds, its database within a minute more. */
const IDLE_MS = 90_000;

const { scale, only, state } = readOptions();
const scaled = (count: number) => Math.max(1, Math.round(count * scale));

const stop = new AbortController();
const stages = new StageServerDouble();
stages.stepMs = 0;
await stages.listen();
const edge = await startEdgeProcess(newStateFolder(state), {
  GPU_URL: stages.url,
  AUTH: 'off',
  SIGNING_SECRET: 'a-secret-that-only-this-load-knows',
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // Miniflare would end this process at once, in the middle of everything.
  process.removeAllListeners(signal);
  process.on(signal, () => stop.abort());
}
const client = new HttpClient(edge.url);
const load = new Load(edge.pid, stop.signal);
const failed: string[] = [];

try {
  console.log(
    JSON.stringify({ machine: cpus()[0]?.model, cores: availableParallelism(), scale, phases: only }),
  );
  if (wants('cold start')) tell(await measureColdStart(stop.signal));
  if (wants('overhead')) tell(await measureOverhead(client, edge.pid, stages, scaled(30), stop.signal));
  if (wants('reads', 'cached creates', 'creates', 'listeners', 'memory')) await throughput();
} catch (error) {
  // What was under way when it was stopped ends as it may.
  if (!stop.signal.aborted) throw error;
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

function wants(...phases: Phase[]): boolean {
  return !stop.signal.aborted && phases.some((phase) => only.includes(phase));
}

function tell(report: { phase: string; ok: boolean }): void {
  if (stop.signal.aborted) return;
  console.log(JSON.stringify(report));
  if (!report.ok) failed.push(report.phase);
}

/** Many at once: reads, creates, the queue they fill, listeners, and the memory after all of it. */
async function throughput(): Promise<void> {
  const portrait = await client.create(EQUAL, { prefer: 'wait=60' });
  if (portrait.status !== 'succeeded') throw new Error(`the first portrait is ${portrait.status}`);
  // What is measured is a worker that has been at work for a moment: its code is compiled.
  await load.phase('warm up', scaled(300), 8, { limitS: 60 }, (index) =>
    index % 3 === 0 ? client.create(EQUAL) : client.read(portrait.id),
  );
  if (wants('reads'))
    tell(
      await load.phase('reads', scaled(5_000), 16, { limitS: 120, perSecond: 300, p99Ms: 250 }, () =>
        client.read(portrait.id),
      ),
    );
  if (wants('cached creates'))
    tell(
      await load.phase('cached creates', scaled(1_000), 8, { limitS: 180, perSecond: 50, p99Ms: 250 }, () =>
        client.create(EQUAL),
      ),
    );
  if (wants('creates')) await creates(scaled(2_000));
  if (wants('listeners')) await listeners(scaled(500));
  if (wants('memory')) await memory(residentMiB(edge.pid));
}

/** New portraits while the stages hold their places, so that the queue grows; then the queue, to its end. */
async function creates(count: number): Promise<void> {
  // Steps that take no time are not told: what is waited for is the queue.
  Object.assign(stages, { held: 'imagine', tellsSteps: false });
  const ids: string[] = [];
  tell(
    await load.phase('creates', count, 8, { limitS: 300, perSecond: 50, p99Ms: 250 }, async (index) => {
      ids.push((await client.create({ ...EQUAL, prompt: `person ${index}` })).id);
    }),
  );
  stages.held = null;
  if (!wants('queue')) return;
  tell(
    await load.phase('queue', ids.length, 64, { limitS: 1_800 * Math.max(scale, 0.1) }, async (index) => {
      const { status } = await client.finished(ids[index]!);
      if (status !== 'succeeded') throw new Error(`a queued portrait is ${status}`);
    }),
  );
  stages.tellsSteps = true;
}

/** Many listen to one portrait from its beginning to its end; a tenth leaves in the middle. */
async function listeners(count: number): Promise<void> {
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
  const report = {
    phase: 'memory',
    at_work_mib: atWorkMiB,
    idle_mib: idle,
    again_mib: again.rss_mib,
    ok,
  };
  tell(report);
}

function readOptions(): { scale: number; only: readonly Phase[]; state: string | undefined } {
  try {
    const { values } = parseArgs({
      options: {
        scale: { type: 'string', default: '1' },
        only: { type: 'string' },
        state: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) {
      console.log(USAGE);
      process.exit(0);
    }
    const factor = Number(values.scale);
    if (!(factor > 0)) throw new Error(`--scale must be a number above 0, not '${values.scale}'.`);
    const named = values.only?.split(',').map((name) => name.trim());
    const unknown = named?.find((name) => !PHASES.some((phase) => phase === name));
    if (unknown !== undefined) throw new Error(`--only: there is no phase '${unknown}'.`);
    return {
      scale: factor,
      only: named ? PHASES.filter((name) => named.includes(name)) : PHASES,
      state: values.state,
    };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    process.exit(2);
  }
}
