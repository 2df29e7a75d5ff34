import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { healthSchema, type Health } from '../../shared/index.ts';
import { freePort } from './free-port.ts';
import { ProcessGroup } from './process-group.ts';
import { lockState } from './state-lock.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Where a service keeps its runs, results and secrets unless told otherwise. */
export const DEFAULT_STATE = join(ROOT, '.state');

/** The worker starts in two seconds; networks are read in the meantime. */
const START_MS = 120_000;
const POLL_MS = 100;

/** The stage server writes a checkpoint when it is asked to stop, after the step it is at. */
const STOP_MS = 10_000;

/** How often parts that ended by themselves are started again. */
const RESTARTS = 3;

export interface LocalServiceOptions {
  /** Folder for everything that lasts: R2 and Durable Objects, runs and checkpoints, secrets, logs. */
  state?: string;
  /** Port of the public API; a free one by default. */
  port?: number;
  /** Folder with profiles of one's own, each below its name (PORTRAIT_PROFILES). */
  profiles?: string;
  /** Threads of the stage server. */
  threads?: number;
  /** Milliseconds between two checkpoints of a long loop. */
  checkpointMs?: number;
  /** What else both parts find in their environment, such as `OTLP_ENDPOINT` (docs/configuration.md). */
  variables?: Record<string, string>;
}

export type Part = 'worker' | 'stage-server';

/**
 * The whole service on this machine: the edge worker in workerd, and a stage server, both on 127.0.0.1.
 * Each part can be killed and started again on the same ports and folders.
 */
export class LocalService {
  /** Address of the public API. */
  readonly api: string;
  readonly #options: Pick<LocalServiceOptions, 'profiles' | 'threads' | 'checkpointMs' | 'variables'>;
  readonly #state: string;
  readonly #ports: Record<Part, number>;
  readonly #secrets: Secrets;
  readonly #unlock: () => void;
  #stopping = false;
  readonly #groups: Partial<Record<Part, ProcessGroup>> = {};

  private constructor(
    options: LocalServiceOptions,
    state: string,
    ports: Record<Part, number>,
    secrets: Secrets,
    unlock: () => void,
  ) {
    this.#options = options;
    this.#state = state;
    this.#ports = ports;
    this.#secrets = secrets;
    this.#unlock = unlock;
    this.api = `http://127.0.0.1:${ports.worker}`;
  }

