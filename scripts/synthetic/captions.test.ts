import { describe as suite, expect, test } from 'vitest';
import { caption, captionsOf, describe, sampleDescribed, vocabulary, wordsOf } from './captions.ts';
import { sampleAttributes, type Attributes } from './people/attributes.ts';
import { random } from './random.ts';

const person = (seed: number): Attributes => sampleAttributes(random(seed, 'attributes'));

const GRANDFATHER: Attributes = {
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

/** Descriptions of one person in which the pattern occurs. */
function descriptions(a: Attributes, pattern: RegExp) {
  const next = random(3, 'descriptions');
  const all = Array.from({ length: 3000 }, () => describe(a, next));
  const found = all.filter(({ text }) => pattern.test(text.toLowerCase()));
  expect(found.length).toBeGreaterThan(3);
  return found;
}

suite('vocabulary', () => {
  test('has at least 1,500 words', () => {
    expect(vocabulary.length).toBeGreaterThan(1500);
    expect(new Set(vocabulary).size).toBe(vocabulary.length);
  });

  test('has every word of every caption', () => {
    const known = new Set(vocabulary);
    const next = random(1, 'described');
    for (let seed = 0; seed < 300; seed++) {
      const texts = [
        ...captionsOf(person(seed), random(seed, 'captions')),
        caption(person(seed), random(seed, 'one')),
        sampleDescribed(next).text,
      ];
      expect(texts.flatMap(wordsOf).filter((word) => !known.has(word))).toEqual([]);
    }
  });

  test('splits compounds, and keeps those that mean something else apart', () => {
    expect(wordsOf('A blue-eyed, 60-year-old Man in a T-shirt.')).toEqual([
      'a',
      'blue',
      'eyed',
      '60',
      'year',
      'old',
      'man',
      'in',
      'a',
      't-shirt',
    ]);
  });
});

suite('captions', () => {
  test('the full one names what one sees', () => {
    for (let seed = 0; seed < 50; seed++) {
      const [full] = captionsOf(GRANDFATHER, random(seed, 'captions'));
      expect(wordsOf(full).length).toBeGreaterThan(5);
    }
  });

  test('follow from the seed alone', () => {
    expect(captionsOf(person(5), random(5, 'captions'))).toEqual(
      captionsOf(person(5), random(5, 'captions')),
    );
  });

  test('articles fit the word that follows', () => {
    for (let seed = 0; seed < 500; seed++) {
      const text = caption(person(seed), random(seed, 'captions')).toLowerCase();
      expect(text).not.toMatch(/\ba ([aio]|e(?!uropean))|\ban [^aeiou8 1]/);
    }
  });

  test('leave no placeholder, and fit the words allowed', () => {
    const next = random(2, 'placeholders');
    for (let i = 0; i < 1000; i++) {
      const { text } = sampleDescribed(next, 20);
      expect(text).not.toMatch(/[{}]|undefined|null/);
      expect(wordsOf(text).length).toBeLessThanOrEqual(20);
    }
  });
});

suite('what a description says', () => {
  test('stated attributes have a value', () => {
    const next = random(4, 'values');
    for (let i = 0; i < 1000; i++) {
      const { attributes, said } = sampleDescribed(next);
      expect(said.filter((key) => attributes[key] === null)).toEqual([]);
    }
  });

  test('a plain noun says the sex but not the age', () => {
    for (const age of ['young', 'middle-aged', 'old'] as const) {
      for (const { said } of descriptions(
        { ...GRANDFATHER, age },
        /^(a |the )?(man|guy|gentleman|fellow|chap|bloke|dude)( wearing|$)/,
      )) {
        expect(said).toContain('sex');
        expect(said).not.toContain('age');
      }
    }
  });

  test('years say the age', () => {
    for (const { said } of descriptions(GRANDFATHER, /\b(aged \d\d|[6-9]\d-year-old|sixties)/))
      expect(said).toContain('age');
  });

  test('a pronoun says the sex', () => {
    for (const { said } of descriptions(GRANDFATHER, /\b(he|his)\b/)) expect(said).toContain('sex');
  });

  test('a colour is said only where it is named', () => {
    const beard = { ...GRANDFATHER, beard: 'full', glasses: 'none', frame: null } as const;
    for (const { said } of descriptions(
      beard,
      /(?<!white|snowy|milky|chalk|bright|pure|milk|and|snow)[ ,]bearded/,
    ))
      expect(said).toContain('beard');
    for (const { text, said } of descriptions(beard, /beard/)) {
      if (!said.includes('beardColour')) expect(text.toLowerCase()).not.toMatch(/white beard/);
      else expect(said).toContain('beard');
    }
    for (const { said } of descriptions(
      { ...GRANDFATHER, glasses: 'round', frame: 'gold' },
      /bespectacled/,
    )) {
      expect(said).toContain('glasses');
      expect(said).not.toContain('frame');
    }
  });

  test('stripes say both colours', () => {
    const striped = {
      ...GRANDFATHER,
      top: 'striped t-shirt',
      topColour: 'black',
      secondColour: 'white',
    } as const;
    for (const { said } of descriptions(striped, /black and white striped t-shirt/))
      expect(said).toEqual(expect.arrayContaining(['top', 'topColour', 'secondColour']));
  });

  test('that there is none is said, too', () => {
    const shaven = {
      ...GRANDFATHER,
      beard: 'none',
      beardColour: null,
      glasses: 'none',
      frame: null,
    } as const;
    for (const { said } of descriptions(shaven, /clean-shaven/)) expect(said).toContain('beard');
    for (const { said } of descriptions(shaven, /without glasses|no glasses/))
      expect(said).toContain('glasses');
    for (const { said } of descriptions(shaven, /hatless|no hat\b/)) expect(said).toContain('headwear');
  });

  test('bald says the hair and not its colour; hidden hair is not said', () => {
    for (const { said } of descriptions({ ...GRANDFATHER, hair: 'bald' }, /bald/)) {
      expect(said).toContain('hair');
      expect(said).not.toContain('hairColour');
    }
    const veiled = {
      ...GRANDFATHER,
      sex: 'female',
      beard: 'none',
      headwear: 'headscarf',
      hairVisible: false,
    } as const;
    for (const { said } of descriptions(veiled, /hijab/)) {
      expect(said).toContain('headwear');
      expect(said).not.toContain('hair');
      expect(said).not.toContain('hairColour');
    }
  });
});
