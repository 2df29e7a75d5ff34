import { hmacMatches } from '../../../shared/index.ts';

/** Events signed longer ago than this (or further ahead) are refused, as Stripe's own libraries do; seconds. */
export const TOLERANCE_S = 300;

/**
 * Whether `Stripe-Signature: t=…,v1=…[,v1=…]` was made for this body with this endpoint's secret, lately. There is more
 * than one `v1` while the secret is being rolled.
 */
export async function isFromStripe(
  secret: string,
  header: string | undefined,
  body: string,
  now: number,
): Promise<boolean> {
  const parts = (header ?? '').split(',').map((part) => part.trim().split('='));
  const timestamp = parts.find(([name]) => name === 't')?.[1] ?? '';
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(now / 1000 - Number(timestamp)) > TOLERANCE_S) return false;
  for (const [name, signature = ''] of parts)
    if (name === 'v1' && (await hmacMatches(secret, `${timestamp}.${body}`, signature))) return true;
  return false;
}