  /**
   * Starts both parts and waits until both are ready.
   *
   * @throws StateInUse where another service has the folder.
   * @throws Error with the last lines of the log where a part does not come up.
   */
  static async start(options: LocalServiceOptions = {}, signal?: AbortSignal): Promise<LocalService> {
    const state = resolve(options.state ?? DEFAULT_STATE);
    mkdirSync(join(state, 'logs'), { recursive: true, mode: 0o700 });
    const unlock = lockState(state);
    try {
      const ports = { worker: options.port ?? (await freePort()), 'stage-server': await freePort() };
      const service = new LocalService(options, state, ports, readSecrets(state), unlock);
      for (const part of ['worker', 'stage-server'] as const) writeFileSync(service.#logPath(part), '');
      try {
        await Promise.all([service.startPart('stage-server', signal), service.startPart('worker', signal)]);
      } catch (error) {
        await service.stop();
        throw error;
      }
      return service;
    } catch (error) {
      unlock();
      throw error;
    }
  }

  /** Starts a part that does not run, and waits until it is ready. */
  async startPart(part: Part, signal?: AbortSignal): Promise<void> {
    const { program, args, env } = part === 'worker' ? this.#worker() : this.#stageServer();
    const group = new ProcessGroup(part, process.execPath, [program, ...args], {
      cwd: ROOT,
      // Half of the time in which a thread starts goes into stripping types and compiling.
      env: { NODE_COMPILE_CACHE: join(this.#state, 'compile-cache'), ...process.env, ...env },
      logPath: this.#logPath(part),
    });
    this.#groups[part] = group;
    const deadline = Date.now() + START_MS;
    while (!(await this.#isReady(part))) {
      signal?.throwIfAborted();
      if (!group.running) throw new Error(`The ${part} ended while starting:\n${group.lastLines()}`);
      if (Date.now() > deadline) {
        throw new Error(`The ${part} was not ready after ${START_MS / 1000} s:\n${group.lastLines()}`);
      }
      await delay(POLL_MS);
    }
  }

  /** Kills a part with SIGKILL: all its processes, at once. */
  async killPart(part: Part): Promise<void> {
    await this.#groups[part]?.kill();
  }

  /** The stage server's health. @throws Error where it cannot be reached. */
  async stageServerHealth(): Promise<Health> {
    const response = await fetch(`http://127.0.0.1:${this.#ports['stage-server']}/health`, {
      signal: AbortSignal.timeout(5_000),
    });
    return healthSchema().parse(await response.json());
  }

  /** What a part has written so far. */
  log(part: Part): string {
    return readFileSync(this.#logPath(part), 'utf8');
  }

  /** Resolves with the part that ends first. */
  async ended(): Promise<Part> {
    const parts = Object.entries(this.#groups) as [Part, ProcessGroup][];
    return Promise.race(parts.map(([part, group]) => group.ended.then(() => part)));
  }

  /**
   * Starts a part again whenever one ends by itself, and resolves when `signal` aborts or the service is stopped. Work
   * goes on where it was. @throws Error when a part does not start, or ends again and again.
   */
  async supervise(onRestart: (part: Part) => void, signal: AbortSignal): Promise<void> {
    for (let restarts = 1; ; restarts++) {
      const part = await this.ended();
      if (signal.aborted || this.#stopping) return;
      if (restarts > RESTARTS)
        throw new Error(`The ${part} ends again and again:\n${this.#groups[part]!.lastLines()}`);
      onRestart(part);
      await this.startPart(part, signal);
    }
  }

  /** Resolves when the stage server works on nothing any more, or after `withinMs`. */
  async idle(withinMs: number): Promise<void> {
    const until = Date.now() + withinMs;
    while (Date.now() < until && (await this.stageServerHealth()).status === 'BUSY') await delay(POLL_MS);
  }

  /** Stops both parts and everything they started. Work in hand is kept and goes on at the next start. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(Object.values(this.#groups).map((group) => group.stop(STOP_MS)));
    this.#unlock();
  }

  /** Kills both parts at once. */
  async kill(): Promise<void> {
    this.#stopping = true;
    await Promise.all(Object.values(this.#groups).map((group) => group.kill()));
    this.#unlock();
  }

  async #isReady(part: Part): Promise<boolean> {
    try {
      if (part === 'worker') {
        const response = await fetch(`${this.api}/health`, { signal: AbortSignal.timeout(5_000) });
        await response.body?.cancel();
        return response.ok;
      }
      const { status, message } = await this.stageServerHealth();
      if (status === 'SETUP_FAILED')
        throw new SetupFailed(`The stage server could not load its model: ${message}`);
      return status !== 'STARTING';
    } catch (error) {
      if (error instanceof SetupFailed) throw error;
      return false;
    }
  }

  #logPath(part: Part): string {
    return join(this.#state, 'logs', `${part}.log`);
  }

  #worker() {
    const { STAGE_SERVER_TOKEN, SIGNING_SECRET } = this.#secrets;
    // Beside the configuration's [vars], in a file because arguments can be read by everybody on the machine.
    const secrets = join(this.#state, 'worker.env');
    const variables = {
      ...this.#options.variables,
      STAGE_SERVER_TOKEN,
      SIGNING_SECRET,
      AUTH: 'off',
      GPU_URL: `http://127.0.0.1:${this.#ports['stage-server']}`,
      PUBLIC_URL: this.api,
    };
    const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}\n`);
    writeFileSync(secrets, lines.join(''), { mode: 0o600 });
    return {
      program: join(ROOT, 'scripts/dev/worker.ts'),
      args: [`--port=${this.#ports.worker}`, `--state=${join(this.#state, 'worker')}`, `--env=${secrets}`],
      // Nothing is sent to or fetched from anywhere outside this machine.
      env: { CLOUDFLARE_CF_FETCH_ENABLED: 'false', DO_NOT_TRACK: '1' },
    };
  }

  #stageServer() {
    const { profiles, threads, checkpointMs, variables } = this.#options;
    return {
      program: join(ROOT, 'gpu-functions/server/main.ts'),
      args: [
        `--port=${this.#ports['stage-server']}`,
        `--state=${join(this.#state, 'stage-server')}`,
        '--warm',
        ...(threads ? [`--threads=${threads}`] : []),
        ...(checkpointMs ? [`--checkpoint-ms=${checkpointMs}`] : []),
      ],
      env: {
        ...variables,
        STAGE_SERVER_TOKEN: this.#secrets.STAGE_SERVER_TOKEN,
        ...(profiles && { PORTRAIT_PROFILES: resolve(profiles) }),
      },
    };
  }
}

class SetupFailed extends Error {}

interface Secrets {
  SIGNING_SECRET: string;
  STAGE_SERVER_TOKEN: string;
}

/** Drawn once for a state folder, so that URLs signed before a restart stay valid after it. */
function readSecrets(state: string): Secrets {
  const path = join(state, 'secrets.json');
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as Secrets;
  const secrets = {
    SIGNING_SECRET: randomBytes(32).toString('hex'),
    STAGE_SERVER_TOKEN: randomBytes(32).toString('hex'),
  };
  writeFileSync(path, JSON.stringify(secrets), { mode: 0o600 });
  return secrets;
}
