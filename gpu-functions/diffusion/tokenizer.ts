/** A text as token ids, padded to the encoder's length, and what could not be expressed. */
export interface Tokens {
  readonly ids: number[];
  /** Words that the vocabulary does not have; they were left out. */
  readonly unknown: string[];
  /** Words past the encoder's length; they were left out. */
  readonly dropped: string[];
}

/** Text to token ids of one encoder. */
export interface Tokenizer {
  readonly maxTokens: number;
  readonly vocabularySize: number;
  /** The words of a closed vocabulary; undefined where any text can be expressed. */
  readonly words?: readonly string[];
  encode(text: string): Tokens;
}

const SPECIAL = ['<pad>', '<start>', '<end>'];
const [PAD, START, END] = [0, 1, 2];

/** Lower-case words of a text; hyphens and apostrophes inside a word belong to it. */
export function wordsOf(text: string): string[] {
  return (
    text
      .normalize('NFKC')
      .toLowerCase()
      .replaceAll('’', "'")
      .replace(/[‐‑‒–]/g, '-')
      .match(/[\p{L}\p{N}]+(?:[-'][\p{L}\p{N}]+)*/gu) ?? []
  );
}

/** Words over a closed vocabulary, in the order of `words`; ids 0 to 2 are padding, start and end. */
export function wordTokenizer(words: readonly string[], maxTokens: number): Tokenizer {
  const ids = new Map(words.map((word, i) => [word, SPECIAL.length + i]));
  return {
    maxTokens,
    vocabularySize: SPECIAL.length + words.length,
    words,
    encode(text) {
      const known: string[] = [];
      const unknown: string[] = [];
      for (const word of wordsOf(text)) {
        const found = inVocabulary(word, ids);
        if (found) known.push(...found);
        else unknown.push(word);
      }
      const kept = known.slice(0, maxTokens - 2);
      const body = kept.map((word) => ids.get(word)!);
      const padding = Array.from({ length: maxTokens - 2 - kept.length }, () => PAD);
      return {
        ids: [START, ...body, END, ...padding],
        unknown: [...new Set(unknown)],
        dropped: known.slice(kept.length),
      };
    },
  };
}

/** The word itself, its singular or plural, its parts at hyphens and behind figures ("70yo"), or the word without a possessive; undefined where none is known. */
function inVocabulary(word: string, ids: ReadonlyMap<string, number>): string[] | undefined {
  const forms = [word, word.replace(/s$/, ''), word.replace(/es$/, ''), `${word}s`, word.replace(/'s?$/, '')];
  const form = forms.find((candidate) => ids.has(candidate));
  if (form !== undefined) return [form];
  const joined = word.replaceAll('-', '');
  if (joined !== word && ids.has(joined)) return [joined];
  const parts = word.split(/-|(?<=\d)(?=\p{L})/u);
  return parts.length > 1 && parts.every((part) => ids.has(part)) ? parts : undefined;
}
