import { OUTPUTS, type PortraitRequest, type Run, type Stage, type StageResult } from '../../shared/index.ts';
import type { Services } from './effects.ts';
import type { Job } from './job.ts';
import { stageOf } from './phases.ts';

/**
 * The one portrait that every test portrait shows. It is made for the first test portrait of a quality, like any other,
 * and comes from the stage cache ever after: the files are real, and nothing is spent.
 */
const CANNED = {
  prompt: 'an old man with a white beard, wearing a red turtleneck',
  negative_prompt: '',
  seed: 7,
  candidates: 4,
} as const;

/** How long a stage of a test portrait seems to take, in milliseconds. */
export const CANNED_STAGE_MS = 1_000;

/** Steps that a stage of a test portrait shows. */
const STEPS = 10;

/** A test portrait with this in its prompt fails at its second stage. */
export const FAILING_PROMPT = '[test:fail]';

/** What the stages work on: the request, or for a test portrait the canned one. */
export function workOf({ owner, request }: Pick<Job, 'owner' | 'request'>): PortraitRequest {
  if (owner.mode === 'live') return request;
  const { profile, quality } = request;
  return { ...CANNED, profile, quality, outputs: [...OUTPUTS] };
}

/**
 * The services of a test portrait: the stage cache is looked into where a live one starts a run, and its results come
 * over a second, with progress, as those of a run do. There is no pool, as nothing is worked on.
 */
export function cannedServices(live: Services, job: Job): Services {
  const { stageServer, runs, now } = live;
  const runOf = async (key: string): Promise<Run | null> => {
    const stage = stageOf(job);
    const failed = stage !== 'imagine' && job.request.prompt.includes(FAILING_PROMPT);
    if (failed) return failedRun(key, stage);
    const result = await runs.result(key);
    return result && seemingRun(result, now() - job.stageStartedAt);
  };
  return {
    ...live,
    stageServer: {
      health: () => stageServer.health(),
      async start(key, body) {
        const run = await runOf(key);
        return run ? { kind: 'run', run } : stageServer.start(key, body);
      },
      async ask(key) {
        const run = await runOf(key);
        return run ? { kind: 'run', run } : stageServer.ask(key);
      },
      async release(key, owner) {
        return (await runs.result(key)) ? { kind: 'unknown' } : stageServer.release(key, owner);
      },
    },
    runs: {
      ...runs,
      async hold(run, portrait) {
        await runs.hold(run, portrait);
        return null;
      },
    },
    pool: { join: async () => null, leave: async () => {} },
    // Whatever the request says, what is shown is the canned portrait.
    safety: { request: async () => null, picture: async () => null },
  };
}

const NEW_RUN = { outputs: {}, warnings: [], error: null, metrics: {} };

/** A run that is as far as the time says, and has at its end what the stage cache keeps. */
function seemingRun({ stage, key, outputs, warnings, metrics }: StageResult, elapsedMs: number): Run {
  const fraction = Math.min(elapsedMs / CANNED_STAGE_MS, 1);
  const step = Math.floor(fraction * STEPS);
  const progress = {
    fraction,
    eta_s: ((1 - fraction) * CANNED_STAGE_MS) / 1000,
    step,
    steps: STEPS,
    message: `${stage} step ${step} of ${STEPS}`,
  };
  if (fraction < 1) return { ...NEW_RUN, key, stage, progress, status: 'running' };
  return { key, stage, progress, status: 'succeeded', outputs, warnings, error: null, metrics };
}

function failedRun(key: string, stage: Stage): Run {
  const progress = {
    fraction: 0,
    eta_s: null,
    step: 0,
    steps: STEPS,
    message: `${stage} step 0 of ${STEPS}`,
  };
  const message = `The prompt asked for a failure with ${FAILING_PROMPT}.`;
  return {
    ...NEW_RUN,
    key,
    stage,
    progress,
    status: 'failed',
    error: { code: 'internal', retryable: false, message },
  };
}
