import type { Age, Attributes, Sex } from '../people/attributes.ts';
import { between, pick, type Random } from '../random.ts';
import {
  ADULTS,
  AGED_NOUNS,
  AGES,
  AGE_NOUNS,
  ANYBODY,
  CROWNED,
  PROFESSIONS,
  SEXED_PROFESSIONS,
  SEX_ADJECTIVES,
  YEARS,
} from '../words/people.ts';
import type { Key } from './mentions.ts';

/** Who is described: "old", "man", "in {his} sixties", and which attributes that says. */
export interface Subject {
  before: string[];
  noun: string;
  is: string | null;
  says: Key[];
}

const UNITS = ['', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
const TENS = ['', '', 'twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];
/** The words of numbers from 20 to 99. */
export const numberWords = (n: number): string =>
  [TENS[Math.floor(n / 10)], UNITS[n % 10]].filter(Boolean).join('-');

const withYears = (random: Random, age: Age, text: string): string => {
  const n = Math.floor(between(random, YEARS[age][0], YEARS[age][1] + 1));
  return text.replace('{n}', String(n)).replace('{N}', numberWords(n));
};

/** A noun that says the sex; of children it says the age as well. */
const sexNoun = (random: Random, sex: Sex, age: Age): string =>
  age === 'child' || age === 'teen' ? (sex === 'male' ? 'boy' : 'girl') : pick(random, ADULTS[sex]);

/** Draws how a person is called, and whether that says sex and age. */
export function subjectOf(
  random: Random,
  a: Attributes,
  saysSex: boolean,
  saysAge: boolean,
  wearsCrown: boolean,
): Subject {
  const { sex, age } = a;
  const adult = age !== 'child' && age !== 'teen';
  const says: Key[] = [...(saysSex ? (['sex'] as const) : []), ...(saysAge ? (['age'] as const) : [])];
  const before: string[] = [];
  let is: string | null = null;
  const sayAge = () => {
    if (random() < 0.6) before.push(withYears(random, age, pick(random, AGES[age].before!)));
    else is = withYears(random, age, pick(random, AGES[age].is!));
  };
  const r = random();
  if (wearsCrown && saysSex && r < 0.2) {
    if (saysAge) sayAge();
    return { before, noun: pick(random, CROWNED[sex].noun!), is, says: [...says, 'headwear'] };
  }
  if (adult && r > 0.95) {
    if (saysAge) sayAge();
    if (saysSex && random() < 0.3) return { before, noun: pick(random, SEXED_PROFESSIONS[sex]), is, says };
    if (saysSex) before.push(pick(random, SEX_ADJECTIVES[sex]));
    return { before, noun: pick(random, PROFESSIONS), is, says };
  }
  if (saysSex && saysAge) {
    if (r < (adult ? 0.3 : 0.6)) return { before, noun: pick(random, AGED_NOUNS[sex][age]), is, says };
    sayAge();
    return { before, noun: sexNoun(random, sex, age), is, says };
  }
  if (saysSex) {
    if (adult && r < 0.9) return { before, noun: pick(random, ADULTS[sex]), is, says };
    return { before: [pick(random, SEX_ADJECTIVES[sex])], noun: pick(random, ANYBODY), is, says };
  }
  if (saysAge && r < 0.5) return { before, noun: pick(random, AGE_NOUNS[age]), is, says };
  if (saysAge) sayAge();
  return { before, noun: pick(random, ANYBODY), is, says };
}
