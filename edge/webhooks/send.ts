import type { WebhookRecord } from './webhook-storage.ts';
import { signatureOf } from './signature.ts';
import { checkTarget } from './target.ts';

/** An endpoint must have answered within this. */
const ANSWER_WITHIN_MS = 15_000;

/** What came of one try. */
export interface Outcome {
  status: number | null;
  /** Why it failed; null where the endpoint took it (any 2xx). */
  error: string | null;
  /** What the endpoint asked to wait, seconds. */
  retryAfterS: number;
  milliseconds: number;
}

/**
 * Sends one event to one webhook, signed (Standard Webhooks). Follows no redirects. Never throws.
 *
 * @param secrets each signs
 */
export async function send(
  webhook: Pick<WebhookRecord, 'url'>,
  secrets: readonly string[],
  event: { id: string; body: string },
  options: { loopback: boolean },
): Promise<Outcome> {
  const began = Date.now();
  const outcome = (status: number | null, error: string | null, retryAfterS = 0): Outcome => ({
    status,
    error,
    retryAfterS,
    milliseconds: Date.now() - began,
  });
  const target = await checkTarget(webhook.url, options);
  if (target.kind !== 'allowed') return outcome(null, target.why);
  const timestamp = Math.floor(began / 1000);
  try {
    const response = await fetch(webhook.url, {
      method: 'POST',
      body: event.body,
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      headers: {
        'content-type': 'application/json',
        'user-agent': 'portrait-webhooks/1',
        'webhook-id': event.id,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': await signatureOf(secrets, event.id, timestamp, event.body),
      },
    });
    // Nothing in the answer's body matters, and it may have no end.
    await response.body?.cancel();
    if (response.ok) return outcome(response.status, null);
    const redirects = response.status >= 300 && response.status < 400;
    const error = redirects ? 'Redirects are not followed.' : `The endpoint answered ${response.status}.`;
    return outcome(response.status, error, Number(response.headers.get('retry-after')) || 0);
  } catch (error) {
    return outcome(null, String(error));
  }
}
