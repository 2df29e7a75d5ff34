import type { Tokenizer } from './tokenizer.ts';

/** The files of a CLIP tokenizer folder: `vocab.json` and `merges.txt`. */
export interface ClipVocabulary {
  readonly ids: Readonly<Record<string, number>>;
  /** Pairs to be joined, most important first. */
  readonly merges: readonly (readonly [string, string])[];
}

const START = '<|startoftext|>';
const END = '<|endoftext|>';
/** CLIP marks the last piece of a word. */
const WORD_END = '</w>';
const PIECES = /'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+/gu;

/** Parses `vocab.json` and `merges.txt`. */
export function parseClipVocabulary(vocabJson: string, mergesText: string): ClipVocabulary {
  const lines = mergesText.split('\n').filter((line) => line !== '' && !line.startsWith('#version'));
  return {
    ids: JSON.parse(vocabJson) as Record<string, number>,
    merges: lines.map((line) => line.split(' ') as [string, string]),
  };
}

const printable = (byte: number) =>
  (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;

/** GPT-2's printable stand-in for each byte: Latin letters and signs for themselves, the others from U+0100 on. */
function byteSymbols(): string[] {
  let next = 256;
  return Array.from({ length: 256 }, (_, b) => String.fromCharCode(printable(b) ? b : next++));
}

/**
 * CLIP's byte-pair encoding: lower case, start and end marked, padded with the end token (as Stable Diffusion 1.x does).
 * @throws Error where the vocabulary lacks a piece that the merges make
 */
export function clipTokenizer({ ids, merges }: ClipVocabulary, maxTokens = 77): Tokenizer {
  const ranks = new Map(merges.map(([a, b], rank) => [`${a} ${b}`, rank]));
  const symbols = byteSymbols();
  const bytes = new TextEncoder();
  const known = new Map<string, number[]>();

  const idsOf = (word: string): number[] => {
    const cached = known.get(word);
    if (cached) return cached;
    const pieces = [...bytes.encode(word)].map((b) => symbols[b]);
    pieces[pieces.length - 1] += WORD_END;
    const found = joined(pieces, ranks).map((piece) => {
      if (ids[piece] === undefined) {
        throw new Error(
          `The vocabulary has no token '${piece}': vocab.json and merges.txt do not belong together.`,
        );
      }
      return ids[piece];
    });
    known.set(word, found);
    return found;
  };

  return {
    maxTokens,
    vocabularySize: Object.keys(ids).length,
    encode(text) {
      const words = text.normalize('NFC').replace(/\s+/g, ' ').trim().toLowerCase().match(PIECES) ?? [];
      const body: number[] = [];
      let kept = 0;
      for (; kept < words.length; kept++) {
        const more = idsOf(words[kept]);
        if (body.length + more.length > maxTokens - 2) break;
        body.push(...more);
      }
      const padding = Array.from({ length: maxTokens - 2 - body.length }, () => ids[END]);
      return { ids: [ids[START], ...body, ids[END], ...padding], unknown: [], dropped: words.slice(kept) };
    },
  };
}

/** Joins neighbours in the order of the merges until none applies. */
function joined(start: readonly string[], ranks: ReadonlyMap<string, number>): string[] {
  let pieces = [...start];
  for (;;) {
    let best = Infinity;
    for (let i = 0; i + 1 < pieces.length; i++) {
      best = Math.min(best, ranks.get(`${pieces[i]} ${pieces[i + 1]}`) ?? Infinity);
    }
    if (best === Infinity) return pieces;
    const next: string[] = [];
    for (let i = 0; i < pieces.length; i++) {
      const isPair = i + 1 < pieces.length && ranks.get(`${pieces[i]} ${pieces[i + 1]}`) === best;
      next.push(isPair ? pieces[i] + pieces[++i] : pieces[i]);
    }
    pieces = next;
  }
}
