import { DurableObject } from 'cloudflare:workers';
import type { Delivery, Webhook, WebhookChange, WebhookRequest } from '../../shared/index.ts';
import { newId } from '../ids.ts';
import type { Env } from '../env.ts';
import { log } from '../observability/log.ts';
import { nextTryAt } from './schedule.ts';
import { send, type Outcome } from './send.ts';
import { secretBoxOf, type SecretBox } from './secret-box.ts';
import { newSecret } from './signature.ts';
import { WebhookStorage, type DueDelivery, type WebhookRecord } from './webhook-storage.ts';

/** Webhooks of one account. */
const WEBHOOK_LIMIT = 20;
/** Deliveries sent at the same time. */
const SENT_AT_ONCE = 10;
/** Events and their delivery log are kept this long. */
const KEPT_MS = 30 * 24 * 3_600_000;
const GONE = 410;

/** An event to deliver: its id makes it one event, however often it is published. */
export interface Published {
  id: string;
  type: string;
  created_at: string;
  data: unknown;
}

/** The webhooks of one account, and the outbox of their deliveries, worked off by one alarm. */
export class Webhooks extends DurableObject<Env> {
  readonly #storage: WebhookStorage;
  #secrets: SecretBox | null = null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#storage = new WebhookStorage(ctx.storage.sql);
  }

  /** Makes a webhook; null where the account has too many. */
  async add(request: WebhookRequest): Promise<{ webhook: Webhook; secret: string } | null> {
    this.#storage.create();
    if (this.#storage.list().length >= WEBHOOK_LIMIT) return null;
    const [id, secret] = [newId('whk'), newSecret()];
    const record: WebhookRecord = {
      ...request,
      id,
      enabled: true,
      disabled_reason: null,
      secret: await this.#box().seal(secret, id),
      formerSecret: null,
      formerUntil: 0,
      createdAt: Date.now(),
    };
    this.#storage.save(record);
    return { webhook: toWebhook(record), secret };
  }

  async list(): Promise<Webhook[]> {
    return this.#storage.list().map(toWebhook);
  }

  async get(id: string): Promise<Webhook | null> {
    const record = this.#storage.get(id);
    return record && toWebhook(record);
  }

  /** Changes a webhook; enabling one forgets why it was disabled. Null where there is none. */
  async change(id: string, change: WebhookChange): Promise<Webhook | null> {
    const record = this.#storage.get(id);
    if (!record) return null;
    const changed = { ...record, ...change };
    if (change.enabled === true) changed.disabled_reason = null;
    if (change.enabled === false) this.#disable(changed, 'Disabled by its owner.');
    else this.#storage.save(changed);
    return toWebhook(this.#storage.get(id)!);
  }

  /** Deletes a webhook with whatever still waits for it. False where there is none. */
  async remove(id: string): Promise<boolean> {
    if (!this.#storage.get(id)) return false;
    this.ctx.storage.transactionSync(() => this.#storage.remove(id));
    return true;
  }

  /** A new secret; the former one signs too for `overlapMs` more. Null where there is no such webhook. */
  async rotate(id: string, overlapMs: number): Promise<{ webhook: Webhook; secret: string } | null> {
    const secret = newSecret();
    const sealed = await this.#box().seal(secret, id);
    const record = this.#storage.get(id);
    if (!record) return null;
    const rotated = {
      ...record,
      secret: sealed,
      formerSecret: record.secret,
      formerUntil: Date.now() + overlapMs,
    };
    this.#storage.save(rotated);
    return { webhook: toWebhook(rotated), secret };
  }

  /** Queues an event for every webhook that asked for its type, or for the one that is named. Repeated, it changes nothing. */
  async publish(event: Published, only: string | null = null): Promise<void> {
    const wanting = this.#storage
      .list()
      .filter((webhook) => webhook.enabled)
      .filter(({ id, events }) => (only ? id === only : (events as string[]).includes(event.type)));
    if (wanting.length === 0) return;
    const now = Date.now();
    const body = JSON.stringify({ type: event.type, timestamp: event.created_at, data: event.data });
    this.ctx.storage.transactionSync(() => {
      this.#storage.addEvent(event.id, event.type, body, now);
      for (const { id } of wanting) this.#storage.addDelivery(newId('dlv'), id, event.id, event.type, now);
    });
    await this.#arm();
  }

  /** Several events, in their order. */
  async publishAll(events: readonly Published[]): Promise<void> {
    for (const event of events) await this.publish(event);
  }

  /** The delivery log of a webhook, newest first. Null where there is no such webhook. */
  async deliveries(
    webhook: string,
    before: number | null,
    limit: number,
  ): Promise<{ seq: number; delivery: Delivery }[] | null> {
    return this.#storage.get(webhook) && this.#storage.deliveries(webhook, before, limit);
  }

  /** Delivers again what was delivered or given up. False where there is no such delivery. */
  async replay(webhook: string, delivery: string): Promise<boolean> {
    if (!this.#storage.get(webhook) || !this.#storage.replay(webhook, delivery, Date.now())) return false;
    await this.#arm();
    return true;
  }

  /** Sends what is due, and notes what came of it. */
  override async alarm(): Promise<void> {
    if (!this.#storage.exists()) return;
    const due = this.#storage.due(Date.now(), SENT_AT_ONCE);
    await Promise.all(due.map((delivery) => this.#deliver(delivery)));
    this.#storage.forgetBefore(Date.now() - KEPT_MS);
    await this.#arm();
  }

  async #deliver({ id, webhook, event, body, tries }: DueDelivery): Promise<void> {
    const record = this.#storage.get(webhook);
    if (!record?.enabled) return this.#storage.giveUp(webhook);
    const began = Date.now();
    const { status, error, retryAfterS, milliseconds } = await this.#send(record, { id: event, body });
    const due = error === null ? null : nextTryAt(tries + 1, Date.now(), Math.random(), retryAfterS);
    const attempt = { at: new Date(began).toISOString(), status, error, milliseconds };
    this.ctx.storage.transactionSync(() => {
      if (status === GONE) {
        this.#storage.noteTry(id, attempt, 'failed', null);
        const now = this.#storage.get(webhook);
        if (now) this.#disable(now, 'The endpoint answered 410 Gone.');
      } else {
        const failed = due === null ? 'failed' : 'pending';
        this.#storage.noteTry(id, attempt, error === null ? 'delivered' : failed, due);
      }
    });
  }

  async #send(record: WebhookRecord, event: { id: string; body: string }): Promise<Outcome> {
    try {
      const secrets = await this.#secretsOf(record);
      return await send(record, secrets, event, { loopback: this.env.AUTH === 'off' });
    } catch (error) {
      // The operator's to set right: until then the delivery is tried like one that the endpoint refused.
      log('error', 'webhook.unreadable_secret', { webhook: record.id, reason: String(error) });
      return { status: null, error: 'The service cannot sign.', retryAfterS: 0, milliseconds: 0 };
    }
  }

  /** The secrets that sign now. Those sealed with a former key are sealed anew. */
  async #secretsOf(record: WebhookRecord): Promise<string[]> {
    const box = this.#box();
    const { secret, stale } = await box.open(record.secret, record.id);
    if (stale) {
      const sealed = await box.seal(secret, record.id);
      const now = this.#storage.get(record.id);
      if (now?.secret === record.secret) this.#storage.save({ ...now, secret: sealed });
    }
    const { formerSecret, formerUntil } = record;
    if (formerSecret === null || Date.now() >= formerUntil) return [secret];
    return [secret, (await box.open(formerSecret, record.id)).secret];
  }

  #box(): SecretBox {
    return (this.#secrets ??= secretBoxOf(this.env));
  }

  #disable(record: WebhookRecord, reason: string): void {
    this.#storage.save({ ...record, enabled: false, disabled_reason: reason });
    this.#storage.giveUp(record.id);
  }

  async #arm(): Promise<void> {
    const due = this.#storage.nextDue();
    if (due === null) await this.ctx.storage.deleteAlarm();
    else await this.ctx.storage.setAlarm(due);
  }
}

function toWebhook({
  id,
  url,
  events,
  description,
  enabled,
  disabled_reason,
  createdAt,
}: WebhookRecord): Webhook {
  const created_at = new Date(createdAt).toISOString();
  return { id, object: 'webhook', url, events, description, enabled, disabled_reason, created_at };
}
