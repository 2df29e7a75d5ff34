import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { StageContext, StageResult } from '../../stages/index.ts';
import { serveStages } from '../serve-stages.ts';

/**
 * A worker with the smallest long loop there is: `imagine` adds up 1…seed, a step every 20 ms, with a checkpoint after
 * each. Words of the prompt choose what else happens. `COUNTING_TRACE` names a file that gets one line a step.
 */
serveStages(async () => {
  const profile = process.env['STAGE_PROFILE'];
  if (profile === 'broken') throw new Error('no weights in broken: bring some');
  const digest = profile === 'mini' ? 'd1' : 'd2';
  return { profile: 'mini', provider: 'cpu', digest, stages: { imagine: 1 }, run: count };
});

async function count(_stage: string, context: StageContext): Promise<StageResult> {
  const { prompt, seed: steps } = context.params as { prompt: string; seed: number };
  const saved = await context.checkpoint.load();
  let { step, sum } = saved
    ? (JSON.parse(new TextDecoder().decode(saved)) as { step: number; sum: number })
    : { step: 0, sum: 0 };
  if (prompt.includes('flurb')) {
    context.warn({ code: 'unknown_words', words: ['flurb'], detail: 'The profile does not know: flurb.' });
  }
  if (prompt.includes('fail')) throw new Error('the sum diverged');
  while (step < steps) {
    if (context.signal.aborted && !prompt.includes('never stop')) {
      if (prompt.includes('slowly to stop')) await delay(500);
      context.signal.throwIfAborted();
    }
    await delay(20);
    step++;
    sum += step;
    const trace = process.env['COUNTING_TRACE'];
    if (trace) appendFileSync(trace, `${step}\n`);
    if (prompt.includes('crash') && step === 5 && !saved) process.kill(process.pid, 'SIGKILL');
    if (step < 5 || !prompt.includes('crash')) {
      await context.checkpoint.save(new TextEncoder().encode(JSON.stringify({ step, sum })));
    }
    const preview = step === 2 ? new TextEncoder().encode(`preview of ${prompt}`) : undefined;
    context.progress(step / steps, {
      message: `step ${step} of ${steps}`,
      step,
      steps,
      ...(preview && { preview }),
    });
  }
  const bytes = new TextEncoder().encode(String(sum));
  return { outputs: { image: { bytes, contentType: 'text/plain' } }, metrics: { sum } };
}
