import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  RUN_PROBLEMS,
  signCallback,
  SIGNATURE_HEADER,
  stageKey,
  stageOutputs,
  stageParamsSchemas,
  STAGE_VERSIONS,
  startRunSchema,
  VIEW_FILE,
  type Artifact,
  type Health,
  type Output,
  type Run,
  type RunError,
  type RunProblemCode,
  type Stage,
  type StartRun,
} from '../../shared/index.ts';
import { listenOnLoopback } from '../loopback.ts';

interface WorkingRun {
  run: Run;
  body: StartRun;
  owners: Set<string>;
  /** Steps done; kept over a failure or a restart, as a checkpoint is. */
  step: number;
}

/**
 * The service outside: a stage server that speaks the run protocol over real HTTP, fetches and checks its inputs,
 * uploads outputs and calls back. Its "networks" are hashes of what went in; what a test needs to go wrong can be set.
 */
export class StageServerDouble {
  /** Milliseconds of one step; a run has four. */
  stepMs = 20;
  callbacks = true;
  /** Whether each step is told, with a preview. */
  tellsSteps = true;
  full = false;
  digest = 'weights-1';
  status: Health['status'] = 'READY';
  profile = 'mini';
  /** Names a stage leaves out of its outputs. */
  leaveOut: string[] = [];
  unknownWords: string[] = [];
  /** Thrown by the run of a stage at its third step, each error once. */
  readonly errors: Partial<Record<Stage, RunError[]>> = {};
  /** A stage that stops before its third step until it is let go. */
  held: Stage | null = null;
  /** Milliseconds that runs have spent in their steps, transfers and callbacks aside. */
  workedMs = 0;
  /** Steps done for each stage, over all runs. */
  readonly stepsDone: Partial<Record<Stage, number>> = {};
  readonly starts: Stage[] = [];
  /** Requests that arrived, without the keys in their paths. */
  readonly asked: string[] = [];
  readonly released: string[] = [];
  readonly #runs = new Map<string, WorkingRun>();
  readonly #checkpoints = new Map<string, number>();
  #server: Server | null = null;
  #port = 0;

