import { describe, expect, it } from 'vitest';
import { editDistance, nearestWord } from './nearest-word.ts';

const KNOWN = new Set(['beard', 'glasses', 'hat', 'red', 'blonde', 'turtleneck', 'woman', 'dark']);

/** Levenshtein's recursion as it is defined, with swaps; slow and plain. */
function byDefinition(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length;
  const costs = [
    byDefinition(a.slice(1), b) + 1,
    byDefinition(a, b.slice(1)) + 1,
    byDefinition(a.slice(1), b.slice(1)) + (a[0] === b[0] ? 0 : 1),
  ];
  if (a.length > 1 && b.length > 1 && a[0] === b[1] && a[1] === b[0])
    costs.push(byDefinition(a.slice(2), b.slice(2)) + 1);
  return Math.min(...costs);
}

describe('edit distance', () => {
  it.each([
    ['beard', 'beard', 0],
    ['baerd', 'beard', 1],
    ['berd', 'beard', 1],
    ['bearrd', 'beard', 1],
    ['kitten', 'sitting', 3],
    ['', 'abc', 3],
  ])('%s → %s is %i', (a, b, distance) => expect(editDistance(a, b)).toBe(distance));

  it('agrees with the definition', () => {
    const letters = ['a', 'b', 'c'];
    const words = letters.flatMap((x) => letters.flatMap((y) => letters.map((z) => x + y + z)));
    for (const a of words.slice(0, 9))
      for (const b of words) expect(editDistance(a, `${b}a`)).toBe(byDefinition(a, `${b}a`));
  });

  it('gives up above its limit', () => {
    expect(editDistance('beard', 'turtleneck', 2)).toBeGreaterThan(2);
    expect(editDistance('abcdef', 'uvwxyz', 2)).toBeGreaterThan(2);
  });
});

describe('the nearest word', () => {
  it.each([
    ['baerd', 'beard'],
    ['turtelnek', 'turtleneck'],
    ['glases', 'glasses'],
    ['blodne', 'blonde'],
  ])('by spelling: %s → %s', (word, nearest) => expect(nearestWord(word, KNOWN)).toBe(nearest));

  it.each([
    ['monocle', 'glasses'],
    ['helmets', 'hat'],
    ['mermaid', 'woman'],
  ])('by meaning: %s → %s', (word, nearest) => expect(nearestWord(word, KNOWN)).toBe(nearest));

  it.each(['alte', 'shining'])('is not a short word that only looks alike: %s', (word) =>
    expect(nearestWord(word, new Set(['late', 'showing']))).toBeNull(),
  );

  it('is none where nothing is near, and never one that is not known', () => {
    expect(nearestWord('zorgle', KNOWN)).toBeNull();
    expect(nearestWord('xyz', KNOWN)).toBeNull();
    expect(nearestWord('monocle', new Set(['beard']))).toBeNull();
  });
});
