import type { Portrait, Stage, TraceContext } from '../../shared/index.ts';
import type { Env } from '../env.ts';
import { stageCost } from '../settings.ts';
import { log } from './log.ts';
import { count, metricsOf } from './metrics.ts';
import { observe, type Sample } from './samples.ts';
import { exportSpans, portraitSpans } from './trace.ts';

/** What a portrait's stages took, and what that cost by the configured rates. */
export function workOf(env: Pick<Env, 'STAGE_COSTS'>, portrait: Portrait) {
  return Object.entries(portrait.timings).map(([stage, { seconds, cached }]) => ({
    stage: stage as Stage,
    cached,
    seconds: cached ? 0 : seconds,
    usd: cached ? 0 : seconds * stageCost(env, stage as Stage),
  }));
}

/** The samples of a portrait that came to its end. */
export function portraitSamples(env: Pick<Env, 'STAGE_COSTS'>, portrait: Portrait): Sample[] {
  const { status, mode, error, created_at, finished_at } = portrait;
  const samples: Sample[] = [{ name: 'portraits_total', labels: { status, mode }, value: 1 }];
  if (mode === 'test') return samples;
  if (error)
    samples.push({
      name: 'portrait_failures_total',
      labels: { code: error.code, stage: error.stage ?? 'none' },
      value: 1,
    });
  if (status === 'succeeded' && finished_at !== null) {
    const seconds = (Date.parse(finished_at) - Date.parse(created_at)) / 1000;
    samples.push(...observe('portrait_duration_seconds', { quality: portrait.quality }, seconds));
  }
  for (const { stage, cached, seconds, usd } of workOf(env, portrait)) {
    samples.push(
      { name: 'portrait_stages_total', labels: { stage, cached: String(cached) }, value: 1 },
      { name: 'portrait_stage_seconds_total', labels: { stage }, value: seconds },
    );
    if (usd > 0) samples.push({ name: 'portrait_cost_usd_total', labels: { stage }, value: usd });
  }
  return samples;
}

/**
 * Logs, counts and traces a portrait that came to its end. Measuring is no part of making portraits: what cannot be
 * told is logged, and nothing waits for it.
 */
export async function reportPortrait(
  env: Env,
  portrait: Portrait,
  trace: TraceContext | null,
): Promise<void> {
  const work = workOf(env, portrait);
  log('info', 'portrait.finished', {
    portrait: portrait.id,
    status: portrait.status,
    mode: portrait.mode,
    quality: portrait.quality,
    error: portrait.error?.code,
    ...Object.fromEntries(work.map(({ stage, seconds }) => [`${stage}_seconds`, seconds])),
    usd: Number(work.reduce((sum, { usd }) => sum + usd, 0).toFixed(6)),
  });
  const samples = portraitSamples(env, portrait);
  // Those of work that was paid for are not held back in memory, where they may be lost.
  const cheap = work.every(({ cached }) => cached);
  const told = await Promise.allSettled([
    cheap ? count(env, samples) : metricsOf(env).add(samples),
    env.OTLP_ENDPOINT && portraitSpans(portrait, trace).then((spans) => exportSpans(env, spans)),
  ]);
  for (const outcome of told)
    if (outcome.status === 'rejected')
      log('warn', 'report.failed', { portrait: portrait.id, reason: String(outcome.reason) });
}
