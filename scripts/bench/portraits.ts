import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { QUALITIES, type Portrait, type Quality } from '../../shared/index.ts';
import { LocalService } from '../dev/local-service.ts';
import { memoryOf, processesBelow, residentPages } from '../dev/processes.ts';
import { PortraitApi } from '../portrait/portrait-api.ts';
import { duration } from '../portrait/progress.ts';

/**
 * Measures whole portraits on this machine, through the public API of a service of its own with nothing cached:
 * time of each stage, time of the same request again, and the peak memory of everything together (worker, workerd,
 * stage server). Prints a Markdown table.
 */
const { values } = parseArgs({
  options: {
    prompt: { type: 'string', default: 'an old man with a white beard, wearing a red turtleneck' },
    seed: { type: 'string', default: '7' },
    quality: { type: 'string', multiple: true, default: ['draft', 'standard'] },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log('npm run bench -- [graph|cuda] [--quality draft|standard|high]… [--prompt TEXT] [--seed N]');
  process.exit();
}
const qualities = values.quality.map((quality): Quality => {
  const found = QUALITIES.find((one) => one === quality);
  if (!found) throw new Error(`--quality must be one of ${QUALITIES.join(', ')}, not '${quality}'.`);
  return found;
});

const gigabytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(2)} GiB`;

const SAMPLE_MS = 250;
/** By how much more than ever before has to be resident for it to be counted exactly. */
const MORE = 1.01;

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
const folder = await mkdtemp(join(tmpdir(), 'portrait-bench-'));
const service = await LocalService.start({ state: folder }, stop.signal);
try {
  const api = new PortraitApi(service.api);
  console.log(
    `${availableParallelism()} × ${cpus()[0]?.model ?? 'CPU'}, ${gigabytes(totalmem())}, Node ${process.version}\n`,
  );
  console.log('| quality | all stages | each stage | the same again | peak memory |\n|---|---|---|---|---|');
  for (const quality of qualities) {
    const request = { prompt: values.prompt, seed: Number(values.seed), quality };
    const memory = watchMemory();
    const first = await timed(() => make(api, request));
    const peak = memory.stop();
    const again = await timed(() => make(api, request));
    const stages = Object.entries(first.result.timings).map(
      ([stage, timing]) => `${stage} ${duration(timing.seconds)}`,
    );
    const cells = [
      quality,
      duration(first.seconds),
      stages.join(', '),
      `${again.seconds.toFixed(2)} s`,
      gigabytes(peak),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
} catch (error) {
  if (!stop.signal.aborted) throw error;
  process.exitCode = 130;
} finally {
  await service.stop();
  await rm(folder, { recursive: true, force: true });
}

async function make(api: PortraitApi, request: Parameters<PortraitApi['create']>[0]): Promise<Portrait> {
  const portrait = await api.finished(await api.create(request), stop.signal);
  if (portrait.status !== 'succeeded')
    throw new Error(`The portrait ${portrait.status}: ${portrait.error?.message}`);
  return portrait;
}

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; seconds: number }> {
  const start = performance.now();
  const result = await work();
  return { result, seconds: (performance.now() - start) / 1000 };
}

/**
 * Peak of the memory of this process and everything below it. Counting takes a third of a core four times a second, so it is done only when more
 * pages are resident than ever before.
 */
function watchMemory(): { stop(): number } {
  let [peak, most] = [0, 0];
  const sample = () => {
    const processes = processesBelow(process.pid);
    const total = (of: (pid: number) => number) => processes.reduce((sum, { pid }) => sum + of(pid), 0);
    const resident = total(residentPages);
    if (resident < MORE * most) return;
    most = resident;
    peak = Math.max(peak, total(memoryOf));
  };
  const timer = setInterval(sample, SAMPLE_MS);
  return {
    stop() {
      sample();
      clearInterval(timer);
      return peak;
    },
  };
}
