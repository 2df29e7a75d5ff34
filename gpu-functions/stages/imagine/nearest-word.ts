import { RELATED_WORDS } from './related-words.ts';

/**
 * Damerau–Levenshtein distance in its restricted form (optimal string alignment): insertions, deletions, substitutions, and swaps of
 * neighbours, none of them within another. Above `limit` any number above it may be returned.
 */
export function editDistance(a: string, b: string, limit = Infinity): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + change);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
    }
    if (Math.min(...row) > limit) return limit + 1;
    [beforeLast, last] = [last, row];
  }
  return last[b.length];
}

/** How many slips a word of this length may have and still be recognised. */
const slipsOf = (word: string): number => (word.length < 4 ? 0 : word.length < 9 ? 1 : 2);

/** Words up to this length are recognised only by their first letter: other short words are too many and too near. */
const SHORT = 5;

/**
 * The known word that an unknown one most likely stands for: a related one, or the one spelt most alike. Null where none is near.
 * Of words at the same distance the one with the same first letter comes first, then the one of the same length.
 */
export function nearestWord(word: string, known: ReadonlySet<string>): string | null {
  const singular = word.replace(/s$/, '');
  for (const form of [word, singular, ...word.split('-')]) {
    const related = RELATED_WORDS[form];
    if (related !== undefined && known.has(related)) return related;
  }
  let limit = slipsOf(word);
  if (limit === 0) return null;
  let best: { word: string; rank: number } | null = null;
  for (const candidate of known) {
    if (candidate.length < 3 || (word.length <= SHORT && candidate[0] !== word[0])) continue;
    const distance = editDistance(word, candidate, limit);
    if (distance > limit) continue;
    limit = distance;
    const rank =
      distance * 4 + (candidate[0] === word[0] ? 0 : 2) + (candidate.length === word.length ? 0 : 1);
    if (!best || rank < best.rank) best = { word: candidate, rank };
  }
  return best?.word ?? null;
}
