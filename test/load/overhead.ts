import { loadavg } from 'node:os';
import type { StageServerDouble } from '../edge/stage-server-double.ts';
import type { HttpClient } from './http-client.ts';
import { processorSeconds } from './usage.ts';

const WANTED = { p50_ms: 150 };
/** Milliseconds of one of a stage's four steps. */
const STEP_MS = 50;

/**
 * What a portrait takes beyond the work of its five stages, one portrait at a time: from the request to its finished
 * answer, less the time that the stages spent in their steps. All that passes between edge and stage server for it counts:
 * starts, inputs, outputs, the callback at the end. Steps are not told: what that takes is a matter of how many there are.
 *
 * @param edge the process of the worker.
 */
export async function measureOverhead(
  client: HttpClient,
  edge: number,
  stages: StageServerDouble,
  count: number,
  stopped: AbortSignal,
) {
  const before = stages.stepMs;
  Object.assign(stages, { stepMs: STEP_MS, tellsSteps: false });
  const [load_average] = loadavg().map((load) => Math.round(load * 10) / 10);
  const overheads: number[] = [];
  let processorBefore = 0;
  const request = { seed: 1, quality: 'standard' };
  // The first one runs code for the first time.
  for (let index = -1; index < count && !stopped.aborted; index++) {
    process.stderr.write(`\roverhead: ${Math.max(index, 0)} of ${count} `);
    const [worked, start] = [stages.workedMs, performance.now()];
    const portrait = await client.create({ ...request, prompt: `alone ${index}` }, { prefer: 'wait=60' });
    const took = performance.now() - start;
    if (portrait.status !== 'succeeded') throw new Error(`a portrait alone is ${portrait.status}`);
    if (index >= 0) overheads.push(took - (stages.workedMs - worked));
    else processorBefore = processorSeconds(edge);
  }
  process.stderr.write('\r\u001b[K');
  Object.assign(stages, { stepMs: before, tellsSteps: true });
  const sorted = overheads.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.floor(share * sorted.length)] ?? 0);
  const [p50_ms, p95_ms] = [at(0.5), at(0.95)];
  const worker_ms_each =
    Math.round(((processorSeconds(edge) - processorBefore) * 10_000) / Math.max(overheads.length, 1)) / 10;
  const ok = overheads.length === count && p50_ms <= WANTED.p50_ms;
  return {
    phase: 'overhead',
    count: overheads.length,
    wanted: WANTED,
    p50_ms,
    p95_ms,
    worker_ms_each,
    load_average,
    ok,
  };
}
