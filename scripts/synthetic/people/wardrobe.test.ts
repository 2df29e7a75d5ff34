import { expect, test } from 'vitest';
import { random } from '../random.ts';
import { sampleAttributes } from './attributes.ts';
import { dyeWardrobe } from './wardrobe.ts';

const people = Array.from({ length: 1500 }, (_, seed) => {
  const before = sampleAttributes(random(seed, 'attributes'));
  return { before, after: dyeWardrobe(random(seed, 'wardrobe'), before) };
});

test('every top has a colour, and striped, dotted and checked ones two different ones', () => {
  for (const { after } of people) {
    expect(after.topColour, after.top).not.toBeNull();
    if (/^(striped|dotted|checked)/.test(after.top)) expect(after.secondColour).not.toBe(after.topColour);
    else expect(after.secondColour).toBeNull();
  }
});

test('only what had no colour is dyed', () => {
  for (const { before, after } of people) {
    if (before.topColour !== null) expect(after.topColour).toBe(before.topColour);
    if (before.headwear !== 'sun hat') expect(after.headwearColour).toBe(before.headwearColour);
    const same = { topColour: null, secondColour: null, headwearColour: null };
    expect({ ...after, ...same }).toEqual({ ...before, ...same });
  }
});

test('natural hair is dark in most, and faded in the old', () => {
  const natural = Array.from({ length: 2000 }, (_, seed) =>
    sampleAttributes(random(seed, 'natural'), 'natural'),
  );
  const share = (of: typeof natural, colours: readonly string[]): number =>
    of.filter(({ hairColour }) => colours.includes(hairColour)).length / of.length;
  expect(share(natural, ['blue', 'pink', 'green', 'purple'])).toBeLessThan(0.04);
  const young = natural.filter(({ age }) => age === 'young');
  expect(share(young, ['black', 'dark brown', 'brown'])).toBeGreaterThan(0.8);
  expect(
    share(
      natural.filter(({ age }) => age === 'old'),
      ['grey', 'white'],
    ),
  ).toBeGreaterThan(0.8);
});
