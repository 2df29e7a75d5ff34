import type { Warning } from '../../../shared/index.ts';
import { wordsOf, type Tokenizer } from '../../diffusion/index.ts';
import { nearestWord } from './nearest-word.ts';
import { findUndrawable } from './not-drawable.ts';
import { INSTEAD, type Reason } from './undrawable-words.ts';

/** Words that say nothing of a person by themselves. */
const FRAME = new Set(
  `a an the of with and in on at to for from by as is are be it this that these his her their my your our i you we me please draw make create generate show render
  paint want would like can could give design photo picture portrait image painting drawing sketch headshot close-up closeup close up photograph 3d 4k 8k hd view front side back
  realistic photorealistic highly detailed studio lighting quality high best wearing having very really so just some one no not without or but who has`.split(
    /\s+/,
  ),
);

const quoted = (words: readonly string[]): string => words.map((word) => `"${word}"`).join(', ');

/**
 * What of a prompt will have no effect on a portrait, and why: words that the vocabulary does not have, each with the nearest that it has;
 * wishes that cannot be drawn; and whether anything is left. Only encoders with a closed vocabulary are judged.
 * @param said what the model reads of a person in the prompt, where it can tell
 */
export function promptWarnings(
  prompt: string,
  tokenizer: Tokenizer,
  said: readonly string[] | null = null,
): Warning[] {
  const { unknown, dropped } = tokenizer.encode(prompt);
  if (!tokenizer.words) return dropped.length > 0 ? [tooLong(dropped)] : [];
  const known = new Set(tokenizer.words);
  const words = wordsOf(prompt);
  const undrawable = findUndrawable(words, known);
  const covered = new Set(undrawable.flatMap(({ start, end }) => words.slice(start, end)));
  const strange = unknown.filter((word) => !covered.has(word));

  const warnings: Warning[] = [];
  for (const reason of Object.keys(INSTEAD) as Reason[]) {
    const phrases = [
      ...new Set(
        undrawable.filter((one) => one.reason === reason && !one.negated).map(({ phrase }) => phrase),
      ),
    ];
    if (phrases.length === 0) continue;
    const detail = `The model cannot draw ${quoted(phrases)}. ${INSTEAD[reason]}`;
    warnings.push({ code: 'not_drawable', words: phrases, detail });
  }
  if (strange.length > 0) warnings.push(unknownWords(strange, known));
  if (dropped.length > 0) warnings.push(tooLong(dropped));
  const understood = words.some(
    (word, i) =>
      !unknown.includes(word) &&
      !FRAME.has(word) &&
      !undrawable.some(({ start, end }) => i >= start && i < end),
  );
  if (!understood || said?.length === 0) {
    warnings.push({
      code: 'nothing_understood',
      words: [...new Set(words)],
      detail:
        'Nothing in the prompt tells what the person looks like: this is somebody drawn at random. Say sex, age, hair, beard, glasses, ' +
        'hat or clothes, as in "an old man with a white beard, wearing a red turtleneck".',
    });
  }
  return warnings;
}

function unknownWords(unknown: readonly string[], known: ReadonlySet<string>): Warning {
  const suggestions = unknown.map((word) => ({ word, nearest: nearestWord(word, known) }));
  const told = suggestions.map(({ word, nearest }) =>
    nearest === null ? `"${word}"` : `"${word}" (the nearest it knows is "${nearest}")`,
  );
  return {
    code: 'unknown_words',
    words: [...unknown],
    suggestions,
    detail: `The model does not know ${told.join(', ')}. This had no effect: say it in other words.`,
  };
}

const tooLong = (dropped: readonly string[]): Warning => ({
  code: 'prompt_too_long',
  words: [...new Set(dropped)],
  detail: `The prompt is too long for the model, which reads no further than before "${dropped.join(' ')}". Put what matters first.`,
});
