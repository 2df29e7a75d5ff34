import type { Context } from 'hono';
import * as z from 'zod';
import type { Env } from '../env.ts';
import type { AppEnv } from './app-env.ts';
import { ProblemError } from './problem-error.ts';

const ID = /^prt_[0-9a-z]{24}$/;
const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz';

/** A path's id. Any text is let through: one that cannot be an id is simply not found. */
export const portraitIdSchema = z.string().meta({ example: 'prt_0123456789abcdefghijklmn' });

/** A fresh id: `prt_` and 24 characters, 124 random bits. */
export function newPortraitId(): string {
  const text: string[] = [];
  while (text.length < 24)
    // 252 = 7 · 36: larger bytes would make some characters likelier.
    for (const byte of crypto.getRandomValues(new Uint8Array(32)))
      if (byte < 252 && text.length < 24) text.push(ALPHABET[byte % 36]!);
  return `prt_${text.join('')}`;
}

/** The job of an id. @throws ProblemError portrait_not_found for what cannot be an id. */
export function findJob(env: Env, id: string) {
  if (!ID.test(id)) throw notFound(id);
  return env.JOBS.getByName(id);
}

/** Who asks, as jobs know them: a portrait is shown to its own account only, in its own mode. */
export function viewerOf(c: Context<AppEnv>) {
  const { account, mode } = c.get('principal');
  return { account, mode };
}

export const notFound = (id: string) => new ProblemError('portrait_not_found', `There is no portrait ${id}.`);
