import { WEBHOOK_EVENTS } from '../../shared/index.ts';
import type { Env } from '../env.ts';
import type { Published } from './webhooks.ts';

/**
 * Tells an account's webhooks of events; those they cannot ask for (progress, previews) go nowhere. An outbox
 * effect: repeat it until it answers; an event of one id is delivered to each webhook once.
 */
export async function notify(env: Env, account: string, events: readonly Published[]): Promise<void> {
  const told = events.filter(({ type }) => (WEBHOOK_EVENTS as readonly string[]).includes(type));
  if (told.length > 0) await env.WEBHOOKS.getByName(account).publishAll(told);
}
