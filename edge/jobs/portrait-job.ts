import { DurableObject } from 'cloudflare:workers';
import {
  isFinal,
  type Portrait,
  type PortraitFile,
  type PortraitRequest,
  type Run,
  type StageResult,
} from '../../shared/index.ts';
import { signingSecret, type Env } from '../env.ts';
import { StageServer } from '../gpu/stage-server.ts';
import { changesBetween } from './changes.ts';
import { perform } from './effects.ts';
import { EventStream, sequenceOf } from './event-stream.ts';
import type { Job, JobEvent, Model } from './job.ts';
import { JobStorage, type OutboxRow } from './job-storage.ts';
import { begin, beginFinished, dueEvent, transition, wakeAt, type Step } from './machine.ts';
import { findFile, toPortrait } from './resource.ts';

/** A release is given up after this many tries: the server has been gone for long, and its callbacks are refused. */
const RELEASE_TRIES = 10;
const LONGEST_RETRY_MS = 30_000;
/** One alarm works at most this long before it lets the next one go on. */
const ALARM_BUDGET_MS = 30_000;

/** What starts a job: the request, and the results where an equal portrait is finished already. */
export interface Beginning {
  id: string;
  request: PortraitRequest;
  /** Address the portrait was created at. */
  origin: string;
  finished: { model: Model; results: StageResult[] } | null;
}

/**
 * One portrait's job. It holds no decisions: the machine says what a state becomes and what is to be done; this stores
 * both in one transaction, does what the outbox says, and sets the one alarm that wakes it.
 */
