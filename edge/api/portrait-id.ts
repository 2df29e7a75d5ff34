import type { Context } from 'hono';
import * as z from 'zod';
import { lazily } from '../../shared/index.ts';
import type { Env } from '../env.ts';
import type { AppEnv } from './app-env.ts';
import { ProblemError } from './problem-error.ts';

const ID = /^prt_[0-9a-z]{24}$/;

/** A path's id. Any text is let through: one that cannot be an id is simply not found. */
export const portraitIdSchema = lazily(() => z.string().meta({ example: 'prt_0123456789abcdefghijklmn' }));

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
