import { pick, type Random } from '../random.ts';
import { TYPOS } from '../words/typos.ts';

/** "an" before vowels as they sound. */
export const withArticles = (text: string): string =>
  text
    .replace(/\b([Aa]) (?=[aeiou]|8\d?\b|1[18]\b)/g, '$1n ')
    .replace(/\b([Aa])n (?=european|ukrainian|ugandan|university|one|uniform|unique|uk|us\b|eur)/g, '$1 ');

/** Shares of texts without articles, and with words misspelt. */
const TELEGRAPHIC = 0.06;
const MISSPELT = 0.07;

/** The text as people in haste type it: some without articles, some with a word misspelt where there is one that people misspell. */
export function misspelt(random: Random, text: string): string {
  const plain = random() < TELEGRAPHIC ? text.replace(/\b(an?|the) /gi, '') : text;
  return random() < MISSPELT ? withTypo(random, plain) : plain;
}

function withTypo(random: Random, text: string): string {
  const words = text.split(' ');
  const candidates = words.flatMap((word, i) => (TYPOS[word] ? [i] : []));
  if (candidates.length === 0) return text;
  const at = pick(random, candidates);
  words[at] = pick(random, TYPOS[words[at]]);
  return words.join(' ');
}

/** Capitals and a stop, as people type. */
export function typed(random: Random, text: string): string {
  const r = random();
  if (r < 0.02) return text.toUpperCase();
  const upper =
    r < 0.12 ? text.replace(/(^|\. )([a-z])/g, (_, gap, letter) => gap + letter.toUpperCase()) : text;
  return random() < 0.1 ? `${upper}${pick(random, ['.', '.', '.', '!', '...'])}` : upper;
}
