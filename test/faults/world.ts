import type { Principal } from '../../edge/accounts/index.ts';
import { perform, type Services } from '../../edge/jobs/effects.ts';
import type { Effect, Job, JobEvent, Terms } from '../../edge/jobs/job.ts';
import { begin, transition } from '../../edge/jobs/machine.ts';
import { migrate } from '../../edge/jobs/migrate.ts';
import { dueEvent, isGone, isOver, wakeAt, type Step } from '../../edge/jobs/phases.ts';
import { toPortrait } from '../../edge/jobs/resource.ts';
import { FairQueue, emptyQueue } from '../../edge/pool/fair-queue.ts';
import { STAGES, type Portrait, type PortraitRequest, type Run, type Stage } from '../../shared/index.ts';
import type { Chance } from './chance.ts';
import { LedgerModel, RunsModel } from './store-models.ts';
import { StageServerModel } from './stage-server-model.ts';

const DAY_MS = 24 * 3_600_000;
const RELEASE_TRIES = 10;
const LONGEST_RETRY_MS = 30_000;

/** What a Durable Object keeps of a job: all of it text, as after an eviction. */
interface StoredJob {
  state: string;
  outbox: { seq: number; effect: string; due: number; tries: number }[];
}

/**
 * The edge without its platform: the real machine, effects, queue and ledger postings, over stores in memory. Every
 * call between parts may fail before or after it was done, and every part may die in between, while `unruly`.
 */
export class World {
  now = Date.UTC(2026, 0, 1);
  unruly = true;
  readonly stageServer: StageServerModel;
  readonly runs = new RunsModel();
  readonly jobs = new Map<string, StoredJob>();
  readonly ledgers = new Map<string, LedgerModel>();
  /** Statuses as the list shows them. */
  readonly listed = new Map<string, string>();
  /** Portraits that succeeded, as they were then. */
  readonly succeeded = new Map<string, Portrait>();
  readonly accepted = new Set<string>();
  readonly callbacks: { owner: string; run: Run }[] = [];
  readonly pools = new Map<Stage, FairQueue>(
    STAGES.map((stage): [Stage, FairQueue] => [stage, new FairQueue(emptyQueue, 2)]),
  );
  readonly #chance: Chance;
  #sequence = 0;
  #created = 0;

  constructor(chance: Chance, credits: Record<string, number>) {
    this.#chance = chance;
    for (const [account, amount] of Object.entries(credits))
      this.ledgers.set(account, new LedgerModel(amount));
    this.stageServer = new StageServerModel(
      chance,
      (run, sha256) => this.runs.upload(run, sha256),
      (owner, run) => this.callbacks.push({ owner, run }),
    );
  }

  /** The job, read as the present program reads it. */
  load(id: string): Job | null {
    const stored = this.jobs.get(id);
    return stored ? migrate(JSON.parse(stored.state)).job : null;
  }

  create(owner: Principal, request: PortraitRequest): string {
    const id = `prt_${String(this.#created++).padStart(24, '0')}`;
    const terms: Terms = {
      owner,
      urgency: this.#chance.pick([0, 3, 7]),
      deadlineMs: DAY_MS,
      retentionMs: 30 * DAY_MS,
      trace: null,
    };
    this.jobs.set(id, { state: 'null', outbox: [] });
    this.#commit(id, null, begin(id, request, terms, this.now));
    return id;
  }

  /** Something happens to a job; late, early, or by a clock that goes wrong. */
  tell(id: string, event: JobEvent): void {
    const job = this.load(id);
    if (job) this.#commit(id, job, transition(job, event));
  }

  /** When anything of a job is due next; null for never. */
  dueAt(id: string): number | null {
    const job = this.load(id);
    const stored = this.jobs.get(id);
    if (!job || !stored) return null;
    const due = [wakeAt(job), ...stored.outbox.map((row) => row.due)].filter((time) => time !== null);
    return due.length > 0 ? Math.min(...due) : null;
  }

