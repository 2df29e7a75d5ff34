import type { Env } from '../env.ts';

/** Hazard categories of Llama Guard (MLCommons) that a portrait may not be of. Others do not concern pictures. */
const REFUSED: Record<string, string> = {
  S3: 'sex crimes',
  S4: 'child sexual exploitation',
  S10: 'hate',
  S12: 'sexual content',
};

/** The model that `SAFETY_MODEL=on` asks; another one of the same answer format may be named instead. */
const DEFAULT_MODEL = '@cf/meta/llama-guard-3-8b';
const ANSWER_WITHIN_MS = 3_000;

/** What a model says of a prompt: nothing against it, what is wrong with it, or no answer in time. */
export type ModelVerdict = { kind: 'safe' } | { kind: 'unsafe'; why: string } | { kind: 'silent' };

/** The answer of Llama Guard read: `safe`, or `unsafe` and on the next line the categories, such as `S4,S12`. */
export function readVerdict(answer: string): ModelVerdict {
  const [first = '', second = ''] = answer.trim().split(/\s*\n\s*/);
  if (first.toLowerCase() === 'safe') return { kind: 'safe' };
  if (first.toLowerCase() !== 'unsafe') return { kind: 'silent' };
  const reasons = second.split(/\s*,\s*/).flatMap((category) => REFUSED[category] ?? []);
  return reasons.length > 0 ? { kind: 'unsafe', why: reasons.join(', ') } : { kind: 'safe' };
}

/** Asks a model of Workers AI about a prompt; null where none is configured. Never throws: no answer is an answer too. */
export async function askModel(env: Env, prompt: string): Promise<ModelVerdict | null> {
  if (!env.AI || !env.SAFETY_MODEL || env.SAFETY_MODEL === 'off') return null;
  const model = env.SAFETY_MODEL === 'on' ? DEFAULT_MODEL : env.SAFETY_MODEL;
  try {
    const answer = await Promise.race([
      env.AI.run(model, { messages: [{ role: 'user', content: `Make a portrait of: ${prompt}` }] }),
      new Promise<null>((resolve) => setTimeout(() => resolve(null), ANSWER_WITHIN_MS)),
    ]);
    return answer === null ? { kind: 'silent' } : readVerdict(String(answer.response ?? ''));
  } catch (error) {
    console.error(`safety model ${model}: ${String(error)}`);
    return { kind: 'silent' };
  }
}
