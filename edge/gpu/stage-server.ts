import { log } from '../observability/log.ts';
import {
  healthSchema,
  runSchema,
  type Health,
  type Run,
  type RunProblemCode,
  type StartRun,
} from '../../shared/index.ts';

/** What came of a request to the stage server. */
export type RunAnswer =
  | { kind: 'run'; run: Run }
  | { kind: 'unknown' }
  | { kind: 'full'; retryAfter: number }
  | { kind: 'model_mismatch' }
  | { kind: 'rejected'; message: string }
  | { kind: 'unavailable'; message: string };

export interface StageServerOptions {
  url: string;
  token?: string | undefined;
}

const ANSWER_WITHIN_MS = 10_000;

/** The one client of stage servers (docs/run-protocol.md). Never throws: no answer is an answer too. */
export class StageServer {
  readonly #options: StageServerOptions;

  constructor(options: StageServerOptions) {
    this.#options = options;
  }

  /** The server's health, or why there is none. */
  async health(withinMs = ANSWER_WITHIN_MS): Promise<Health | { status: 'UNREACHABLE'; message: string }> {
    const response = await this.#fetch('GET', '/health', undefined, withinMs);
    if (typeof response === 'string') return { status: 'UNREACHABLE', message: response };
    const health = healthSchema().safeParse(response.body);
    if (health.success) return health.data;
    return { status: 'UNREACHABLE', message: noAnswer(`HTTP ${response.status}`) };
  }

  /** Starts a run, or finds the one of this key. */
  start(key: string, body: StartRun): Promise<RunAnswer> {
    return this.#run('PUT', `/runs/${key}`, body);
  }

  /** The run of this key. */
  ask(key: string): Promise<RunAnswer> {
    return this.#run('GET', `/runs/${key}`);
  }

  /** Takes an owner off a run; without owners it is cancelled. */
  release(key: string, owner: string): Promise<RunAnswer> {
    return this.#run('DELETE', `/runs/${key}?owner=${owner}`);
  }

  async #run(method: string, path: string, body?: unknown): Promise<RunAnswer> {
    const response = await this.#fetch(method, path, body, ANSWER_WITHIN_MS);
    if (typeof response === 'string') return { kind: 'unavailable', message: response };
    if (response.status < 300) {
      const run = runSchema().safeParse(response.body);
      if (run.success) return { kind: 'run', run: run.data };
      return { kind: 'unavailable', message: 'The stage server answered with something that is no run.' };
    }
    const { code, detail } = (response.body ?? {}) as { code?: RunProblemCode; detail?: string };
    if (code === 'run_not_found') return { kind: 'unknown' };
    if (code === 'model_mismatch') return { kind: 'model_mismatch' };
    if (code === 'server_full') return { kind: 'full', retryAfter: response.retryAfter };
    if (code === 'invalid_run' || code === 'unauthorized')
      return { kind: 'rejected', message: detail ?? code };
    if (code === 'not_ready')
      return { kind: 'unavailable', message: detail ?? 'The stage server is not ready yet.' };
    return { kind: 'unavailable', message: noAnswer(`HTTP ${response.status}`) };
  }

  /** The answer's status and JSON, or in one line why there is none. */
  async #fetch(method: string, path: string, body: unknown, withinMs: number) {
    const { url, token } = this.#options;
    try {
      const response = await fetch(new URL(path, url), {
        method,
        headers: {
          ...(token && { authorization: `Bearer ${token}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        signal: AbortSignal.timeout(withinMs),
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      const seconds = Number(response.headers.get('retry-after'));
      return { status: response.status, body: parseJson(text), retryAfter: seconds > 0 ? seconds : 2 };
    } catch (error) {
      // Without the query: it names the owner, and nothing else may follow it there some day.
      log('warn', 'stage_server.unreachable', { method, path: path.split('?')[0], reason: String(error) });
      return noAnswer('no connection');
    }
  }
}

const noAnswer = (why: string) => `The stage server cannot be reached (${why}): waiting for it.`;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
