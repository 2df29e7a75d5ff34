import { isAddress, isPublicAddress } from './address.ts';

/** DNS over HTTPS in JSON: a worker has no resolver of its own. */
const RESOLVER = 'https://cloudflare-dns.com/dns-query';
const ANSWER_WITHIN_MS = 5_000;
const RECORDS = { A: 1, AAAA: 28 } as const;

/** Names that never lead to the public internet. */
const PRIVATE_NAME = /(?:^|\.)(?:localhost|local|internal|intranet|lan|home\.arpa|test|invalid|onion)$/;

/** Why a target is refused, or that it may be used. */
export type TargetCheck =
  | { kind: 'allowed' }
  | { kind: 'refused'; why: string }
  | { kind: 'unknown'; why: string };

const refused = (why: string): TargetCheck => ({ kind: 'refused', why });

interface Answers {
  Status: number;
  Answer?: { type: number; data: string }[];
}

async function resolve(host: string, record: keyof typeof RECORDS): Promise<string[]> {
  const response = await fetch(`${RESOLVER}?name=${encodeURIComponent(host)}&type=${record}`, {
    headers: { accept: 'application/dns-json' },
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
  if (!response.ok) throw new Error(`the resolver answered ${response.status}`);
  const { Status, Answer = [] } = await response.json<Answers>();
  // 3: there is no such name. Everything else but 0 is the resolver's trouble.
  if (Status === 3) return [];
  if (Status !== 0) throw new Error(`the resolver answered with code ${Status}`);
  return Answer.filter(({ type }) => type === RECORDS[record]).map(({ data }) => data);
}

/**
 * Whether a webhook may be sent to a URL: https, no credentials, and a host all of whose addresses are public. Asked
 * when a webhook is made and again before every try, because a name may lead elsewhere by then. With `loopback`, plain
 * http to this machine is allowed: for `AUTH=off` only.
 */
export async function checkTarget(text: string, options: { loopback: boolean }): Promise<TargetCheck> {
  const url = URL.parse(text);
  if (!url) return refused(`${text} is no URL.`);
  const host = url.hostname.toLowerCase().replace(/\.$/, '');
  if (options.loopback && ['127.0.0.1', 'localhost', '[::1]'].includes(host)) return { kind: 'allowed' };
  if (url.protocol !== 'https:') return refused('The URL is not https.');
  if (url.username || url.password) return refused('The URL holds credentials.');
  if (isAddress(host))
    return isPublicAddress(host) ? { kind: 'allowed' } : refused(`${host} is no public address.`);
  if (!host.includes('.') || PRIVATE_NAME.test(host)) return refused(`${host} is no public name.`);
  let addresses: string[];
  try {
    addresses = (await Promise.all([resolve(host, 'A'), resolve(host, 'AAAA')])).flat();
  } catch (error) {
    return { kind: 'unknown', why: `${host} could not be looked up: ${String(error)}` };
  }
  if (addresses.length === 0) return refused(`${host} has no address.`);
  const inside = addresses.find((address) => !isPublicAddress(address));
  return inside === undefined
    ? { kind: 'allowed' }
    : refused(`${host} leads to ${inside}, which is not public.`);
}
