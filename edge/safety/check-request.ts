import type { PortraitError } from '../../shared/index.ts';
import type { Env } from '../env.ts';
import { askModel } from './model-check.ts';
import type { FilterCategory } from './prompt-rules.ts';

/** Why a request is filtered: the category for the log, and the error that its portrait shows. */
export interface Filtered {
  category: FilterCategory | 'model';
  error: PortraitError;
}

const MESSAGES: Record<FilterCategory, [message: string, action: string]> = {
  sexual_minors: ['The prompt sexualises a minor.', 'This is never made.'],
  sexual: ['The prompt asks for sexual content.', 'Describe the person without nudity or sexual acts.'],
  slur: ['The prompt contains a slur.', 'Describe the person in other words.'],
  hate: ['The prompt asks for a symbol or figure of hate.', 'Describe the person without it.'],
  real_person: [
    'The prompt names a real person, or asks for a likeness of one.',
    'Describe what the person looks like instead of naming anybody.',
  ],
};

/**
 * Checks the words of a request, before anything is spent on it: by rules, then by a model where one is configured
 * (`SAFETY_MODEL`). Null where it may be made. A filtered portrait ends as `filtered` and is not charged.
 *
 * Where the model does not answer, the rules alone decide, unless `SAFETY_MODEL_REQUIRED=on`.
 */
export async function checkRequest(
  request: { prompt: string; negative_prompt: string },
  env: Env,
): Promise<Filtered | null> {
  // Loaded for the first prompt: the word lists would make every start of the worker slower.
  const { checkNegativePrompt, checkPrompt } = await import('./prompt-rules.ts');
  const likeness = env.LIKENESS_POLICY === 'allow' ? 'allow' : 'refuse';
  const category = checkPrompt(request.prompt, { likeness }) ?? checkNegativePrompt(request.negative_prompt);
  if (category) return filtered(category, ...MESSAGES[category]);
  const verdict = await askModel(env, request.prompt);
  if (verdict?.kind === 'unsafe')
    return filtered('model', `The prompt asks for ${verdict.why}.`, 'Describe the person without it.');
  if (verdict?.kind === 'silent' && env.SAFETY_MODEL_REQUIRED === 'on')
    return filtered('model', 'The prompt could not be checked.', 'Send it again in a minute.');
  return null;
}

function filtered(category: Filtered['category'], message: string, action: string): Filtered {
  return { category, error: { code: 'content_filtered', stage: null, message, action } };
}
