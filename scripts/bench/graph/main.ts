import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openSession } from '../../../gpu-functions/graph/index.ts';
import { levelSizes, PORTRAIT3D, type GeneratorConfig } from '../../../gpu-functions/portrait/index.ts';
import { interleaved, peakGrowth, print, type Work } from '../measure.ts';
import { fastErrors } from './fast-error.ts';
import { TorchPeer } from './peer.ts';
import { RECORDED } from './recorded.ts';
import { openBackward, openForward, type Mode } from './render.ts';
import { trainingGraph } from './training-graph.ts';
import { convolution, graphWork, optimiser, yardstick } from './works.ts';

/**
 * Measures the gradient engine, one JSON line a work. Times are of an interleaved run; `yardsticks` is the time in units of a 1024³ matrix
 * product measured in between, which a busy machine slows alike; `speed` is PyTorch's time over ours where PyTorch is installed, and
 * `recorded` what PyTorch took on another machine where it is not.
 */
const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string', default: String(Math.min(2, availableParallelism())) },
    tiny: { type: 'boolean', default: false },
    // One render of those that `--only render` measures.
    case: { type: 'string', default: '' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(
    'npm run bench -- graph [--only conv|render|error|optimiser|creation] [--rounds 5] [--threads 2] [--tiny]\n' +
      '--tiny: the same works in small, to see that they run',
  );
  process.exit(0);
}
const threads = Number(values.threads);
const rounds = Number(values.rounds);
const { tiny } = values;
const peer = values.case === '' ? TorchPeer.start(threads) : undefined;

