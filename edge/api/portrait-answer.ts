import { OF_PORTRAITS, type AnswerHeaders } from './answer-headers.ts';
import { isFinal, portraitSchema, type Portrait } from '../../shared/index.ts';

/** OpenAPI answer of a portrait. */
export const portraitAnswer = (description: string, headers: AnswerHeaders = OF_PORTRAITS) => ({
  description,
  headers,
  content: { 'application/json': { schema: portraitSchema() } },
});

/** Seconds after which it is worth asking again; none for a portrait that stays as it is. */
function retryAfter(portrait: Portrait): number | null {
  if (isFinal(portrait.status)) return null;
  const running = portrait.progress.stages.find(({ status }) => status === 'running');
  return Math.min(Math.max(Math.ceil((running?.eta_seconds ?? 2) / 2), 1), 30);
}

/** Headers of an answer with a portrait. */
export function portraitHeaders(portrait: Portrait, waited: number | null): Record<string, string> {
  const seconds = retryAfter(portrait);
  return {
    ...(seconds !== null && { 'retry-after': String(seconds) }),
    ...(waited !== null && { 'preference-applied': `wait=${waited}` }),
  };
}
