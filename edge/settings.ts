import { STAGES, type Stage } from '../shared/index.ts';
import { MisconfiguredError, type Env } from './env.ts';

const HOUR_MS = 3_600_000;
const PLACES = 8;

/** Files of test portraits are kept this long. */
export const TEST_RETENTION_MS = 24 * HOUR_MS;

/** How many portraits may work at a stage at once. @throws MisconfiguredError */
export function stageLimit({ STAGE_LIMITS }: Pick<Env, 'STAGE_LIMITS'>, stage: Stage): number {
  const limits = new Map<string, number>();
  for (const entry of (STAGE_LIMITS ?? '').split(',').filter((text) => text.trim() !== '')) {
    const parts = /^\s*([a-z]+)\s*=\s*([1-9]\d{0,5})\s*$/.exec(entry);
    if (!parts || !STAGES.some((name) => name === parts[1]))
      throw new MisconfiguredError(
        `STAGE_LIMITS is "${STAGE_LIMITS}": write it like "imagine=4, distill=2", with stages of ${STAGES.join(', ')}.`,
      );
    limits.set(parts[1]!, Number(parts[2]));
  }
  return limits.get(stage) ?? PLACES;
}

/** Milliseconds that a finished portrait is kept. @throws MisconfiguredError */
export function retentionMs(env: Pick<Env, 'RETENTION_DAYS'>, mode: 'live' | 'test'): number {
  if (mode === 'test') return TEST_RETENTION_MS;
  return positive('RETENTION_DAYS', env.RETENTION_DAYS, 30) * 24 * HOUR_MS;
}

/** Milliseconds that a portrait may take from its creation. @throws MisconfiguredError */
export function deadlineMs(env: Pick<Env, 'DEADLINE_HOURS'>): number {
  return positive('DEADLINE_HOURS', env.DEADLINE_HOURS, 24) * HOUR_MS;
}

function positive(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined || text === '') return otherwise;
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new MisconfiguredError(`${name} is "${text}": write a number above 0.`);
}
