import { availableParallelism } from 'node:os';
import {
  compile,
  openSession,
  SessionHost,
  type HostTensor,
  type Session,
  type Value,
} from '../graph/index.ts';
import {
  openDiffusion,
  wordTokenizer,
  type DiffusionConfig,
  type DiffusionModel,
  type RestorerConfig,
} from '../diffusion/index.ts';
import { storedParameters, type Parameters } from '../nn/index.ts';
import type { EncoderConfig, GeneratorConfig } from '../portrait/index.ts';
import { loadProfile, type Profile } from '../weights/index.ts';

/** Networks that a profile may have beside those of every profile, in the order in which they draw. */
const RESTORERS = ['restorer', 'face-restorer'];

export type Feeds = Record<string, HostTensor>;

/** Several single-threaded sessions of one graph, side by side. */
export interface Lanes {
  /**
   * Runs every feed and gives the results in the order of the feeds, whichever lane ran them.
   * @param into tensors in shared memory that a feed's outputs are written to
   */
  run(feeds: readonly Feeds[], into?: readonly Feeds[]): Promise<Feeds[]>;
}

/** The networks of a profile, as parameters for graphs and as sessions that are opened when first used. */
export interface Models {
  readonly profile: Profile;
  readonly generator: GeneratorConfig;
  readonly encoder: EncoderConfig;
  readonly diffusion: DiffusionConfig;
  /** What the networks run on. */
  readonly provider: 'cpu' | 'cuda';
  /** Threads to use in all. */
  readonly threads: number;
  /** The text-to-picture networks, each with sessions of its own. */
  diffusionModel(): Promise<DiffusionModel>;
  /** The weights of a network as constants of a graph. Read once. */
  parameters(network: string): Promise<Parameters>;
  /**
   * The session of a graph, one for each name, with all threads. `outputs` is called when it has to be compiled.
   * @param use 'once' for what is run so seldom that optimising it takes longer than it saves
   */
  session(
    name: string,
    outputs: () => GraphOutputs | Promise<GraphOutputs>,
    use?: SessionUse,
  ): Promise<Session>;
  /** As {@link session}, as many sessions of one thread as there are threads. */
  lanes(name: string, outputs: () => GraphOutputs | Promise<GraphOutputs>): Promise<Lanes>;
  /** Closes every session; they are opened again when used again. */
  close(): Promise<void>;
}

export type GraphOutputs = Record<string, Value>;
export type SessionUse = 'once' | 'often';

export interface ModelsOptions {
  provider?: 'cpu' | 'cuda';
  /** Threads to use in all. */
  threads?: number;
  /** Sessions not used for this long are closed. */
  idleMs?: number;
  /** The most bytes one session may take; a graph that would take more fails with the figure instead of being run. */
  memoryBudget?: number;
}

interface Opened {
  sessions: Promise<Session[]>;
  running: number;
  usedAt: number;
}

