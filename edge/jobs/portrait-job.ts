import { DurableObject } from 'cloudflare:workers';
import {
  isFinal,
  WEBHOOK_EVENTS,
  type Portrait,
  type PortraitError,
  type PortraitRequest,
  type Run,
  type Stage,
  type View,
} from '../../shared/index.ts';
import type { Principal } from '../accounts/index.ts';
import type { Env } from '../env.ts';
import { log } from '../observability/log.ts';
import { changesBetween } from './changes.ts';
import { perform } from './effects.ts';
import { EventStream, sequenceOf } from './event-stream.ts';
import type { Job, JobEvent, Refusal, Terms } from './job.ts';
import { JobStorage, type OutboxEntry } from './job-storage.ts';
import { begin, beginFiltered, transition } from './machine.ts';
import { dueEvent, isGone, isOver, wakeAt, type Step } from './phases.ts';
import { findFile, toPortrait, type StoredFile } from './resource.ts';
import { servicesFor } from './services.ts';
import { HOLD_LIMIT, renderView, viewKey, type ViewAnswer } from './view.ts';

/** A release is given up after this many tries: the server has been gone for long, and its callbacks are refused. */
const RELEASE_TRIES = 10;
const LONGEST_RETRY_MS = 30_000;
/** One alarm works at most this long before it lets the next one go on. */
const ALARM_BUDGET_MS = 30_000;
/** What an event brings is done at once; should that die, the alarm goes on this much later. */
const BACKUP_MS = 1_000;
/** The answer to a beginning waits this long for whether equal work has been done before. */
const BEGIN_WITHIN_MS = 3_000;

/** What starts a job. */
export interface Beginning {
  id: string;
  request: PortraitRequest;
  terms: Terms;
  /** Address the portrait was created at. */
  origin: string;
  /** Why the prompt is not allowed. */
  filtered: PortraitError | null;
}

/** What came of a beginning: the portrait, or why the account did not cover it. */
export type Begun = { portrait: Portrait } | { refusal: Refusal };

/** Who may see a portrait. */
export type Viewer = Pick<Principal, 'account' | 'mode'>;

/**
 * One portrait's job. It holds no decisions: the machine says what a state becomes and what is to be done; this stores
 * both in one transaction, does what the outbox says, and sets the one alarm that wakes it.
 */