  /** One turn of a job's alarm: what is due, then one effect. */
  async work(id: string): Promise<void> {
    const before = this.load(id);
    const due = before && dueEvent(before, this.now);
    if (due) this.tell(id, due);
    const job = this.load(id);
    const row = this.jobs
      .get(id)
      ?.outbox.filter((one) => one.due <= this.now)
      .toSorted((a, b) => a.seq - b.seq)[0];
    if (!job || !row) return this.#vanish(id);
    const effect = JSON.parse(row.effect) as Effect;
    // Dies before anything is done: everything is as it was.
    if (this.#trouble(0.03)) return;
    try {
      const event = await perform(effect, job, this.#services(job));
      // Dies after it was done and before that was stored: it is done again.
      if (this.#trouble(0.05)) return;
      if (event) this.tell(id, event);
      // A second alarm at the same time brings the same answer twice.
      if (event && this.#trouble(0.05)) this.tell(id, event);
      this.#settle(id, row.seq);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      if (effect.type === 'release' && row.tries + 1 >= RELEASE_TRIES) this.#settle(id, row.seq);
      else {
        row.due = this.now + Math.min(500 * 2 ** row.tries, LONGEST_RETRY_MS);
        row.tries++;
      }
    }
    this.#vanish(id);
  }

  /** One callback arrives: in any order, perhaps twice, perhaps of a run that is not the job's. */
  deliver(): void {
    if (this.callbacks.length === 0) return;
    const index = Math.floor(this.#chance.next() * this.callbacks.length);
    const [{ owner, run }] = this.callbacks.splice(index, 1) as [{ owner: string; run: Run }];
    if (this.#trouble(0.2)) return;
    const heard = this.#trouble(0.05) ? { ...run, key: 'of somebody else' } : run;
    this.tell(owner, { type: 'HEARD', at: this.clock(), run: heard });
    if (this.#trouble(0.1)) this.tell(owner, { type: 'HEARD', at: this.clock(), run: heard });
  }

  /** The time as some machine has it. */
  clock(): number {
    return this.now + (this.unruly ? Math.round(this.#chance.between(-5_000, 5_000)) : 0);
  }

  /** The alarm of the pools: places that no job uses are freed. */
  checkPools(): void {
    for (const [stage, queue] of this.pools)
      for (const { id } of queue.state.places) if (this.load(id)?.slot !== stage) this.#leave(stage, id);
  }

  /** The alarms of the keepers. */
  sweep(): void {
    for (const run of this.runs.runs) this.runs.sweep(run);
  }

  #leave(stage: Stage, id: string): void {
    for (const granted of this.pools.get(stage)!.leave(id, this.now)) {
      // A grant that is lost: the job asks again by itself.
      if (this.#trouble(0.2)) continue;
      this.tell(granted, { type: 'SLOT_GRANTED', at: this.clock(), stage });
      if (this.load(granted)?.slot !== stage) this.#leave(stage, granted);
    }
  }

  /** As PortraitJob commits a step: state, outbox and what follows from a change, all or nothing. */
  #commit(id: string, before: Job | null, { job, effects }: Step): void {
    const stored = this.jobs.get(id)!;
    const added = [...effects];
    const wasPublic = before && before.phase.name !== 'reserving';
    const isPublic = !isGone(job) && job.phase.name !== 'reserving';
    const moved = !wasPublic || toPortrait(before).status !== toPortrait(job).status;
    if (job !== before && isPublic && moved) added.push({ type: 'list' });
    if (isPublic) this.accepted.add(id);
    if (before?.phase.name !== 'succeeded' && job.phase.name === 'succeeded')
      this.succeeded.set(id, toPortrait(job));
    stored.state = JSON.stringify(job);
    for (const effect of added)
      stored.outbox.push({ seq: this.#sequence++, effect: JSON.stringify(effect), due: this.now, tries: 0 });
  }

  #settle(id: string, seq: number): void {
    const stored = this.jobs.get(id);
    if (stored) stored.outbox = stored.outbox.filter((row) => row.seq !== seq);
  }

  #vanish(id: string): void {
    const job = this.load(id);
    if (job && isGone(job) && this.jobs.get(id)!.outbox.length === 0) this.jobs.delete(id);
  }

  #services(job: Job): Services {
    const { stageServer, runs } = this;
    const ledger = this.ledgers.get(job.owner.account)!;
    return {
      stageServer: {
        health: this.#call(() => stageServer.health()),
        start: this.#call((key, body) => stageServer.start(key, body), {
          kind: 'unavailable',
          message: 'Away.',
        }),
        ask: this.#call((key) => stageServer.ask(key), { kind: 'unavailable', message: 'Away.' }),
        release: this.#call((key, owner) => stageServer.release(key, owner)),
      },
      models: {
        last: this.#call(() => null),
        saw: this.#call(() => {}),
      },
      runs: {
        hold: this.#call((run, portrait) => runs.hold(run, portrait)),
        record: this.#call((result) => runs.record(result)),
        result: this.#call((run) => runs.result(run)),
        letGo: this.#call((run, portrait) => runs.letGo(run, portrait)),
      },
      pool: {
        join: this.#call((stage, ticket) => {
          const queue = this.pools.get(stage)!;
          queue.join(ticket);
          return queue.ahead(ticket.id);
        }),
        leave: this.#call((stage, id) => this.#leave(stage, id)),
      },
      ledger: {
        reserve: this.#call((owner, portrait, request) => ledger.reserve(owner, portrait, request)),
        settle: this.#call((_, portrait) => ledger.settle(portrait)),
        release: this.#call((_, portrait) => ledger.release(portrait)),
      },
      directory: {
        enter: this.#call(({ id, status }) => void this.listed.set(id, status)),
        remove: this.#call((id) => void this.listed.delete(id)),
      },
      safety: { request: this.#call(() => null), picture: this.#call(() => null) },
      tell: this.#call(() => {}),
      report: this.#call(() => {}),
      origin: 'http://edge.test',
      secret: 'a secret that only these tests know',
      now: () => this.clock(),
    };
  }

  /** A call that may fail before or after it is done; with `otherwise`, the failure is an answer. */
  #call<A extends unknown[], R>(does: (...args: A) => R, otherwise?: R): (...args: A) => Promise<R> {
    return async (...args) => {
      const outcome = this.unruly ? this.#chance.next() : 1;
      if (outcome < 0.04) return this.#fails(otherwise);
      const answer = does(...args);
      return outcome < 0.08 ? this.#fails(otherwise) : answer;
    };
  }

  #fails<R>(otherwise: R | undefined): R {
    if (otherwise !== undefined) return otherwise;
    throw new Fault();
  }

  #trouble(probability: number): boolean {
    return this.unruly && this.#chance.happens(probability);
  }

  /** Jobs that are still at work, or have something left to do. */
  unfinished(): string[] {
    return [...this.jobs.keys()].filter((id) => {
      const job = this.load(id)!;
      return !isOver(job) || this.jobs.get(id)!.outbox.length > 0;
    });
  }
}

/** A part that did not answer. */
class Fault extends Error {}