/** Networks of a loaded profile. Sessions are shared between runs and closed once idle. */
export function modelsOf(profile: Profile, options: ModelsOptions = {}): Models {
  const { provider = 'cpu', threads = Math.min(4, availableParallelism()), idleMs = 30_000 } = options;
  const { memoryBudget } = options;
  const { precision = 'float32' } = profile.manifest;
  const parameters = new Map<string, Promise<Parameters>>();
  // Lanes run side by side; what runs with all threads, the first one's thread waits for.
  const hosts = Array.from({ length: threads }, () => new SessionHost());
  const opened = new Map<string, Opened>();

  const open = (
    key: string,
    count: number,
    outputs: () => GraphOutputs | Promise<GraphOutputs>,
    use: SessionUse = 'often',
  ): Opened => {
    const known = opened.get(key);
    if (known) return known;
    const sessions = (async () => {
      const model = compile(await outputs(), { name: key, precision });
      const perSession = Math.max(1, Math.floor(threads / count));
      return Promise.all(
        hosts.slice(0, count).map((host) =>
          openSession(model, {
            host,
            provider,
            threads: perSession,
            arena: false,
            optimisation: use === 'once' ? 'disabled' : 'basic',
            ...(memoryBudget === undefined ? {} : { memoryBudget }),
          }),
        ),
      );
    })();
    const entry = { sessions, running: 0, usedAt: performance.now() };
    opened.set(key, entry);
    sessions.catch(() => opened.delete(key));
    return entry;
  };

  const using = async <T>(entry: Opened, work: () => Promise<T>): Promise<T> => {
    entry.running++;
    try {
      return await work();
    } finally {
      entry.running--;
      entry.usedAt = performance.now();
    }
  };

  const closeWhere = async (idle: (entry: Opened) => boolean): Promise<void> => {
    const closing: Promise<unknown>[] = [];
    for (const [key, entry] of opened) {
      if (!idle(entry)) continue;
      opened.delete(key);
      closing.push(
        entry.sessions.then((sessions) => Promise.all(sessions.map((session) => session.close()))),
      );
    }
    await Promise.allSettled(closing);
  };
  const sweep = setInterval(() => {
    void closeWhere(({ running, usedAt }) => running === 0 && performance.now() - usedAt > idleMs);
  }, 5_000);
  sweep.unref();

  const drawing = RESTORERS.filter((name) => name in profile.manifest.networks);
  const diffusion: DiffusionConfig = {
    vae: profile.config('vae'),
    unet: profile.config('unet'),
    textEncoder: profile.config('text-encoder'),
    restorers: Object.fromEntries(drawing.map((name) => [name, profile.config<RestorerConfig>(name)])),
  };
  let opening: Promise<DiffusionModel> | undefined;
  const openDiffusionModel = async (): Promise<DiffusionModel> => {
    // A GPU runs one batch after the other, and the larger they are the better.
    const lanes = provider === 'cpu' ? hosts : hosts.slice(0, 1);
    lanes.forEach((host) => host.start());
    const [vae, unet, textEncoder, restorers, words] = await Promise.all([
      profile.weights('vae'),
      profile.weights('unet'),
      profile.weights('text-encoder'),
      Promise.all(drawing.map(async (name) => [name, await profile.weights(name)] as const)),
      profile.text('vocabulary'),
    ]);
    const tokenizer = wordTokenizer(JSON.parse(words) as string[], diffusion.textEncoder.maxTokens);
    const weights = { vae, unet, textEncoder, restorers: Object.fromEntries(restorers) };
    return openDiffusion(diffusion, weights, tokenizer, {
      lanes,
      provider,
      threads,
      arena: false,
      precision,
    });
  };

  return {
    profile,
    generator: profile.config('generator'),
    encoder: profile.config('encoder'),
    diffusion,
    provider,
    threads,
    diffusionModel() {
      opening ??= openDiffusionModel();
      return opening;
    },
    parameters(network) {
      const known = parameters.get(network) ?? profile.weights(network).then(storedParameters);
      parameters.set(network, known);
      return known;
    },
    async session(name, outputs, use) {
      const entry = () => open(name, 1, outputs, use);
      const [{ inputs, outputs: made }] = await entry().sessions;
      return {
        inputs,
        outputs: made,
        run: (feeds, fetches, into) => {
          const current = entry();
          return using(current, async () => (await current.sessions)[0].run(feeds, fetches, into));
        },
        close: async () => {},
      };
    },
    async lanes(name, outputs) {
      const entry = () => open(`${name} × ${threads}`, threads, outputs);
      await entry().sessions;
      return {
        run: (feeds, into) => {
          const current = entry();
          return using(current, async () => runSideBySide(await current.sessions, feeds, into));
        },
      };
    },
    async close() {
      const diffusionModel = opening;
      opening = undefined;
      await Promise.all([closeWhere(() => true), diffusionModel?.then((model) => model.close())]);
    },
  };
}

/** Each session takes the next feed when it is done with one; results keep the order of the feeds. */
async function runSideBySide(
  sessions: readonly Session[],
  feeds: readonly Feeds[],
  into?: readonly Feeds[],
): Promise<Feeds[]> {
  const results: Feeds[] = [];
  let next = 0;
  const worker = async (session: Session) => {
    while (next < feeds.length) {
      const index = next++;
      results[index] = await session.run(feeds[index], undefined, into?.[index]);
    }
  };
  await Promise.all(sessions.map(worker));
  return results;
}

/** Loads a profile by name or folder. @throws Error that says what is missing. */
export async function loadModels(profile: string, options?: ModelsOptions): Promise<Models> {
  return modelsOf(await loadProfile(profile), options);
}
