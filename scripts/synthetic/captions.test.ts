import { expect, test } from 'vitest';
import { caption, captionsOf, vocabulary, wordsOf } from './captions.ts';
import { sampleAttributes, type Attributes } from './people/attributes.ts';
import { random } from './random.ts';

const person = (seed: number): Attributes => sampleAttributes(random(seed, 'attributes'));

test('every word of every caption is in the vocabulary', () => {
  const known = new Set(vocabulary);
  for (let seed = 0; seed < 1500; seed++) {
    const texts = [
      ...captionsOf(person(seed), random(seed, 'captions')),
      caption(person(seed), random(seed, 'one')),
    ];
    for (const text of texts) expect(wordsOf(text).filter((word) => !known.has(word), text)).toEqual([]);
  }
});

test('a full caption names what one sees', () => {
  const grandfather: Attributes = {
    ...person(1),
    sex: 'male',
    age: 'old',
    hair: 'short',
    hairVisible: true,
    hairColour: 'white',
    beard: 'moustache',
    beardColour: 'white',
    glasses: 'sunglasses',
    frame: 'black',
    headwear: 'none',
    headwearColour: null,
    top: 'turtleneck',
    topColour: 'red',
  };
  for (let seed = 0; seed < 50; seed++) {
    const [full] = captionsOf(grandfather, random(seed, 'captions'));
    expect(full).toMatch(/(old|elderly|senior|grandfather)/);
    expect(full).toMatch(/white (moustache|mustache)/);
    expect(full).toMatch(/(sunglasses|shades)/);
    expect(full).toMatch(/red (turtleneck|jumper|sweater)/);
  }
});

test('articles fit the word that follows', () => {
  for (let seed = 0; seed < 500; seed++) {
    const text = caption(person(seed), random(seed, 'captions'));
    expect(text).not.toMatch(/\ba [aiou]|\ban [^aeiou]/);
  }
});
