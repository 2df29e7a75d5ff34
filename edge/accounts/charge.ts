import { priceOf, type Mode, type Portrait, type Priced, type ProblemCode } from '../../shared/index.ts';
import { ProblemError } from '../api/problem-error.ts';
import type { Env } from '../env.ts';
import { isLocal, type Principal } from './principal.ts';

/** Who pays for a portrait, and how much it holds: kept by the portrait's job until it ends. */
export interface Charge {
  account: string;
  key: string;
  mode: Mode;
  /** Credits reserved; 0 for test keys and for `AUTH=off`, which have no ledger. */
  credits: number;
}

const isFree = ({ account, mode }: Pick<Charge, 'account' | 'mode'>) => mode === 'test' || isLocal(account);

/**
 * Reserves the price of a portrait before its job begins. Repeated for the same portrait, it says the same and reserves
 * nothing more. Should the job never begin, the credits come back by themselves within the hour.
 *
 * @throws ProblemError insufficient_credits, spend_cap_reached, concurrency_limit, unauthorized: nothing was reserved.
 * @throws ProblemError reservation_closed: this portrait was charged or given back before, so it must not begin.
 */
export async function reserve(
  env: Env,
  principal: Principal,
  portrait: string,
  request: Priced,
): Promise<Charge> {
  const { account, key, mode } = principal;
  if (isFree(principal)) return { account, key, mode, credits: 0 };
  const credits = priceOf(request);
  const reserved = await env.ACCOUNTS.getByName(account).reserve({ portrait, key, credits });
  if (reserved.kind === 'reserved') return { account, key, mode, credits: reserved.credits };
  if (reserved.kind === 'closed')
    throw new ProblemError('reservation_closed', `The reservation of ${portrait} is closed.`);
  const { reason, needed, available } = reserved;
  const [code, detail, headers] = REFUSALS[reason];
  throw new ProblemError(code, detail(needed, available, principal), { headers });
}

/**
 * Charges a finished portrait for the stages it ran (a stage answered from an earlier equal run costs nothing), gives
 * the rest back, and notes its usage. An outbox effect: repeat it until it answers; it counts once.
 */
export async function settle(env: Env, charge: Charge, portrait: Portrait): Promise<void> {
  if (!isFree(charge)) await env.ACCOUNTS.getByName(charge.account).settle(portrait);
}

/** Gives back what a failed, cancelled, filtered or deleted portrait holds. An outbox effect like {@link settle}. */
export async function release(env: Env, charge: Charge, portrait: string): Promise<void> {
  if (!isFree(charge)) await env.ACCOUNTS.getByName(charge.account).release(portrait);
}

type Detail = (needed: number, available: number, principal: Principal) => string;

const REFUSALS: Record<
  'insufficient_credits' | 'spend_cap_reached' | 'concurrency_limit' | 'key_inactive',
  [ProblemCode, Detail, Record<string, string>]
> = {
  insufficient_credits: [
    'insufficient_credits',
    (needed, available) => `The portrait costs up to ${needed} credits, and ${available} are available.`,
    {},
  ],
  spend_cap_reached: [
    'spend_cap_reached',
    (needed, _, { key }) => `${needed} more credits would exceed the monthly spend cap of ${key}.`,
    {},
  ],
  concurrency_limit: [
    'concurrency_limit',
    (_, __, { key, limits }) => `The key ${key} may have ${limits.concurrency} in work at once, and has.`,
    { 'retry-after': '10' },
  ],
  key_inactive: ['unauthorized', () => 'The API key was revoked or has expired.', {}],
};
