import { stageKey, VIEW_FILE, type StageResult, type View } from '../../shared/index.ts';
import type { Services } from './effects.ts';
import type { Job } from './job.ts';
import type { StoredFile } from './resource.ts';
import { inputsOf, startBody } from './start-body.ts';

/** Runs that one portrait may hold: those of its stages, and a hundred views. */
export const HOLD_LIMIT = 105;

/** A view that takes longer is rendered on, and asked for again. */
const VIEW_WITHIN_MS = 20_000;
const POLL_MS = 200;
const RETRY_AFTER_S = 2;

/** What came of asking for a view. */
export type ViewAnswer =
  | { kind: 'ready'; file: StoredFile }
  /** The portrait has not succeeded. */
  | { kind: 'unfinished' }
  | { kind: 'pending'; retryAfter: number }
  | { kind: 'failed'; message: string }
  | { kind: 'too_many' };

const viewParams = (job: Job, view: View) => ({ quality: job.request.quality, outputs: [], view });

/** The stage key of a view: a render of nothing else. */
export function viewKey(job: Job, view: View): Promise<string> {
  const inputs = Object.entries(inputsOf(job, 'render')).map(([name, { sha256 }]) => [name, sha256]);
  return stageKey({
    stage: 'render',
    version: job.model!.versions.render!,
    model: job.model!.digest,
    params: viewParams(job, view),
    inputs: Object.fromEntries(inputs),
  });
}

/**
 * Renders a view whose key the job holds, or finds it rendered. It has no place in the pool and no retries of its own:
 * who looks at a portrait asks again.
 */
export async function renderView(
  job: Job,
  view: View,
  key: string,
  services: Pick<Services, 'stageServer' | 'runs' | 'origin' | 'secret' | 'now'>,
): Promise<ViewAnswer> {
  const { stageServer, runs, now } = services;
  const kept = await runs.result(key);
  if (kept) return ready(kept);
  const until = now() + VIEW_WITHIN_MS;
  const { callback: _, ...body } = await startBody('render', key, job, services, viewParams(job, view));
  let answer = await stageServer.start(key, body);
  for (;;) {
    if (answer.kind === 'full') return { kind: 'pending', retryAfter: answer.retryAfter };
    if (answer.kind === 'rejected') return { kind: 'failed', message: answer.message };
    if (answer.kind === 'model_mismatch')
      return { kind: 'failed', message: 'The weights that made this portrait are not loaded any more.' };
    if (answer.kind !== 'run') return { kind: 'pending', retryAfter: RETRY_AFTER_S };
    const { status, outputs, warnings, metrics, error } = answer.run;
    if (status === 'failed') return { kind: 'failed', message: error?.message ?? 'The render stage failed.' };
    if (status === 'succeeded') {
      const result = { stage: 'render' as const, key, outputs, warnings, metrics };
      const missing = outputs[VIEW_FILE] ? await runs.record(result) : [VIEW_FILE];
      if (missing.length === 0) return ready(result);
      return { kind: 'failed', message: 'The render stage left the view out.' };
    }
    if (now() >= until) return { kind: 'pending', retryAfter: RETRY_AFTER_S };
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    answer = await stageServer.ask(key);
  }
}

function ready({ key, outputs }: StageResult): ViewAnswer {
  return { kind: 'ready', file: { name: VIEW_FILE, artifact: outputs[VIEW_FILE]!, run: key } };
}
