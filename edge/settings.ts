import { gpuFunctions, STAGES, type Stage } from '../shared/index.ts';
import { MisconfiguredError, type Env } from './env.ts';

const HOUR_MS = 3_600_000;

/** Files of test portraits are kept this long. */
export const TEST_RETENTION_MS = 24 * HOUR_MS;

/** How many portraits may work at a stage at once. @throws MisconfiguredError */
export function stageLimit({ STAGE_LIMITS }: Pick<Env, 'STAGE_LIMITS'>, stage: Stage): number {
  const limit =
    perStage('STAGE_LIMITS', STAGE_LIMITS, 'imagine=4, distill=2').get(stage) ??
    gpuFunctions()[stage].max_containers;
  if (Number.isInteger(limit) && limit > 0) return limit;
  throw new MisconfiguredError(`STAGE_LIMITS gives ${stage} ${limit} places: write a whole number above 0.`);
}

/** US dollars of a second of work at a stage, for the operator's own accounts. @throws MisconfiguredError */
export function stageCost({ STAGE_COSTS }: Pick<Env, 'STAGE_COSTS'>, stage: Stage): number {
  return perStage('STAGE_COSTS', STAGE_COSTS, 'imagine=0.0003, distill=0.0006').get(stage) ?? 0;
}

/** Numbers by stage, written like the example. */
function perStage(name: string, text: string | undefined, example: string): Map<string, number> {
  const entries = (text ?? '').split(',').filter((entry) => entry.trim() !== '');
  return new Map(
    entries.map((entry): [string, number] => {
      const parts = /^\s*([a-z]+)\s*=\s*(\d+(?:\.\d+)?)\s*$/.exec(entry);
      if (parts && STAGES.some((stage) => stage === parts[1])) return [parts[1]!, Number(parts[2])];
      throw new MisconfiguredError(
        `${name} is "${text}": write it like "${example}", with stages of ${STAGES.join(', ')}.`,
      );
    }),
  );
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

/** Refused credentials that may come from one address within a minute. @throws MisconfiguredError */
export function failedAttempts(env: Pick<Env, 'FAILED_ATTEMPTS_PER_MINUTE'>): number {
  return positive('FAILED_ATTEMPTS_PER_MINUTE', env.FAILED_ATTEMPTS_PER_MINUTE, 30);
}

function positive(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined || text === '') return otherwise;
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new MisconfiguredError(`${name} is "${text}": write a number above 0.`);
}
