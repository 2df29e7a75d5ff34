import type { Collector, Health } from '../../shared/index.ts';
import { stageServerApp } from './app.ts';
import type { Log } from './log.ts';
import { RunStore } from './run-store.ts';
import { Runs } from './runs.ts';
import { serveRuns, VERSION } from './serve-runs.ts';
import { Slots } from './slots.ts';
import { SpanExporter } from './span-exporter.ts';
import type { Loaded } from './stage-messages.ts';
import { StageProcess } from './stage-process.ts';

export interface StageServerOptions {
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** Folder for runs and checkpoints. */
  state: string;
  /** Bearer token of those who may use it. */
  token: string;
  /** Runs at a time, each in a process with its own networks. */
  capacity: number;
  /** Profile's name or folder. */
  profile: string;
  provider: string;
  /** Threads of each process; by default as many as the stages find good. */
  threads?: number;
  /** MiB that one graph may take at its peak; without a limit by default. */
  sessionMib?: number;
  /** Whether what portraits begin with is opened before the first is asked for. */
  warm?: boolean;
  /** Milliseconds between two checkpoints of a long loop. */
  checkpointEveryMs: number;
  /** Where the spans of runs go; nowhere by default. */
  collector?: Collector | undefined;
  /** What has to be there before the networks are read: their weights, where they are fetched. */
  prepare?: () => Promise<void>;
  /** The module that serves stages in a child process. */
  worker: URL;
  log: Log;
}

export interface StageServer {
  url: string;
  /** Stops every run after its step, with a checkpoint, then everything else. */
  close(): Promise<void>;
}

/** Starts a stage server; it answers /health from the first moment, while the networks are still being read. */
export async function startStageServer(options: StageServerOptions): Promise<StageServer> {
  const { host, port, state, token, capacity, profile, provider, threads, checkpointEveryMs, worker, log } =
    options;
  const spans = options.collector && new SpanExporter(options.collector, log);
  const environment = {
    STAGE_PROFILE: profile,
    STAGE_PROVIDER: provider,
    ...(threads && { STAGE_THREADS: String(threads) }),
    ...(options.warm && { STAGE_WARM: '1' }),
    ...(options.sessionMib && { STAGE_SESSION_MIB: String(options.sessionMib) }),
  };
  const processes = Array.from({ length: capacity }, () => new StageProcess(worker, environment, log));
  const slots = new Slots(processes);
  const runs = new Runs({ store: new RunStore(state), slots, checkpointEveryMs, spans, log });

  let loaded: Loaded | undefined;
  let setupError: string | undefined;
  const condition = (): Pick<Health, 'status' | 'message'> => {
    if (setupError !== undefined) return { status: 'SETUP_FAILED', message: setupError };
    const status = runs.availability;
    if (status === 'DRAINING') return { status, message: 'The server shuts down.' };
    return loaded ? { status } : { status: 'STARTING', message: 'The weights are being read.' };
  };
  const health = (): Health => ({
    ...condition(),
    profile: loaded?.profile ?? profile,
    provider,
    digest: loaded?.digest ?? '',
    stages: loaded?.stages ?? {},
    version: VERSION,
  });

  const app = stageServerApp({ token, runs, health, loaded: () => loaded });
  const served = await serveRuns(app, host, port);
  log('info', 'listening', { url: served.url, pid: process.pid, capacity, provider });

  const setUp = async () => {
    await options.prepare?.();
    const [first] = await Promise.all(processes.map((one) => one.ready()));
    loaded = first!;
    if (runs.availability !== 'DRAINING') runs.resume(loaded);
  };
  setUp().catch((error: Error) => {
    log('error', 'setup_failed', { message: error.message });
    setupError = error.message;
  });

  return {
    url: served.url,
    async close() {
      await runs.shutDown();
      await spans?.flush();
      slots.close();
      await served.close();
    },
  };
}
