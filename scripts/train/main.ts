/** `npm run train -- vae|decoder|text|diffusion|restorer|face-restorer|eigenfaces|generator|hidden-side|side-view|judge [options]`: trains the bundled networks from scratch. */
import { parseArgs } from 'node:util';

const USAGE = `Usage: npm run train -- vae|decoder|text|diffusion|restorer|face-restorer|eigenfaces|generator|hidden-side|side-view|judge [options]

  --data DIR      dataset of npm run synthetic        (data/synthetic)
  --run DIR       checkpoints, loss.csv, previews     (runs/NAME); a checkpoint there is continued
  --steps N       steps in all                        (the network's own)
  --lr X          peak learning rate                  (the network's own)
  --threads N     threads of the session              (1)
  --seed N        of initial weights and batches      (1)
  --from DIR      start from the averaged weights of another run, or from a profile
  --sides DIR     side-view: the dataset's people from the sides  (data/sides)
  --pixels        side-view: by pixels alone, without the discriminator
  --resolution N  generator: side of its last 2D block  (32); a larger one is grown from it with --from
  --profile DIR   where weights are exported to       (gpu-functions/weights/mini)
  --export        write the averaged weights into the profile, and stop`;

const NETWORKS = [
  'vae',
  'decoder',
  'text',
  'diffusion',
  'restorer',
  'face-restorer',
  'eigenfaces',
  'generator',
  'hidden-side',
  'side-view',
  'judge',
] as const;
export type TrainedNetwork = (typeof NETWORKS)[number];

/** The command line of one training. */
export interface TrainingOptions {
  data: string;
  sides: string;
  pixels: boolean;
  run: string;
  steps?: number;
  lr?: number;
  threads: number;
  seed: number;
  from?: string;
  resolution?: number;
  profile: string;
  export: boolean;
}

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      data: { type: 'string', default: 'data/synthetic' },
      sides: { type: 'string', default: 'data/sides' },
      pixels: { type: 'boolean', default: false },
      run: { type: 'string' },
      steps: { type: 'string' },
      lr: { type: 'string' },
      threads: { type: 'string', default: '1' },
      seed: { type: 'string', default: '1' },
      from: { type: 'string' },
      resolution: { type: 'string' },
      profile: { type: 'string', default: 'gpu-functions/weights/mini' },
      export: { type: 'boolean', default: false },
    },
  });
  const network = positionals[0] as TrainedNetwork;
  if (positionals.length !== 1 || !NETWORKS.includes(network))
    throw new UsageError(`Name one network to train.`);
  const options: TrainingOptions = {
    data: values.data,
    sides: values.sides,
    pixels: values.pixels,
    run: values.run ?? `runs/${network}`,
    steps: number('steps', values.steps),
    lr: number('lr', values.lr),
    threads: number('threads', values.threads)!,
    seed: number('seed', values.seed)!,
    from: values.from,
    resolution: number('resolution', values.resolution),
    profile: values.profile,
    export: values.export,
  };
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  process.once('SIGTERM', () => stop.abort());
  const { run } = (await import(`./${network}.ts`)) as {
    run(options: TrainingOptions, signal: AbortSignal): Promise<void>;
  };
  await run(options, stop.signal).catch((error: unknown) => {
    if (!stop.signal.aborted || error !== stop.signal.reason) throw error;
    process.stderr.write('Interrupted before training began; the same command begins again.\n');
    process.exitCode = 130;
  });
}

class UsageError extends Error {}

function number(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new UsageError(`--${name} wants a number, not '${text}'.`);
  return value;
}

main().catch((error: Error & { code?: string }) => {
  const usage = error instanceof UsageError || error.code?.startsWith('ERR_PARSE_ARGS');
  process.stderr.write(usage ? `${error.message}\n\n${USAGE}\n` : `${error.stack}\n`);
  process.exitCode = usage ? 2 : 1;
});
