import { availableParallelism, cpus, loadavg } from 'node:os';
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
const peer = TorchPeer.start(threads);

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

async function renders(): Promise<void> {
  const config: GeneratorConfig = tiny ? { ...PORTRAIT3D, backboneResolution: 16 } : PORTRAIT3D;
  const goals: Record<string, string> = {
    'render 64² forward': '≤ 400 ms',
    'render 64² backward': '≤ 1200 ms',
    'render 128² forward': '≤ 1500 ms',
    'render 128² backward': '≤ 4500 ms, ≤ 4 GiB',
  };
  for (const size of tiny ? [16] : [64, 128]) {
    for (const mode of ['fast', 'exact'] as Mode[]) {
      const setting = { config, size, mode, lanes: threads };
      for (const direction of ['forward', 'backward'] as const) {
        const base = `render ${size}² ${direction}`;
        const { result: opened, bytes: atOpening = 0 } = await peakGrowth(() =>
          direction === 'forward' ? openForward(setting) : openBackward(setting),
        );
        const { bytes: inRun } = await peakGrowth(() => opened.run());
        const forecast = opened.models.map(({ memory }) => memory.peak);
        // Forward has one session; backward one for the tables, one for the levels, and the lanes.
        const forecastBytes =
          forecast.length === 1 ? forecast[0] : forecast[0] + forecast[2] + threads * forecast[1];
        await compare(
          [
            {
              ours: { name: `${base} ${mode}`, run: opened.run },
              ...(goals[base] ? { goal: goals[base] } : {}),
              extra: {
                levels: levelSizes(config).length,
                peakGiB: ((inRun ?? 0) + atOpening) / 2 ** 30,
                forecastGiB: forecastBytes / 2 ** 30,
              },
            },
          ],
          Math.max(1, Math.min(3, rounds)),
        );
        await opened.close();
      }
    }
  }
}

async function optimisers(): Promise<void> {
  const sides = tiny ? [8, 16] : levelSizes(PORTRAIT3D);
  const parameters = sides.reduce((sum, side) => sum + 108 * side * side, 0);
  const steps = 4;
  for (const kind of ['adam', 'adan'] as const) {
    const work = await graphWork(
      `${kind} × ${steps}, ${parameters} parameters`,
      optimiser(kind, sides, steps),
      threads,
    );
    // A step's share of the loop, so that it compares with one step of the peer.
    const ours: Work = {
      name: `${kind} step, ${parameters} parameters`,
      run: async () => {
        const from = performance.now();
        await work.run();
        return (performance.now() - from) / steps;
      },
    };
    await compare(
      [{ ours, theirs: `${kind} ${parameters}`, goal: 'speed ≥ 1' }],
      Math.max(1, Math.min(3, rounds)),
    );
    await work.session.close();
  }
}

async function creation(): Promise<void> {
  const model = trainingGraph(tiny ? 6 : 26);
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
print({
  machine: `${availableParallelism()} × ${cpus()[0]?.model ?? 'CPU'}`,
  node: process.version,
  threads,
  load: loadavg()[0],
  torch: peer?.version ?? 'not installed',
});
for (const [, part] of chosen) await part();
peer?.stop();
