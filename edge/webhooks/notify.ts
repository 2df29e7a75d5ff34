import { WEBHOOK_EVENTS } from '../../shared/index.ts';
import type { Env } from '../env.ts';
import type { Published } from './webhooks.ts';

/**
 * Tells an account's webhooks of an event; events they cannot ask for (progress, previews) go nowhere. An outbox
 * effect: repeat it until it answers; an event of one id is delivered to each webhook once.
 */
export async function notify(env: Env, account: string, event: Published): Promise<void> {
  if ((WEBHOOK_EVENTS as readonly string[]).includes(event.type))
    await env.WEBHOOKS.getByName(account).publish(event);
}
