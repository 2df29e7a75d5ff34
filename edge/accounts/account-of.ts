import { ProblemError } from '../api/problem-error.ts';
import type { Env } from '../env.ts';

/** The account of an id. @throws ProblemError account_not_found for what cannot be an id. */
export function accountOf(env: Env, id: string) {
  if (!/^acc_[0-9a-z]{24}$/.test(id))
    throw new ProblemError(
      'account_not_found',
      `There is no account ${id}; with AUTH=off there is none at all.`,
    );
  return env.ACCOUNTS.getByName(id);
}
