import { priceLines, type Portrait } from '../../shared/index.ts';
import type { StageUse } from './usage-storage.ts';

/** What a portrait used, stage by stage, and what each stage is charged. */
export function workOf(portrait: Portrait): (StageUse & { credits: number })[] {
  const lines = priceLines(portrait);
  return Object.entries(portrait.timings).map(([stage, { seconds, cached }]) => ({
    stage: stage as StageUse['stage'],
    seconds,
    cached,
    credits: cached
      ? 0
      : lines.filter((line) => line.stage === stage).reduce((sum, { credits }) => sum + credits, 0),
  }));
}
