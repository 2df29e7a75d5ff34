import type { RunAnswer } from '../../edge/gpu/stage-server.ts';
import {
  RUN_ERROR_CODES,
  stageOutputs,
  STAGE_VERSIONS,
  type Artifact,
  type Health,
  type Output,
  type Run,
  type StartRun,
} from '../../shared/index.ts';
import type { Chance } from './chance.ts';

/** Steps of a run of the model. */
const STEPS = 4;

/** A stage server in memory: runs go on when it is stepped, and it misbehaves while `unruly`. */
export class StageServerModel {
  unruly = true;
  digest = 'weights-1';
  readonly #runs = new Map<string, { run: Run; owners: Set<string>; step: number; body: StartRun }>();
  readonly #chance: Chance;
  readonly #upload: (run: string, sha256: string) => boolean;
  readonly #callBack: (owner: string, run: Run) => void;

  constructor(
    chance: Chance,
    upload: (run: string, sha256: string) => boolean,
    callBack: (owner: string, run: Run) => void,
  ) {
    this.#chance = chance;
    this.#upload = upload;
    this.#callBack = callBack;
  }

  /** Whether it works on anything. */
  get busy(): boolean {
    return [...this.#runs.values()].some(({ run }) => run.status === 'running');
  }

  health(): Health | { status: 'UNREACHABLE'; message: string } {
    if (this.#trouble(0.1)) return { status: 'UNREACHABLE', message: 'No connection.' };
    const status = this.#trouble(0.1) ? 'STARTING' : 'READY';
    return {
      status,
      profile: 'mini',
      provider: 'cpu',
      digest: this.digest,
      stages: STAGE_VERSIONS,
      version: '1',
    };
  }

  start(key: string, body: StartRun): RunAnswer {
    if (this.#trouble(0.1)) return { kind: 'full', retryAfter: 1 };
    if (body.model.digest !== this.digest) return { kind: 'model_mismatch' };
    const known = this.#runs.get(key);
    if (known && known.run.status !== 'failed' && known.run.status !== 'cancelled') {
      known.owners.add(body.owner);
      return { kind: 'run', run: known.run };
    }
    const run: Run = {
      key,
      stage: body.stage,
      status: 'running',
      progress: { fraction: 0, eta_s: null, step: 0, steps: STEPS, message: 'working' },
      outputs: {},
      warnings: [],
      error: null,
      metrics: {},
    };
    if (this.#trouble(0.03))
      Object.assign(run, {
        status: 'failed',
        error: { code: 'input_unavailable', retryable: true, message: 'Failed at once.' },
      });
    // A failed run goes on from its checkpoint.
    this.#runs.set(key, { run, owners: new Set([body.owner]), step: known?.step ?? 0, body });
    return { kind: 'run', run };
  }

  ask(key: string): RunAnswer {
    const known = this.#runs.get(key);
    return known ? { kind: 'run', run: known.run } : { kind: 'unknown' };
  }

  release(key: string, owner: string): RunAnswer {
    const known = this.#runs.get(key);
    if (!known) return { kind: 'unknown' };
    known.owners.delete(owner);
    if (known.owners.size === 0) this.#runs.delete(key);
    return { kind: 'run', run: known.run };
  }

  /** Dies and comes back without its runs. */
  restart(): void {
    this.#runs.clear();
  }

  /** One step of a run that works. */
  step(): void {
    const working = [...this.#runs.values()].filter(({ run }) => run.status === 'running');
    if (working.length === 0) return;
    const one = this.#chance.pick(working);
    const { key, stage } = one.run;
    one.step++;
    const fraction = Math.min(one.step / STEPS, 1);
    const preview = this.#store(key, `preview ${one.step}`);
    one.run = {
      ...one.run,
      progress: {
        ...one.run.progress,
        fraction,
        step: Math.min(one.step, STEPS),
        ...(preview && { preview }),
      },
    };
    if (this.#trouble(0.08)) {
      const code = this.#chance.pick(RUN_ERROR_CODES);
      const retryable = code !== 'content_filtered' && code !== 'invalid_params' && this.#chance.happens(0.9);
      one.run = { ...one.run, status: 'failed', error: { code, retryable, message: 'Out of luck.' } };
    } else if (this.#trouble(0.02)) one.run = { ...one.run, status: 'cancelled' };
    else if (one.step >= STEPS) {
      const names = stageOutputs(stage, one.body.params.outputs as Output[] | undefined).filter(
        () => !this.#trouble(0.02),
      );
      const outputs = names.map((name): [string, Artifact | null] => [name, this.#store(key, name)]);
      one.run = outputs.every(([, artifact]) => artifact)
        ? { ...one.run, status: 'succeeded', outputs: Object.fromEntries(outputs) as Run['outputs'] }
        : {
            ...one.run,
            status: 'failed',
            error: { code: 'upload_failed', retryable: true, message: 'An upload was refused.' },
          };
    }
    for (const owner of one.owners) this.#callBack(owner, one.run);
  }

  #store(run: string, name: string): Artifact | null {
    const sha256 = `${run.slice(0, 16)} ${name}`;
    return this.#upload(run, sha256) ? { sha256, size: 1, content_type: 'image/png' } : null;
  }

  #trouble(probability: number): boolean {
    return this.unruly && this.#chance.happens(probability);
  }
}
