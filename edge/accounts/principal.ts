import { SCOPES, type Mode, type Scope } from '../../shared/index.ts';

/** What a key may use at once. */
export interface Limits {
  /** Portraits in work at the same time. */
  concurrency: number;
  requestsPerMinute: number;
}

/** Who sent a request. */
export interface Principal {
  /** `acc_…` */
  account: string;
  /** `key_…` */
  key: string;
  scopes: readonly Scope[];
  mode: Mode;
  limits: Limits;
}

export const REQUESTS_PER_MINUTE = 600;

/** The built-in account of `AUTH=off`: everything is allowed, and nothing costs anything. */
export const LOCAL_PRINCIPAL: Principal = {
  account: 'acc_local',
  key: 'key_local',
  scopes: SCOPES,
  mode: 'live',
  limits: { concurrency: Number.MAX_SAFE_INTEGER, requestsPerMinute: Number.MAX_SAFE_INTEGER },
};

/** Whether an account is the built-in one of `AUTH=off`, which has no ledger. */
export function isLocal(account: string): boolean {
  return account === LOCAL_PRINCIPAL.account;
}
