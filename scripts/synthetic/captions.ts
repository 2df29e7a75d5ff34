import type { Attributes } from './people/attributes.ts';
import { pick, type Random } from './random.ts';
import * as words from './words.ts';

/** How much of a person a caption says. */
type Detail = 'full' | 'some' | 'little';

/** Chance that a feature is mentioned; the little ones keep what one sees first. */
const MENTION: Record<Detail, { salient: number; minor: number }> = {
  full: { salient: 1, minor: 0.75 },
  some: { salient: 0.75, minor: 0.3 },
  little: { salient: 0.35, minor: 0.08 },
};

interface Features {
  adjectives: string[];
  person: string;
  expression: string | null;
  has: string[];
  wears: string[];
  top: string | null;
}

const fill = (phrase: string, colour: string, second = ''): string =>
  phrase.replace('{c}', colour).replace('{d}', second);

/** Words of one caption, chosen anew for each. */
function choose(random: Random, a: Attributes, detail: Detail): Features {
  const salient = (): boolean => random() < MENTION[detail].salient;
  const minor = (): boolean => random() < MENTION[detail].minor;
  const colourOfHair = pick(random, words.HAIR_COLOURS[a.hairColour]);
  const bald = a.hairVisible && a.hair === 'bald';
  const has: string[] = [];
  const adjectives: string[] = [];
  if (bald && salient()) {
    if (random() < 0.6) adjectives.push(...words.BALD_ADJECTIVE);
    else has.push(pick(random, words.BALD));
  }
  if (words.BUILDS[a.build].length > 0 && minor()) adjectives.unshift(pick(random, words.BUILDS[a.build]));
  if (minor() || (detail === 'some' && random() < 0.3))
    adjectives.push(pick(random, words.ETHNICITIES[a.ethnicity]));
  if (a.hairVisible && a.hair !== 'bald' && salient()) {
    const styles = random() < 0.25 ? words.ANY_HAIR : words.HAIR_STYLES[a.hair];
    has.push(fill(pick(random, styles), colourOfHair));
  }
  if (a.beard !== 'none' && a.beardColour !== null && salient()) {
    // The colour is said once more often than not if hair and beard share it.
    const colour =
      a.beardColour === a.hairColour ? colourOfHair : pick(random, words.HAIR_COLOURS[a.beardColour]);
    if (a.beard === 'full' && random() < 0.12) adjectives.push(...words.BEARDED);
    else has.push(fill(pick(random, words.BEARDS[a.beard]), colour));
  }
  const eyesVisible = a.glasses !== 'sunglasses' && a.expression !== 'closed eyes';
  if (eyesVisible && minor() && random() < (a.eyes === 'brown' ? 0.35 : 0.8))
    has.push(pick(random, words.EYES[a.eyes]));
  if (minor() && random() < 0.5) has.push(pick(random, words.SKIN_TONES[a.skin]));
  if (a.lipstick && minor()) has.push(pick(random, words.LIPSTICK[a.lipstick]));
  const wears: string[] = [];
  if (a.glasses !== 'none' && a.frame !== null && salient()) {
    wears.push(fill(pick(random, words.GLASSES[a.glasses]), pick(random, words.FRAMES[a.frame])));
  }
  if (a.headwear !== 'none' && salient()) {
    const colour = a.headwearColour ? pick(random, words.FABRICS[a.headwearColour]) : '';
    wears.push(fill(pick(random, words.HEADWEAR[a.headwear]), colour));
  }
  const colour = a.topColour ? pick(random, words.FABRICS[a.topColour]) : '';
  const second = a.secondColour ? pick(random, words.FABRICS[a.secondColour]) : '';
  const top = fill(pick(random, words.TOPS[a.top]), colour, second);
  let expression: string | null = null;
  if (a.expression !== 'neutral' && (detail === 'full' || minor())) {
    expression = pick(random, words.EXPRESSIONS[a.expression]);
    if (expression.startsWith('with ')) {
      has.push(expression.slice(5));
      expression = null;
    }
  }
  return {
    adjectives,
    person: pick(random, words.PEOPLE[a.sex][a.age]),
    expression,
    has,
    wears,
    top: salient() && a.headwear !== 'headscarf' ? top : null,
  };
}

