import * as adornments from '../words/adornments.ts';
import * as clothes from '../words/clothes.ts';
import * as colours from '../words/colours.ts';
import * as denials from '../words/denials.ts';
import * as face from '../words/face.ts';
import * as hair from '../words/hair.ts';
import * as origins from '../words/origins.ts';
import * as people from '../words/people.ts';
import * as style from '../words/style.ts';
import { TYPOS } from '../words/typos.ts';
import { numberWords } from './subject.ts';

/** Words with a hyphen or a letter of their own that would mean something else apart. */
const WHOLE = new Set(['t-shirt', 'v-neck', 't-shrit', 't-shit', 'lip-stick', 'middle-age']);

/** The words of a caption, as {@link vocabulary} lists them: lower case, without punctuation; compounds in their parts. */
export function wordsOf(text: string): string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+(?:[-'][\p{L}\p{N}]+)*/gu) ?? [];
  return words.flatMap((word) => (WHOLE.has(word) ? [word] : word.split('-')));
}

const phrases = (value: unknown): string[] =>
  typeof value === 'string'
    ? [value]
    : value && typeof value === 'object'
      ? Object.entries(value).flatMap(([key, inner]) =>
          Array.isArray(value) || typeof inner === 'object' ? phrases(inner) : [key, ...phrases(inner)],
        )
      : [];

const NUMBERS = Array.from({ length: 97 }, (_, i) => String(i + 3));
const NUMBER_WORDS = Array.from({ length: 80 }, (_, i) => numberWords(i + 20));

/** Every word a caption can contain, sorted. */
export const vocabulary: readonly string[] = [
  ...new Set(
    [
      ...phrases([
        { ...adornments },
        { ...clothes },
        { ...colours },
        { ...denials },
        { ...face },
        { ...hair },
        { ...origins },
        { ...people },
        { ...style },
      ]),
      ...phrases(Object.values(TYPOS)),
      ...NUMBERS,
      ...NUMBER_WORDS,
      'featuring someone one am are that which is of colour coloured but i my our whose not without nor anything like it',
    ].flatMap((phrase) => wordsOf(phrase.replace(/\{\w+\}/g, ' '))),
  ),
].toSorted();
