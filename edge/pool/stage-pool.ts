import { DurableObject } from 'cloudflare:workers';
import type { Stage } from '../../shared/index.ts';
import type { Env } from '../env.ts';
import { stageLimit } from '../settings.ts';
import { FairQueue, type Ticket } from './fair-queue.ts';
import { QueueStorage } from './queue-storage.ts';

/** A place that was not seen used for this long is looked into: its job may have died between two steps. */
const LOOK_AFTER_MS = 60_000;

/**
 * The places of one stage, as many as the GPU pool can work on. Named by the stage. A grant is told to its job at once;
 * should that be lost, the job asks again by itself, and a place that its job does not use is found and freed.
 */
export class StagePool extends DurableObject<Env> {
  #queue: FairQueue | null = null;
  readonly #storage: QueueStorage;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#storage = new QueueStorage(ctx.storage.sql);
  }

  /** Asks for a place; repeated, it tells how things are. The number of jobs before this one; null with a place. */
  async join(stage: Stage, ticket: Ticket): Promise<number | null> {
    const queue = this.#load(stage);
    const granted = queue.join(ticket);
    await this.#save([ticket.id, ...granted]);
    return queue.ahead(ticket.id);
  }

  /** Gives a place back, or leaves the queue. */
  async leave(stage: Stage, id: string): Promise<void> {
    const granted = this.#load(stage).leave(id, Date.now());
    await this.#save([id, ...granted]);
    this.ctx.waitUntil(this.#tell(stage, granted));
  }

  /** How many work and wait. */
  async size(stage: Stage): Promise<{ working: number; waiting: number; limit: number }> {
    const { places, waiting } = this.#load(stage).state;
    return { working: places.length, waiting: waiting.length, limit: stageLimit(this.env, stage) };
  }

  /** Looks into places that have not been seen used for long. */
  override async alarm(): Promise<void> {
    const stage = this.#storage.stage();
    if (!stage) return;
    const queue = this.#load(stage);
    const now = Date.now();
    const old = queue.state.places.filter(({ seenAt }) => seenAt + LOOK_AFTER_MS <= now);
    const granted: string[] = [];
    for (const { id } of old) {
      // A job that cannot answer keeps its place: it is asked again at the next alarm.
      const used = await this.env.JOBS.getByName(id)
        .occupies(stage)
        .catch(() => true);
      if (used) queue.saw([id], now);
      else granted.push(...queue.leave(id, now));
    }
    await this.#save([...old.map(({ id }) => id), ...granted]);
    await this.#tell(stage, granted);
  }

  async #tell(stage: Stage, granted: readonly string[]): Promise<void> {
    await Promise.all(
      granted.map(async (id) => {
        const used = await this.env.JOBS.getByName(id)
          .granted(stage)
          .catch(() => true);
        if (!used) await this.leave(stage, id);
      }),
    );
  }

  #load(stage: Stage): FairQueue {
    if (!this.#queue) {
      this.#storage.create(stage);
      this.#queue = new FairQueue(this.#storage.load(), stageLimit(this.env, stage));
    }
    return this.#queue;
  }

  /** Stores what has become of these jobs. */
  async #save(ids: readonly string[]): Promise<void> {
    const { state } = this.#queue!;
    this.ctx.storage.transactionSync(() => this.#storage.save(state, ids));
    if (state.places.length > 0 && (await this.ctx.storage.getAlarm()) === null)
      await this.ctx.storage.setAlarm(Date.now() + LOOK_AFTER_MS);
  }
}
