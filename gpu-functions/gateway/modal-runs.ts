import { gpuFunctions, type Run, type StartRun } from '../../shared/index.ts';
import { placeOf, RunProblem, type Log, type RunService } from '../server/index.ts';
import { endedRun, pendingRun, type CallRecord } from './call-record.ts';
import type { CallStore } from './call-store.ts';
import { ModalUnavailable, type ModalCalls } from './modal-calls.ts';

/** How long an ended call is kept for somebody to ask again. */
const KEPT_MS = 24 * 3600 * 1000;

/** A stage stops by itself this long before Modal ends its function, so that it says why and keeps its checkpoint. */
const MARGIN_S = 30;

/** The runs of the run protocol as calls of functions on Modal, one call a run. */
export class ModalRuns implements RunService {
  readonly #calls: ModalCalls;
  readonly #store: CallStore;
  readonly #log: Log;
  /** The last request of each key that changes something: they work one after another. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(calls: ModalCalls, store: CallStore, log: Log) {
    this.#calls = calls;
    this.#store = store;
    this.#log = log;
  }

  /** @throws RunProblem not_ready */
  put(key: string, body: StartRun): Promise<{ run: Run; created: boolean }> {
    return this.#inTurn(key, async () => {
      this.#store.prune(Date.now() - KEPT_MS);
      const known = this.#store.find(key);
      const run = known && (await this.#look(known, 0));
      const place = placeOf(body.upload.url_template);
      // Outputs at another place are of no use to this owner.
      const serves = run?.status === 'queued' || (run?.status === 'succeeded' && known!.place === place);
      if (run && serves) {
        const now = this.#store.find(key)!;
        this.#store.save({ ...now, owners: [...new Set([...now.owners, body.owner])] });
        return { run, created: false };
      }
      return { run: await this.#spawn(key, body, place), created: known === undefined };
    });
  }

  async wait(key: string, seconds: number): Promise<Run> {
    const run = await this.#look(this.#find(key), seconds * 1000);
    if (!run) throw notFound();
    return run;
  }

  release(key: string, owner: string | undefined): Promise<Run> {
    return this.#inTurn(key, async () => {
      const record = this.#find(key);
      const owners = owner === undefined ? [] : record.owners.filter((one) => one !== owner);
      const run = record.ended ?? pendingRun(key, record.stage);
      if (owners.length > 0) {
        this.#store.save({ ...record, owners });
        return run;
      }
      if (!record.ended) await reach(() => this.#calls.cancel(record.call));
      this.#store.remove(key);
      if (record.ended) return run;
      this.#log('info', 'run_cancelled', { key, call: record.call });
      return { ...run, status: 'cancelled' };
    });
  }

  async #spawn(key: string, body: StartRun, place: string): Promise<Run> {
    const { stage, owner } = body;
    const deadline_s = Math.min(body.deadline_s, gpuFunctions()[stage].timeout_s - MARGIN_S);
    const call = await reach(() => this.#calls.spawn(stage, { key, body: { ...body, deadline_s } }));
    this.#store.save({ key, stage, call, owners: [owner], place, ended: null, changed_at: Date.now() });
    this.#log('info', 'call_spawned', { key, stage, call });
    return pendingRun(key, stage);
  }

  /** The run of a record, asked of Modal where it may have changed; undefined where Modal has forgotten the call. */
  async #look(record: CallRecord, waitMs: number): Promise<Run | undefined> {
    const { key, stage, call } = record;
    if (record.ended) return record.ended;
    const state = await reach(() => this.#calls.poll(call, waitMs));
    if (state.kind === 'pending') return pendingRun(key, stage);
    const now = this.#store.find(key);
    // Released or started anew while this asked: what came of the old call is nobody's any more.
    const current = now?.call === call;
    if (state.kind === 'unknown') {
      this.#log('warn', 'call_unknown', { key, stage, call });
      if (current) this.#store.remove(key);
      return undefined;
    }
    const ended = endedRun(key, stage, state);
    if (current && !now.ended) {
      this.#store.save({ ...now, ended, changed_at: Date.now() });
      const error = ended.error && { code: ended.error.code, message: ended.error.message };
      this.#log(error ? 'error' : 'info', 'call_ended', { key, stage, call, status: ended.status, ...error });
    }
    return ended;
  }

  #find(key: string): CallRecord {
    const record = this.#store.find(key);
    if (!record) throw notFound();
    return record;
  }

  /** Does one thing after another for each key: two PUTs must not spawn two calls. */
  #inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(key) ?? Promise.resolve();
    const turn = before.then(work, work);
    this.#turns.set(key, turn);
    const leave = () => {
      if (this.#turns.get(key) === turn) this.#turns.delete(key);
    };
    turn.then(leave, leave);
    return turn;
  }
}

const notFound = () => new RunProblem('run_not_found', 'No run has this key: PUT it.');

/** @throws RunProblem not_ready where Modal cannot be used */
async function reach<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ModalUnavailable) throw new RunProblem('not_ready', error.message, 5);
    throw error;
  }
}
