/** Longest wait that is honoured, in seconds. */
export const WAIT_LIMIT_S = 60;

/** Seconds of `Prefer: wait=n` (RFC 7240), at most {@link WAIT_LIMIT_S}; null where there is no such preference. */
export function preferredWait(prefer: string | undefined): number | null {
  for (const preference of (prefer ?? '').split(',')) {
    const wait = /^\s*wait\s*=\s*"?(\d{1,9})"?\s*$/i.exec(preference.split(';')[0]!);
    if (wait) return Math.min(Number(wait[1]), WAIT_LIMIT_S);
  }
  return null;
}