const list = (items: readonly string[]): string =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items[items.length - 1]}`;

function shuffle(random: Random, items: string[]): string[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [items[i], items[j]] = [items[j], items[i]];
  }
  return items;
}

/** Ethnicity and baldness go between the age and the noun: "an old bald black man". */
function subject({ adjectives, person, expression }: Features): string {
  const [, age, noun] = /^((?:old|elderly|senior|young|little|middle-aged|teenage|male|female) )?(.*)$/.exec(
    person,
  )!;
  const phrase = [age?.trim(), ...adjectives, noun].filter(Boolean).join(' ');
  return `a ${phrase}${expression ? ` ${expression}` : ''}`;
}

/** "an old man with a white beard, wearing glasses and a red turtleneck" and its variations. */
function sentence(random: Random, features: Features): string {
  const { top } = features;
  const has = shuffle(random, features.has);
  const wears = shuffle(random, features.wears);
  const who = pick(random, words.OPENINGS) + subject(features);
  if (top && wears.length === 0 && random() < 0.5) {
    return has.length === 0
      ? `${who} in ${top}`
      : random() < 0.5
        ? `${who} with ${list(has)}, in ${top}`
        : `${who} in ${top}, with ${list(has)}`;
  }
  if (has.length > 0 && wears.length > 0 && random() < 0.3) {
    const all = shuffle(random, [...has, ...wears]);
    return `${who} with ${list(all)}${top ? `, ${random() < 0.5 ? 'wearing' : 'in'} ${top}` : ''}`;
  }
  const worn = top ? (random() < 0.3 ? [top, ...wears] : [...wears, top]) : wears;
  if (has.length === 0) return worn.length === 0 ? who : `${who} wearing ${list(worn)}`;
  if (worn.length === 0) return `${who} with ${list(has)}`;
  return random() < 0.8
    ? `${who} with ${list(has)}, wearing ${list(worn)}`
    : `${who} wearing ${list(worn)}, with ${list(has)}`;
}

/** Keywords as people type them: "old man, white beard, red turtleneck". */
function keywords(random: Random, features: Features): string {
  const { has, wears, top, expression } = features;
  const rest = shuffle(random, [
    ...has,
    ...wears,
    ...(top ? [top] : []),
    ...(expression ? [expression] : []),
  ]);
  return [subject({ ...features, expression: null }), ...rest]
    .map((phrase) => phrase.replace(/^an? /, ''))
    .join(', ');
}

const withArticles = (text: string): string =>
  text.replace(/\ba (?=[aeiou])/g, 'an ').replace(/\ban (?=european)/g, 'a ');

/** One natural description of a person; which features it says, and how, is drawn. */
export function caption(attributes: Attributes, random: Random): string {
  const r = random();
  const detail: Detail = r < 0.4 ? 'full' : r < 0.75 ? 'some' : 'little';
  const features = choose(random, attributes, detail);
  return withArticles(random() < 0.12 ? keywords(random, features) : sentence(random, features));
}

/** Four captions of a person: full, partial, short, and keywords. */
export function captionsOf(attributes: Attributes, random: Random): string[] {
  return [
    sentence(random, choose(random, attributes, 'full')),
    sentence(random, choose(random, attributes, 'some')),
    sentence(random, choose(random, attributes, 'little')),
    keywords(random, choose(random, attributes, random() < 0.5 ? 'full' : 'some')),
  ].map(withArticles);
}

/** The words of a caption, as `vocabulary` lists them. */
export const wordsOf = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);

const phrases = (value: unknown): string[] =>
  typeof value === 'string'
    ? [value]
    : value && typeof value === 'object'
      ? Object.values(value).flatMap(phrases)
      : [];

/** Every word a caption can contain, sorted. */
export const vocabulary: readonly string[] = [
  ...new Set(phrases({ ...words }).flatMap((phrase) => wordsOf(phrase.replace(/\{[cd]\}/g, ' ')))),
].toSorted();
