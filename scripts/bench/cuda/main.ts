import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import {
  hostTensor,
  openSession,
  saveModel,
  sizeOf,
  type HostTensor,
  type Model,
  type Session,
} from '../../../gpu-functions/graph/index.ts';
import { noise } from '../graph/works.ts';
import { median, peakGrowth, print } from '../measure.ts';
import { RELEASED, TINY } from './networks.ts';
import { distillation, inversion, refinement } from './steps.ts';

/**
 * Measures the steps of a portrait at released sizes on a GPU, with random networks: score distillation with Stable Diffusion 1.5's sizes,
 * inversion, refinement; each as K = 1 step a run, where the state crosses the bus, and K = 20 inside of one loop, where it stays.
 */
const { values } = parseArgs({
  options: {
    provider: { type: 'string', default: 'cuda' },
    precision: { type: 'string', default: 'float16' },
    tiny: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    runs: { type: 'string', default: '3' },
    steps: { type: 'string', default: '20' },
    threads: { type: 'string', default: '2' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(
    'npm run bench -- cuda [--provider cuda|cpu] [--precision float16|float32] [--tiny] [--only distillation|inversion|refinement] [--runs 3] [--steps 20]\n' +
      '--tiny with --provider cpu: the same code in small, to see that it runs',
  );
  process.exit(0);
}
if (values.provider !== 'cuda' && values.provider !== 'cpu') {
  throw new Error(`--provider must be cuda or cpu, not '${values.provider}'.`);
}
const provider: 'cuda' | 'cpu' = values.provider;
if (values.precision !== 'float32' && values.precision !== 'float16') {
  throw new Error(`--precision must be float32 or float16, not '${values.precision}'.`);
}
const precision: 'float32' | 'float16' = values.precision;
const sizes = values.tiny ? TINY : RELEASED;
const parts = { distillation, inversion, refinement };
const chosen = Object.entries(parts).filter(([name]) => values.only === '' || values.only === name);
if (chosen.length === 0) throw new Error(`--only must be one of ${Object.keys(parts).join(', ')}`);

/** Numbers in the range that each input has; int64 ones are timesteps. */
function feedsOf(model: Model): Record<string, HostTensor> {
  return Object.fromEntries(model.inputs.map(({ name, shape, dtype }) => [name, feedOf(name, shape, dtype)]));
}

function feedOf(name: string, shape: readonly number[], dtype: string): HostTensor {
  const count = sizeOf(shape);
  if (dtype === 'int64')
    return hostTensor(
      BigInt64Array.from({ length: count }, () => 500n),
      shape,
    );
  // Moments start at nothing; a negative square would end in NaN.
  if (/^[mvsn]\./.test(name)) return hostTensor(new Float32Array(new SharedArrayBuffer(4 * count)), shape);
  const tensor = noise(shape, 0.5);
  const data = tensor.data as Float32Array;
  if (name === 'jitter' || name === 'u') data.forEach((x, i) => (data[i] = x + 0.5));
  if (name === 'camera') for (let i = 0; i < count; i++) data[i] = FRONT[i % FRONT.length];
  return tensor;
}

/** A camera in front of the origin. */
const { radius, focal } = sizes.generator.camera;
const FRONT = [1, 0, 0, 0, 0, -1, 0, 0, 0, 0, -1, radius, 0, 0, 0, 1, focal, 0, 0.5, 0, focal, 0.5, 0, 0, 1];

/** Networks of more than 2 GB do not fit into a message; a session on the CPU may as well be opened from a file. */
async function open(model: Model, folder: string): Promise<Session> {
  const options = { provider, threads: Number(values.threads) };
  if (model.memory.weights < 1.5e9) return openSession(model, options);
  const path = join(folder, 'model.onnx');
  await saveModel(path, model);
  return openSession({ path }, options);
}

/** Memory in use on the first GPU, in bytes. */
function gpuMemory(): number | undefined {
  if (provider !== 'cuda') return undefined;
  const told = execFileSync('nvidia-smi', ['--query-gpu=memory.used', '--format=csv,noheader,nounits'], {
    encoding: 'utf8',
  });
  return Number(told.split('\n')[0]) * 2 ** 20;
}

const folder = await mkdtemp(join(tmpdir(), 'bench-cuda-'));
try {
  for (const [name, build] of chosen) {
    const alone = new Map<number, number>();
    for (const steps of [1, Number(values.steps)]) {
      const model = build(sizes, steps, precision);
      const before = gpuMemory();
      const { result, bytes } = await peakGrowth(async () => {
        const session = await open(model, folder);
        const feeds = feedsOf(model);
        const times: number[] = [];
        let losses: HostTensor | undefined;
        for (let run = 0; run <= Number(values.runs); run++) {
          const start = performance.now();
          losses = (await session.run(feeds))['losses'];
          if (run > 0) times.push((performance.now() - start) / steps);
        }
        const used = gpuMemory();
        await session.close();
        return { ms: median(times), losses: losses!, used };
      });
      alone.set(steps, result.ms);
      const finite = (result.losses.data as Float32Array).every(Number.isFinite);
      print({
        work: `${name} step, K = ${steps}`,
        provider,
        precision,
        sizes: values.tiny ? 'tiny' : 'released',
        ms: result.ms,
        finite,
        nodes: model.nodeCount,
        hostGiB: (bytes ?? 0) / 2 ** 30,
        ...(result.used === undefined ? {} : { gpuGiB: (result.used - before!) / 2 ** 30 }),
        forecastGiB: model.memory.peak / 2 ** 30,
        ...(steps > 1 ? { timesFasterThanK1: alone.get(1)! / result.ms } : {}),
        ...(name === 'distillation' && !values.tiny ? { goal: '≤ 120 ms on an H200' } : {}),
      });
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
