import { expect, test } from 'vitest';
import { captionsOf } from './captions.ts';
import { wordsOf } from './captions/vocabulary.ts';
import { heldOut, HELD_OUT, isHeldOut } from './held-out.ts';
import { sampleAttributes } from './people/attributes.ts';
import { random } from './random.ts';

const captions = Array.from({ length: HELD_OUT }, (_, i) => heldOut(i));

test('held-out captions are the same each time, differ, and say at least three things', () => {
  expect(heldOut(7)).toEqual(captions[7]);
  expect(new Set(captions.map(({ text }) => wordsOf(text).join(' '))).size).toBe(HELD_OUT);
  for (const { said } of captions) expect(said.length).toBeGreaterThanOrEqual(3);
});

test('held-out captions are known by their words, whatever the case and punctuation', () => {
  const { text } = captions[3];
  expect(isHeldOut(text)).toBe(true);
  expect(isHeldOut(`${text.toUpperCase()}!`)).toBe(true);
  expect(isHeldOut(`${text} with a monocle`)).toBe(false);
});

test('people of datasets, even of seeds that overlap, have captions of their own', () => {
  for (let i = 0; i < 100; i++) {
    const seed = 1_000_000 + i;
    const attributes = sampleAttributes(random(seed, 'attributes'));
    for (const text of captionsOf(attributes, random(seed, 'captions'))) expect(isHeldOut(text)).toBe(false);
  }
});