  /** Keys of the runs it knows. */
  get runs(): string[] {
    return [...this.#runs.keys()];
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Starts, or starts again on the same port. */
  async listen(): Promise<void> {
    if (this.#server) return;
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#port = await listenOnLoopback(this.#server, this.#port);
  }

  /** Dies: runs are gone, checkpoints stay. */
  async kill(): Promise<void> {
    for (const [key, { step }] of this.#runs) this.#checkpoints.set(key, step);
    this.#runs.clear();
    const server = this.#server;
    this.#server = null;
    server?.closeAllConnections();
    await new Promise((resolve) => (server ? server.close(resolve) : resolve(null)));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, this.url);
    const key = /^\/runs\/([0-9a-f]{64})$/.exec(url.pathname)?.[1];
    this.asked.push(`${request.method} ${key ? '/runs/{key}' : url.pathname}`);
    const send = (status: number, body: unknown, headers = {}) =>
      response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(JSON.stringify(body));
    const refuse = (code: RunProblemCode, detail: string, headers = {}) =>
      send(
        RUN_PROBLEMS[code],
        { type: 'about:blank', title: code, status: RUN_PROBLEMS[code], code, detail },
        headers,
      );
    try {
      if (url.pathname === '/health') return void send(200, this.#health());
      if (!key) return void refuse('run_not_found', 'no such route');
      const known = this.#runs.get(key);
      if (request.method === 'PUT') {
        const body = startRunSchema().parse(JSON.parse(await text(request)));
        if (this.full) return void refuse('server_full', 'full', { 'retry-after': '1' });
        if (body.model.digest !== this.digest) return void refuse('model_mismatch', `loaded: ${this.digest}`);
        const problem = await invalid(key, body);
        if (problem) return void refuse('invalid_run', problem);
        return void send(known ? 200 : 201, this.#start(key, body));
      }
      if (!known) return void refuse('run_not_found', `no run ${key}`);
      if (request.method === 'DELETE') {
        this.released.push(known.run.stage);
        known.owners.delete(url.searchParams.get('owner') ?? '');
        if (known.owners.size === 0) {
          if (known.run.status === 'running') known.run.status = 'cancelled';
          this.#checkpoints.delete(key);
          this.#runs.delete(key);
        }
      }
      send(200, known.run);
    } catch (error) {
      send(500, { detail: String(error) });
    }
  }

  #health(): Health {
    const { status, profile, digest } = this;
    return { status, profile, provider: 'cpu', digest, stages: STAGE_VERSIONS, version: 'double' };
  }

  #start(key: string, body: StartRun): Run {
    let working = this.#runs.get(key);
    if (!working || working.run.status === 'failed' || working.run.status === 'cancelled') {
      const run: Run = {
        key,
        stage: body.stage,
        status: 'running',
        progress: { fraction: 0, eta_s: 1, step: 0, steps: 4, message: `${body.stage} step 0 of 4` },
        outputs: {},
        warnings: [],
        error: null,
        metrics: {},
      };
      working = { run, body, owners: new Set(), step: this.#checkpoints.get(key) ?? 0 };
      this.#runs.set(key, working);
      this.starts.push(body.stage);
      void this.#work(working);
    }
    working.owners.add(body.owner);
    working.body = body;
    return working.run;
  }

  async #work(working: WorkingRun): Promise<void> {
    const { run } = working;
    const alive = () => this.#runs.get(run.key) === working && run.status === 'running';
    try {
      const inputs = await Promise.all(
        Object.entries(working.body.inputs).map(async ([name, { sha256, url }]) => {
          const response = await fetch(url);
          const bytes = new Uint8Array(await response.arrayBuffer());
          if (!response.ok || hash(bytes) !== sha256)
            throw new Error(`input ${name}: HTTP ${response.status}`);
          return sha256;
        }),
      );
      while (working.step < 4) {
        const began = performance.now();
        await sleep(this.stepMs);
        this.workedMs += performance.now() - began;
        while (alive() && this.held === run.stage && working.step === 2) await sleep(10);
        if (!alive()) return;
        const error = working.step === 2 ? this.errors[run.stage]?.shift() : undefined;
        if (error) {
          this.#checkpoints.set(run.key, working.step);
          Object.assign(run, { status: 'failed', error });
          return await this.#callBack(working);
        }
        working.step++;
        this.stepsDone[run.stage] = (this.stepsDone[run.stage] ?? 0) + 1;
        if (!this.tellsSteps) continue;
        run.progress = {
          ...run.progress,
          step: working.step,
          fraction: working.step / 4,
          message: `${run.stage} step ${working.step} of 4`,
          preview: await this.#upload(working, `preview ${run.key} ${working.step}`, 'image/png'),
        };
        await this.#callBack(working);
      }
      const wanted = working.body.params.outputs as Output[] | undefined;
      const names = working.body.params.view ? [VIEW_FILE] : stageOutputs(run.stage, wanted);
      const stored = await Promise.all(
        names
          .filter((name) => !this.leaveOut.includes(name))
          .map(async (name) => {
            const content = [run.key, name, ...inputs].join('\n');
            return [name, await this.#upload(working, content, contentType(name))] as const;
          }),
      );
      Object.assign(run.outputs, Object.fromEntries(stored));
      if (run.stage === 'imagine' && this.unknownWords.length > 0)
        run.warnings = [
          { code: 'unknown_words', words: this.unknownWords, detail: 'mini does not know these words' },
        ];
      if (!alive()) return;
      run.status = 'succeeded';
      await this.#callBack(working);
    } catch (error) {
      if (!alive()) return;
      run.status = 'failed';
      run.error = { code: 'internal', retryable: true, message: String(error) };
    }
  }

  async #upload({ body }: WorkingRun, content: string, content_type: string): Promise<Artifact> {
    const bytes = new TextEncoder().encode(content);
    const sha256 = hash(bytes);
    const response = await fetch(body.upload.url_template.replace('{sha256}', sha256), {
      method: 'PUT',
      body: bytes,
      headers: { 'content-type': content_type },
    });
    if (!response.ok) throw new Error(`upload: HTTP ${response.status} ${await response.text()}`);
    return { sha256, size: bytes.length, content_type };
  }

  async #callBack({ run, body }: WorkingRun): Promise<void> {
    if (!this.callbacks || !body.callback) return;
    const text = JSON.stringify(run);
    const signature = await signCallback(body.callback.secret, text, Date.now());
    await fetch(body.callback.url, {
      method: 'POST',
      body: text,
      headers: { [SIGNATURE_HEADER]: signature },
    }).catch(() => null);
  }
}

/** What is wrong with a start, or null: params of another shape, a key that is not the digest of the body. */
async function invalid(
  key: string,
  { stage, version, model, params, inputs }: StartRun,
): Promise<string | null> {
  const parsed = stageParamsSchemas()[stage].safeParse(params);
  if (!parsed.success) return parsed.error.message;
  const digests = Object.fromEntries(Object.entries(inputs).map(([name, { sha256 }]) => [name, sha256]));
  const expected = await stageKey({
    stage,
    version,
    model: model.digest,
    params: parsed.data,
    inputs: digests,
  });
  return expected === key ? null : `the key of this body is ${expected}`;
}

function contentType(name: string): string {
  if (name.endsWith('.json')) return 'application/json';
  if (name.endsWith('.webp')) return 'image/webp';
  if (name.endsWith('.glb')) return 'model/gltf-binary';
  return name.startsWith('trigrid') ? 'application/octet-stream' : 'image/png';
}

const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
