import { BODY, NAMES, NOUNS, SCENES, SEVERAL, type Reason } from './undrawable-words.ts';

/** A part of a prompt that cannot be drawn: words `start` up to `end`. */
export interface Undrawable {
  phrase: string;
  reason: Reason;
  start: number;
  end: number;
  /** Whether the prompt wants it away: "without a tattoo". */
  negated: boolean;
}

const ARTICLES = new Set(['a', 'an', 'the', 'his', 'her', 'their', 'my', 'some', 'one']);
const PLACES = new Set([
  'in',
  'on',
  'at',
  'under',
  'near',
  'by',
  'inside',
  'before',
  'behind',
  'against',
  'from',
  'through',
]);
const NUMBERS = /^(two|three|four|five|six|seven|eight|nine|ten|several|many|multiple|both|some|[2-9]|1\d)$/;
const NEGATIONS = new Set(['no', 'without', 'not', 'never', 'nor']);
/** Nouns after which "and a …" means a second person. */
const PERSON =
  /^(man|woman|boy|girl|guy|lady|person|child|baby|mother|father|son|daughter|friend|husband|wife|brother|sister|grandmother|grandfather|king|queen|kid)$/;
/** Nouns that a name may only describe: "harry potter glasses". */
const NAMED_AFTER = new Set([
  'glasses',
  'spectacles',
  'moustache',
  'mustache',
  'hat',
  'beard',
  'cap',
  'style',
]);
/** Nouns and colours that make a place before them a kind: "a garden hat", "in sea green". */
const COMPOUNDS = new Set(
  'hat cap glasses sunglasses shades blue green red black dress jacket coat clothes shirt suit'.split(' '),
);
/** Words of the longest name. */
const LONGEST = 4;

const singular = (word: string): string =>
  word
    .replace(/'s$/, '')
    .replace(/(wol|kni|li|hal)ves$/, '$1f')
    .replace(/ies$/, 'y')
    .replace(/s$/, '');
const has = (set: ReadonlySet<string>, word: string): boolean =>
  set.has(word) || set.has(singular(word)) || set.has(word.replace(/es$/, ''));

/** What of a kind begins at word `i`: how many words it has, or 0. */
function lengthAt(words: readonly string[], i: number, table: ReadonlySet<string>): number {
  for (let n = Math.min(LONGEST, words.length - i); n > 0; n--) {
    if (table.has(words.slice(i, i + n).join(' '))) return n;
  }
  return 0;
}

function reasonAt(words: readonly string[], i: number, known: ReadonlySet<string>): [Reason, number] | null {
  const name = lengthAt(words, i, NAMES);
  if (name > 0 && !NAMED_AFTER.has(words[i + name])) return ['name', name];
  const body = lengthAt(words, i, BODY);
  if (body > 0) return ['body', body];
  const word = words[i];
  if (NUMBERS.test(word)) {
    const who = [i + 1, i + 2].find(
      (at) =>
        words[at] !== undefined &&
        (SEVERAL.has(words[at]) || (words[at].endsWith('s') && PERSON.test(singular(words[at])))),
    );
    if (who !== undefined) return ['several', who - i + 1];
  }
  if (SEVERAL.has(word)) return ['several', 1];
  if (word === 'and' && i > 0 && words.slice(0, i).some((before) => PERSON.test(before))) {
    const at = words.slice(i + 1, i + 4).findIndex((next) => PERSON.test(next));
    if (at >= 0 && (at === 0 || ARTICLES.has(words[i + 1]))) return ['several', at + 2];
  }
  if (PLACES.has(word)) {
    const at = words.slice(i + 1, i + 4).findIndex((next) => SCENES.has(next));
    const plain = at < 2 || ARTICLES.has(words[i + 1]);
    if (at >= 0 && plain && !COMPOUNDS.has(words[i + 2 + at])) return ['scene', at + 2];
  }
  if (SCENES.has(word) && words[i + 1] === 'background') return ['scene', 2];
  if (has(NOUNS.creature, word)) return ['creature', 1];
  if (has(NOUNS.thing, word)) return ['thing', 1];
  if (has(NOUNS.detail, word) && !known.has(word)) return ['detail', 1];
  return null;
}

/**
 * What a model of single people, head and shoulders, cannot draw: creatures, things, several people, bodies, scenes, people by name.
 * What is negated ("without a tattoo") is found, too, but is no wish.
 * @param words lower-case words of a prompt
 * @param known the model's vocabulary: a detail it has learned is drawable
 */
export function findUndrawable(words: readonly string[], known: ReadonlySet<string>): Undrawable[] {
  const found: Undrawable[] = [];
  for (let i = 0; i < words.length;) {
    const reason = reasonAt(words, i, known);
    if (!reason) {
      i++;
      continue;
    }
    const [why, length] = reason;
    const hasArticle = i > 0 && ARTICLES.has(words[i - 1]);
    const start = hasArticle && why !== 'scene' ? i - 1 : i;
    const end = i + length;
    const negated = start > 0 && NEGATIONS.has(words[start - 1]);
    found.push({ phrase: words.slice(start, end).join(' '), reason: why, start, end, negated });
    i = end;
  }
  return found;
}
