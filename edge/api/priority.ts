/** Urgency where a request does not say (RFC 9218 §4.1). */
export const DEFAULT_URGENCY = 3;

/** Urgency of a `Priority: u=n` header (RFC 9218), 0 first to 7 last. Anything else counts as not said. */
export function urgencyOf(priority: string | undefined): number {
  const urgency = /(?:^|,)\s*u=([0-7])\s*(?:,|;|$)/.exec(priority ?? '')?.[1];
  return urgency === undefined ? DEFAULT_URGENCY : Number(urgency);
}