interface Compared {
  readonly ours: Work;
  /** The same work in the peer's words, if it has it. */
  readonly theirs?: string;
  readonly goal?: string;
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** Measures works in turn with their peers and the yardstick, and prints a line each. */
async function compare(compared: readonly Compared[], times = rounds): Promise<void> {
  const stick = await yardstick(threads);
  const works: Work[] = [stick];
  for (const { ours, theirs } of compared) {
    works.push(ours);
    if (peer && theirs) works.push({ name: theirs, run: () => peer.run(theirs) });
  }
  const measured = new Map((await interleaved(works, times)).map((m) => [m.name, m]));
  const unit = measured.get('yardstick')!;
  for (const { ours, theirs, goal, extra } of compared) {
    const { ms, cpuMs } = measured.get(ours.name)!;
    const torch = theirs ? measured.get(theirs) : undefined;
    const recorded = tiny ? undefined : RECORDED[ours.name];
    print({
      work: ours.name,
      ms,
      cpuMs,
      yardsticks: ms / unit.ms,
      ...(torch ? { torch: peer!.version, torchMs: torch.ms, speed: torch.ms / ms } : {}),
      ...(!torch && recorded ? { recorded } : {}),
      ...(goal ? { goal } : {}),
      ...extra,
    });
  }
  await stick.session.close();
}

async function convolutions(): Promise<void> {
  const shapes = tiny ? [[8, 8]] : [[256, 32], [128, 64], [64, 128]]; // prettier-ignore
  for (const [channels, side] of shapes) {
    const works = await Promise.all(
      (['fwd', 'dx', 'dw'] as const).map(async (kind) => ({
        kind,
        ours: await graphWork(
          `conv ${kind} ${channels}c ${side}²`,
          convolution(kind, channels, side),
          threads,
        ),
      })),
    );
    await compare(
      works.map(({ kind, ours }) => ({
        ours,
        theirs: `conv ${kind} 4 ${channels} ${side}`,
        goal: `speed ≥ ${kind === 'dw' ? 0.8 : 1}`,
      })),
    );
    await Promise.all(works.map(({ ours }) => ours.session.close()));
  }
}

/** Renders and their gradients, each in a process of its own, so that its memory is nobody else's. */
async function renders(): Promise<void> {
  const cases = (tiny ? ['16'] : ['64', '128']).flatMap((size) =>
    ['fast', 'exact'].flatMap((mode) => ['forward', 'backward'].map((way) => `${size} ${way} ${mode}`)),
  );
  if (values.case !== '') {
    await render(values.case);
    return;
  }
  for (const one of cases) {
    const script = [...process.execArgv, fileURLToPath(import.meta.url)];
    const args = ['--only', 'render', '--case', one, '--rounds', values.rounds, '--threads', values.threads];
    const child = spawnSync(process.execPath, [...script, ...args, ...(tiny ? ['--tiny'] : [])], {
      stdio: 'inherit',
    });
    if (child.status !== 0) throw new Error(`the measurement of '${one}' failed`);
  }
}

async function render(one: string): Promise<void> {
  const [size, direction, mode] = one.split(' ');
  const config: GeneratorConfig = tiny ? { ...PORTRAIT3D, backboneResolution: 16 } : PORTRAIT3D;
  const setting = { config, size: Number(size), mode: mode as Mode, lanes: threads };
  const name = `render ${size}² ${direction} ${mode}`;
  const goal = RENDER_GOALS[`${size} ${direction}`];
  const { result: opened, bytes } = await peakGrowth(async () => {
    const made = direction === 'forward' ? await openForward(setting) : await openBackward(setting);
    await made.run();
    return made;
  });
  const forecast = opened.models.map(({ memory }) => memory.peak);
  // Forward has one session; backward one for the tables, one for the levels, and the lanes.
  const forecastBytes =
    forecast.length === 1 ? forecast[0] : forecast[0] + forecast[2] + threads * forecast[1];
  const extra = {
    levels: levelSizes(config).length,
    /** Of this process with all feeds, copies and sessions; the forecast is of the sessions alone. */
    peakGiB: (bytes ?? 0) / 2 ** 30,
    forecastGiB: forecastBytes / 2 ** 30,
  };
  await compare(
    [{ ours: { name, run: opened.run }, ...(goal ? { goal } : {}), extra }],
    Math.max(1, Math.min(3, rounds)),
  );
  await opened.close();
}

const RENDER_GOALS: Readonly<Record<string, string>> = {
  '64 forward': '≤ 400 ms',
  '64 backward': '≤ 1200 ms',
  '128 forward': '≤ 1500 ms',
  '128 backward': '≤ 4500 ms, ≤ 4 GiB',
};

async function optimisers(): Promise<void> {
  const sides = tiny ? [8, 16] : levelSizes(PORTRAIT3D);
  const parameters = sides.reduce((sum, side) => sum + 108 * side * side, 0);
  const steps = 4;
  for (const kind of ['adam', 'adan'] as const) {
    const name = `${kind} step, ${parameters} parameters`;
    const work = await graphWork(name, optimiser(kind, sides, steps), threads);
    const ours: Work = { name, run: () => work.run(), times: steps };
    await compare(
      [{ ours, theirs: `${kind} ${parameters}`, goal: 'speed ≥ 1' }],
      Math.max(1, Math.min(3, rounds)),
    );
    await work.session.close();
  }
}

async function creation(): Promise<void> {
  const model = trainingGraph(tiny ? 6 : 25);
  const bytes = model.bytes.byteLength;
  const works = (['disabled', 'basic', 'extended'] as const).map((optimisation) => ({
    ours: {
      name: `session of ${model.nodeCount} nodes, ${optimisation}`,
      run: async () => {
        const session = await openSession(model, { inline: true, optimisation });
        await session.close();
      },
    },
    ...(optimisation === 'basic' ? { goal: '≤ 500 ms at 3,600 nodes' } : {}),
    extra: { bytes },
  }));
  await compare(works);
}

async function errors(): Promise<void> {
  for (const { mode, finest, rms, worst } of await fastErrors(tiny ? 8 : 48, tiny ? [] : [128, 256, 512])) {
    print({
      work: `error of '${mode}', finest side ${finest}`,
      rms,
      worst,
      goal: 'below 1e-3 of the range',
    });
  }
}

const parts = { conv: convolutions, render: renders, error: errors, optimiser: optimisers, creation };
const chosen = Object.entries(parts).filter(([name]) => values.only === '' || values.only === name);
if (chosen.length === 0) throw new Error(`--only must be one of ${Object.keys(parts).join(', ')}`);
if (values.case === '')
  print({
    machine: `${availableParallelism()} × ${cpus()[0]?.model ?? 'CPU'}`,
    node: process.version,
    threads,
    load: loadavg()[0],
    torch: peer?.version ?? 'not installed',
  });
for (const [, part] of chosen) await part();
peer?.stop();
