import * as z from 'zod';
import { runSchema, stageSchema, type Run, type RunError, type Stage } from '../../shared/index.ts';
import type { CallState } from './modal-calls.ts';

/** What the gateway keeps of a run: the call that works on it, and who waits. */
export const callRecordSchema = z.object({
  key: z.string(),
  stage: stageSchema(),
  /** Id of the call on Modal. */
  call: z.string(),
  owners: z.array(z.string()),
  /** Where the call uploads its outputs. */
  place: z.string(),
  /** The run as it ended; null while the call is pending. */
  ended: runSchema().nullable(),
  /** Milliseconds since 1970. */
  changed_at: z.number(),
});
export type CallRecord = z.output<typeof callRecordSchema>;

/**
 * A run whose call is pending, in Modal's queue or at work: how far it is, its container tells by callbacks, and the
 * gateway does not know.
 */
export function pendingRun(key: string, stage: Stage): Run {
  return {
    key,
    stage,
    status: 'queued',
    progress: { fraction: 0, eta_s: null, step: 0, steps: 0, message: "in Modal's hands" },
    outputs: {},
    warnings: [],
    error: null,
    metrics: {},
  };
}

/** The run of a call that is over. */
export function endedRun(
  key: string,
  stage: Stage,
  state: Exclude<CallState, { kind: 'pending' | 'unknown' }>,
): Run {
  const failed = (code: RunError['code'], retryable: boolean, message: string): Run => ({
    ...pendingRun(key, stage),
    status: 'failed',
    error: { code, retryable, message },
  });
  switch (state.kind) {
    case 'returned': {
      const run = runSchema().safeParse(state.value);
      if (run.success && run.data.key === key) return run.data;
      const refusal = refusalSchema.safeParse(state.value);
      return failed(
        'internal',
        true,
        refusal.success
          ? `The function of ${stage} refused the run: ${refusal.data.refused}`
          : `The function of ${stage} returned something that is no run: deploy modal_app.py and gateway of one version.`,
      );
    }
    case 'raised':
      return failed('worker_crashed', true, `The function of ${stage} failed: ${state.message}`);
    case 'lost':
      return failed('worker_crashed', true, `Modal lost the container of ${stage}: ${state.message}`);
    case 'timed_out':
      return failed(
        'deadline_exceeded',
        false,
        `The function of ${stage} reached its timeout: raise timeout_s in gpu-functions.json, or use a lower quality.`,
      );
  }
}

/** What a function returns where its stage server does not take the run. */
const refusalSchema = z.object({ refused: z.string() });