export class PortraitJob extends DurableObject<Env> {
  readonly #storage: JobStorage;
  readonly #streams = new Set<EventStream>();
  readonly #waiting = new Set<() => void>();
  #working: Promise<void> | null = null;
  /** The row of the outbox whose effect is being done. */
  #atWork: number | null = null;
  /** Something came up since the outbox was last looked at. */
  #more = false;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#storage = new JobStorage(ctx.storage.sql);
  }

  /** Starts the job; repeated, it tells how far it is. Answers at once with a portrait whose every stage is kept. */
  async start({ id, request, terms, origin, filtered }: Beginning): Promise<Begun> {
    if (!this.#storage.load()) {
      const now = Date.now();
      const step = filtered
        ? beginFiltered(id, request, terms, filtered, now)
        : begin(id, request, terms, now);
      this.#commit(null, step, now, () => this.#storage.create(step.job, origin));
      await this.#workNow();
    }
    const until = Date.now() + BEGIN_WITHIN_MS;
    for (;;) {
      // A refused job vanishes; what it was refused for is told while it is still there.
      const job = this.#storage.load()?.job;
      if (!job) throw new Error(`the portrait ${id} vanished while it began`);
      if (job.phase.name === 'refused') {
        const { refusal } = job.phase;
        await this.#vanish();
        return { refusal };
      }
      const left = until - Date.now();
      const beginning = ['reserving', 'resolving', 'keying', 'looking_up'].includes(job.phase.name);
      if (!beginning || left <= 0) return { portrait: toPortrait(job) };
      await this.#changed(left);
    }
  }

  /** The resource; null where there is none for this viewer, or it was deleted. Without a viewer: for the service itself. */
  async portrait(viewer?: Viewer): Promise<Portrait | null> {
    const loaded = this.#live(viewer);
    return loaded && toPortrait(loaded.job);
  }

  /** The resource once it is final, or as it is after `seconds`. */
  async wait(viewer: Viewer, seconds: number): Promise<Portrait | null> {
    const until = Date.now() + seconds * 1000;
    for (;;) {
      const portrait = await this.portrait(viewer);
      const left = until - Date.now();
      if (!portrait || isFinal(portrait.status) || left <= 0) return portrait;
      await this.#changed(left);
    }
  }

  /** The file that the portrait shows under a name. */
  async file(viewer: Viewer, name: string): Promise<{ file: StoredFile | null } | null> {
    const loaded = this.#live(viewer);
    return loaded && { file: findFile(loaded.job, name) };
  }

  /** A view of the finished portrait: rendered the first time it is asked for, and kept like its files. */
  async view(viewer: Viewer, view: View): Promise<ViewAnswer | null> {
    const loaded = this.#live(viewer);
    if (!loaded) return null;
    const { job, origin } = loaded;
    if (job.phase.name !== 'succeeded') return { kind: 'unfinished' };
    const key = await viewKey(job, view);
    if (!job.holds.includes(key)) {
      if (job.holds.length >= HOLD_LIMIT) return { kind: 'too_many' };
      await this.#dispatch({ type: 'HOLD', at: Date.now(), key });
    }
    // Nothing may be stored under the key before it is kept.
    await this.#work();
    return renderView(job, view, key, servicesFor(this.env, job, origin));
  }

  /** Cancels the job; one that is over stays as it is. */
  async cancel(viewer: Viewer): Promise<Portrait | null> {
    if (!this.#live(viewer)) return null;
    await this.#dispatch({ type: 'CANCEL', at: Date.now() });
    return this.portrait(viewer);
  }

  /** Deletes the portrait, cancelling its job. False where there is none. Without a viewer: for the service itself. */
  async remove(viewer?: Viewer): Promise<boolean> {
    if (!this.#live(viewer)) return false;
    await this.#dispatch({ type: 'DELETE', at: Date.now() });
    return true;
  }

  /** Takes a callback of the stage server. False where nobody waits for it any more. */
  async heard(run: Run): Promise<boolean> {
    const loaded = this.#live();
    if (!loaded || isOver(loaded.job)) return false;
    await this.#dispatch({ type: 'HEARD', at: Date.now(), run });
    return true;
  }

  /** Takes a place in a stage's pool. False where the job has no use for it. */
  async granted(stage: Stage): Promise<boolean> {
    await this.#dispatch({ type: 'SLOT_GRANTED', at: Date.now(), stage });
    return this.occupies(stage);
  }

  /** Whether the job uses a place in a stage's pool, or waits for one. */
  async occupies(stage: Stage): Promise<boolean> {
    return this.#live()?.job.slot === stage;
  }

  /** The event stream (server-sent events), from after the Last-Event-ID. The viewer comes in headers of its own. */
  override async fetch(request: Request): Promise<Response> {
    const { account, mode } = JSON.parse(request.headers.get(VIEWER_HEADER) ?? '{}') as Viewer;
    const loaded = this.#live({ account, mode });
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
    if (isOver(loaded.job) && stream.isUpToDate) stream.end();
    return new Response(stream.body, {
      headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
    });
  }

  /** Fires what is due and works off the outbox. */
  override async alarm(): Promise<void> {
    await this.#working;
    await this.#work();
  }

  /** One at a time: what is due, then the outbox, one effect after the other. */
  #work(): Promise<void> {
    this.#more = true;
    this.#working ??= this.#workOff().finally(() => {
      this.#working = null;
    });
    return this.#working;
  }

  async #workOff(): Promise<void> {
    while (this.#more) {
      this.#more = false;
      await this.#drain();
    }
  }

  /** Works without waiting for an alarm, which comes late where many are due; one is set all the same. */
  async #workNow(): Promise<void> {
    await this.ctx.storage.setAlarm(Date.now() + BACKUP_MS);
    this.ctx.waitUntil(this.#work());
  }

  async #drain(): Promise<void> {
    const stopAt = Date.now() + ALARM_BUDGET_MS;
    while (Date.now() < stopAt) {
      const loaded = this.#storage.load();
      if (!loaded) return;
      const due = dueEvent(loaded.job, Date.now());
      if (due) this.#apply(due);
      const entry = this.#storage.nextEffect(Date.now());
      if (entry) await this.#perform(entry);
      else if (!due) break;
    }
    await this.#arm();
  }

  #live(viewer?: Viewer) {
    const loaded = this.#storage.load();
    if (!loaded || isGone(loaded.job)) return null;
    const { owner } = loaded.job;
    if (viewer && (viewer.account !== owner.account || viewer.mode !== owner.mode)) return null;
    return loaded;
  }

  async #dispatch(event: JobEvent): Promise<void> {
    this.#apply(event);
    const due = this.#storage.load() && this.#storage.nextDue();
    if (due !== null && due <= Date.now()) await this.#workNow();
    else await this.#arm();
  }

  #apply(event: JobEvent, settled?: OutboxEntry): void {
    const loaded = this.#storage.load();
    if (!loaded) return;
    const step = transition(loaded.job, event);
    this.#commit(loaded.job, step, event.at, () => {
      if (step.job !== loaded.job) this.#storage.save(step.job);
      if (settled) this.#storage.settle(settled);
    });
  }

  /** State, outbox and events in one transaction; then whoever listens is told. */
  #commit(before: Job | null, step: Step, at: number, save: () => void): void {
    try {
      this.#store(before, step, at, save);
    } catch (error) {
      this.#storage.forget();
      throw error;
    }
    for (const stream of this.#streams) stream.wake();
    for (const wake of this.#waiting) wake();
  }

  #store(before: Job | null, { job, effects }: Step, at: number, save: () => void): void {
    this.ctx.storage.transactionSync(() => {
      save();
      this.#storage.enqueue(effects, at);
      if (job === before) return;
      const [was, is] = [before && publicOf(before), publicOf(job)];
      if (is && was?.status !== is.status) this.#storage.enqueueOnce({ type: 'list' }, at, this.#atWork);
      for (const change of changesBetween(was, is)) {
        const event = this.#storage.addEvent(change, at, job.id);
        if (TOLD.includes(event.type)) this.#storage.enqueue([{ type: 'tell', events: [event] }], at);
      }
    });
  }

  async #perform(entry: OutboxEntry): Promise<void> {
    const { job, origin } = this.#storage.load()!;
    const { effect, tries } = entry;
    this.#atWork = entry.rows[0]!;
    try {
      const event = await perform(effect, job, servicesFor(this.env, job, origin));
      if (event) this.#apply(event, entry);
      else this.#storage.settle(entry);
    } catch (error) {
      log('warn', 'effect.failed', {
        portrait: job.id,
        effect: effect.type,
        tries: tries + 1,
        reason: String(error),
      });
      if (effect.type === 'release' && tries + 1 >= RELEASE_TRIES) this.#storage.settle(entry);
      else this.#storage.postpone(entry, Date.now() + Math.min(500 * 2 ** tries, LONGEST_RETRY_MS));
    } finally {
      this.#atWork = null;
    }
  }

  /** Sets the alarm for whatever comes first; a job that is gone and has nothing left to do vanishes. */
  async #arm(): Promise<void> {
    const loaded = this.#storage.load();
    if (!loaded) return;
    const outbox = this.#storage.nextDue();
    // A refusal is told first: whoever began the job lets it vanish, or the backup alarm does.
    if (loaded.job.phase.name === 'deleted' && outbox === null) return this.#vanish();
    const refusedAt = loaded.job.phase.name === 'refused' ? loaded.job.createdAt + REFUSED_LIFE_MS : null;
    if (refusedAt !== null && refusedAt <= Date.now()) return this.#vanish();
    const due = [outbox, wakeAt(loaded.job), refusedAt].filter((time) => time !== null);
    if (due.length > 0) await this.ctx.storage.setAlarm(Math.min(...due));
    else await this.ctx.storage.deleteAlarm();
  }

  async #vanish(): Promise<void> {
    for (const stream of this.#streams) stream.end();
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
    this.#storage.forget();
    for (const wake of this.#waiting) wake();
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

/** Events that webhooks may ask for. */
const TOLD: readonly string[] = WEBHOOK_EVENTS;

/** Tells a job's `fetch` who asks. Set by the API alone: what a client sends under this name is overwritten. */
export const VIEWER_HEADER = 'x-portrait-viewer';

/** A refused job that nobody heard of (its client is gone) vanishes after this long. */
const REFUSED_LIFE_MS = 60_000;

/** The portrait as the world may know of it: not before it is covered, nor once it is gone. */
function publicOf(job: Job): Portrait | null {
  return isGone(job) || job.phase.name === 'reserving' ? null : toPortrait(job);
}