export class PortraitJob extends DurableObject<Env> {
  readonly #storage: JobStorage;
  readonly #streams = new Set<EventStream>();
  readonly #waiting = new Set<() => void>();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#storage = new JobStorage(ctx.storage.sql);
  }

  /** Starts the job; repeated, it tells how far it is. */
  async start({ id, request, origin, finished }: Beginning): Promise<Portrait> {
    if (!this.#storage.load()) {
      const now = Date.now();
      const step = finished
        ? beginFinished(id, request, finished.model, finished.results, now)
        : begin(id, request, now);
      this.#commit(null, step, now, () => this.#storage.create(step.job, origin));
      await this.#arm();
    }
    return (await this.portrait())!;
  }

  /** The resource; null where there is none, or it was deleted. */
  async portrait(): Promise<Portrait | null> {
    const loaded = this.#live();
    return loaded && toPortrait(loaded.job);
  }

  /** The resource once it is final, or as it is after `seconds`. */
  async wait(seconds: number): Promise<Portrait | null> {
    const until = Date.now() + seconds * 1000;
    for (;;) {
      const portrait = await this.portrait();
      const left = until - Date.now();
      if (!portrait || isFinal(portrait.status) || left <= 0) return portrait;
      await this.#changed(left);
    }
  }

  /** The file that the portrait shows under a name. */
  async file(name: string): Promise<{ file: PortraitFile | null } | null> {
    const loaded = this.#live();
    return loaded && { file: findFile(loaded.job, name) };
  }

  /** Cancels the job; one that is over stays as it is. */
  async cancel(): Promise<Portrait | null> {
    if (!this.#live()) return null;
    await this.#dispatch({ type: 'CANCEL', at: Date.now() });
    return this.portrait();
  }

  /** Deletes the portrait, cancelling its job. False where there is none. */
  async remove(): Promise<boolean> {
    if (!this.#live()) return false;
    await this.#dispatch({ type: 'CANCEL', at: Date.now() });
    this.#storage.markDeleted();
    await this.#arm();
    return true;
  }

  /** Takes a callback of the stage server. False where nobody waits for it any more. */
  async heard(run: Run): Promise<boolean> {
    const loaded = this.#live();
    if (!loaded || isFinal(toPortrait(loaded.job).status)) return false;
    await this.#dispatch({ type: 'HEARD', at: Date.now(), run });
    return true;
  }

  /** The event stream (server-sent events), from after the Last-Event-ID. */
  override async fetch(request: Request): Promise<Response> {
    const loaded = this.#live();
    if (!loaded) return new Response(null, { status: 404 });
    const { id } = loaded.job;
    const after = sequenceOf(request.headers.get('last-event-id') ?? '', id) ?? 0;
    const stream = new EventStream(
      after,
      (seq) => this.#storage.eventsAfter(seq, id),
      () => this.#streams.delete(stream),
    );
    this.#streams.add(stream);
    stream.wake();
    // A client that has seen the end already must be told so, or it would connect again for ever.
    if (this.#streams.has(stream) && isFinal(toPortrait(loaded.job).status)) stream.end();
    return new Response(stream.body, {
      headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
    });
  }

  /** Fires what is due and works off the outbox, one effect after the other. */
  override async alarm(): Promise<void> {
    const stopAt = Date.now() + ALARM_BUDGET_MS;
    while (Date.now() < stopAt) {
      const loaded = this.#storage.load();
      if (!loaded) return;
      const due = dueEvent(loaded.job, Date.now());
      if (due) this.#apply(due);
      const row = this.#storage.nextEffect(Date.now());
      if (row) await this.#perform(row);
      else if (!due) break;
    }
    await this.#arm();
  }

  #live() {
    const loaded = this.#storage.load();
    return loaded && !loaded.deleted ? loaded : null;
  }

  async #dispatch(event: JobEvent): Promise<void> {
    this.#apply(event);
    await this.#arm();
  }

  #apply(event: JobEvent, settled?: OutboxRow): void {
    const loaded = this.#storage.load();
    if (!loaded) return;
    const step = transition(loaded.job, event);
    this.#commit(loaded.job, step, event.at, () => {
      if (step.job !== loaded.job) this.#storage.save(step.job);
      if (settled) this.#storage.settle(settled.seq);
    });
  }

  /** State, outbox and events in one transaction; then whoever listens is told. */
  #commit(before: Job | null, { job, effects }: Step, at: number, save: () => void): void {
    this.ctx.storage.transactionSync(() => {
      save();
      this.#storage.enqueue(effects, at);
      if (job !== before)
        for (const change of changesBetween(before && toPortrait(before), toPortrait(job)))
          this.#storage.addEvent(change, at);
    });
    for (const stream of this.#streams) stream.wake();
    for (const wake of this.#waiting) wake();
  }

  async #perform(row: OutboxRow): Promise<void> {
    const loaded = this.#storage.load()!;
    try {
      const event = await perform(row.effect, loaded.job, this.#services(loaded.origin));
      if (event) this.#apply(event, row);
      else this.#storage.settle(row.seq);
    } catch (error) {
      console.error(`${loaded.job.id}: ${row.effect.type}: ${String(error)}`);
      if (row.effect.type === 'release' && row.tries + 1 >= RELEASE_TRIES) this.#storage.settle(row.seq);
      else this.#storage.postpone(row.seq, Date.now() + Math.min(500 * 2 ** row.tries, LONGEST_RETRY_MS));
    }
  }

  #services(origin: string) {
    return {
      bucket: this.env.ARTIFACTS,
      stageServer: new StageServer({ url: this.env.GPU_URL, token: this.env.STAGE_SERVER_TOKEN }),
      origin: this.env.PUBLIC_URL ?? origin,
      secret: signingSecret(this.env),
      now: () => Date.now(),
    };
  }

  /** Sets the alarm for whatever comes first; a deleted job with nothing left to do vanishes. */
  async #arm(): Promise<void> {
    const loaded = this.#storage.load();
    if (!loaded) return;
    const outbox = this.#storage.nextDue();
    if (loaded.deleted && outbox === null) {
      for (const stream of this.#streams) stream.end();
      await this.ctx.storage.deleteAlarm();
      await this.ctx.storage.deleteAll();
      return;
    }
    const due = [outbox, wakeAt(loaded.job)].filter((time) => time !== null);
    if (due.length > 0) await this.ctx.storage.setAlarm(Math.min(...due));
    else await this.ctx.storage.deleteAlarm();
  }

  /** Resolves at the next change, or after `ms`. */
  #changed(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#waiting.add(done);
    });
  }
}
