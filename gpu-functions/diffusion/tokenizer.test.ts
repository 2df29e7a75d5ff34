import { describe, expect, it } from 'vitest';
import { wordTokenizer, wordsOf } from './tokenizer.ts';

const tokenizer = wordTokenizer(['a', 'man', 'with', 'red', 'beard', 'glasses', 't-shirt', 'old', 'blue'], 8);
const id = (word: string) => tokenizer.encode(word).ids[1];

describe('word tokenizer', () => {
  it('pads between start and end to the full length', () => {
    expect(tokenizer.encode('A red Man.').ids).toEqual([1, id('a'), id('red'), id('man'), 2, 0, 0, 0]);
    expect(tokenizer.encode('').ids).toEqual([1, 2, 0, 0, 0, 0, 0, 0]);
  });

  it('names the words it does not know, once each, and leaves them out', () => {
    const { ids, unknown } = tokenizer.encode('a quixotic man with quixotic zebra-stripes');
    expect(unknown).toEqual(['quixotic', 'zebra-stripes']);
    expect(ids.slice(0, 5)).toEqual([1, id('a'), id('man'), id('with'), 2]);
  });

  it('finds words behind plurals, possessives and hyphens', () => {
    expect(tokenizer.encode("beards man's red-blue T-shirts").unknown).toEqual([]);
    expect(tokenizer.encode('red-blue').ids.slice(1, 3)).toEqual([id('red'), id('blue')]);
  });

  it('finds words behind figures: "70yo"', () => {
    const years = wordTokenizer(['70', 'yo', 'man'], 8);
    expect(years.encode('70yo man').ids.slice(0, 5)).toEqual([1, 3, 4, 5, 2]);
  });

  it('says which words did not fit', () => {
    const { ids, dropped } = tokenizer.encode('a old man with a red beard glasses');
    expect(ids).toHaveLength(8);
    expect(ids[7]).toBe(2);
    expect(dropped).toEqual(['beard', 'glasses']);
  });

  it('counts its special tokens', () => {
    expect(tokenizer.vocabularySize).toBe(12);
  });
});

describe('wordsOf', () => {
  it('splits at punctuation but not inside words', () => {
    expect(wordsOf('Old, middle-aged; “man’s” T‑shirt!')).toEqual(['old', 'middle-aged', "man's", 't-shirt']);
  });
});
