import { compose, framed, STYLES, type Style } from './compose.ts';
import { denial } from './denials.ts';
import { hairMentions, mentionOf, type Key, type Mention, type Role } from './mentions.ts';
import { misspelt, typed, withArticles } from './spelling.ts';
import { subjectOf, type Subject } from './subject.ts';
import { wordsOf } from './vocabulary.ts';
import type { Attributes } from '../people/attributes.ts';
import { pick, weighted, type Random } from '../random.ts';
import { FIRST_PERSON, NEUTRAL_PRONOUNS, PRONOUNS } from '../words/people.ts';
import { FEATURES } from '../words/style.ts';

/** A text, and which of the attributes it states. */
export interface Described {
  text: string;
  said: readonly Key[];
}

/** How much of a person a caption says. */
type Detail = 'full' | 'some' | 'little';

/** Chance that a feature is mentioned; the little ones keep what one sees first. */
const MENTION: Record<Detail, { salient: number; minor: number; none: number }> = {
  full: { salient: 1, minor: 0.6, none: 0.22 },
  some: { salient: 0.7, minor: 0.25, none: 0.16 },
  little: { salient: 0.3, minor: 0.08, none: 0.07 },
};

/** Words that text encoders of the bundled kind have room for, a view's name included. */
export const MAX_WORDS = 40;

/** Share of captions with a feature that changes nothing drawn. */
const FILLED = 0.1;

const SALIENT: readonly Key[] = ['hair', 'beard', 'glasses', 'headwear', 'top'];
const MINOR: readonly Key[] = [
  'ethnicity',
  'skin',
  'build',
  'eyes',
  'lipstick',
  'expression',
  'earrings',
  'necklace',
  'eyeShadow',
];
/** What is mentioned where it is, and hardly ever where it is not. */
const ADORNMENTS: ReadonlySet<Key> = new Set<Key>(['earrings', 'necklace', 'eyeShadow']);
/** Values that go without saying. */
const UNREMARKABLE: ReadonlySet<unknown> = new Set(['none', 'average', 'neutral', null]);

/** What of a person a text of this detail mentions. */
function drawKeys(random: Random, a: Attributes, detail: Detail): Key[] {
  const { salient, minor, none } = MENTION[detail];
  const chanceOf = (key: Key): number => {
    if (ADORNMENTS.has(key) && a[key] === 'none') return none * (a.sex === 'female' ? 0.3 : 0.1);
    if (UNREMARKABLE.has(a[key])) return key === 'beard' && a.sex === 'female' ? 0 : none;
    if (SALIENT.includes(key)) return salient;
    if (key === 'expression') return Math.min(1, minor * 1.6);
    if (key === 'skin') return minor * 0.5;
    if (key === 'eyes') return a.glasses === 'sunglasses' || a.expression === 'closed eyes' ? 0 : minor * 0.8;
    return minor;
  };
  return [...SALIENT, ...MINOR].filter((key) => random() < chanceOf(key));
}

/** Share of phrases of a sentence that are clauses of their own: "whose hair is red". */
const WHOSE = 0.07;

function mentionsOf(random: Random, a: Attributes, keys: readonly Key[], style: Style): Mention[] {
  const roles: readonly Role[] = STYLES[style];
  const denied = denial(
    random,
    a,
    keys.filter((key) => a[key] === 'none'),
    roles,
  );
  const of = (key: Key, among: readonly Role[]) =>
    key === 'hair' ? hairMentions(random, a, among) : [mentionOf(random, a, key, among)];
  const mentions = keys
    .filter((key) => !denied?.says.includes(key))
    .flatMap((key): (Mention | null)[] => {
      if (style !== 'sentence' || random() >= WHOSE) return of(key, roles);
      const whose = of(key, ['clause']).flatMap((mention) =>
        mention?.text.startsWith('{his} ')
          ? [{ ...mention, role: 'is' as const, text: mention.text.replace('{his}', 'whose') }]
          : [],
      );
      return whose.length > 0 ? whose : of(key, roles);
    });
  return [denied, ...mentions].filter((mention) => mention !== null);
}

type Pronouns = Readonly<{ he: string; his: string }>;

/** Phrases that a person who is called `he` may be told by; each pronoun then says the sex. */
function withPronouns(mentions: readonly Mention[], pronouns: Pronouns): Mention[] {
  return mentions
    .filter(({ text }) => Object.values(PRONOUNS).includes(pronouns) || !text.includes('{he}'))
    .map((mention) => ({
      ...mention,
      text: mention.text.replaceAll('{he}', pronouns.he).replaceAll('{his}', pronouns.his),
    }));
}

function describeIn(
  random: Random,
  a: Attributes,
  style: Style,
  detail: Detail,
  maxWords: number,
): Described {
  const named = { full: [0.97, 0.85], some: [0.92, 0.6], little: [0.85, 0.5] }[detail];
  const nameless = style === 'fragment';
  const saysSex = !nameless && random() < named[0];
  const saysAge = !nameless && random() < named[1];
  const keys = drawKeys(random, a, detail);
  if (nameless && keys.length === 0) keys.push(a.hairVisible ? 'hair' : 'top');
  const crowned = a.headwear === 'crown' && keys.includes('headwear');
  const subject = subjectOf(random, a, saysSex, saysAge, crowned);
  // Pronouns tell the sex of somebody who is not called a man or a woman.
  const gendered = saysSex || (style === 'sentences' && random() < 0.4);
  const pronouns = gendered ? PRONOUNS[a.sex] : random() < 0.2 ? FIRST_PERSON : NEUTRAL_PRONOUNS;
  const his = (text: string): string => text.replaceAll('{his}', pronouns.his);
  if (subject.is) subject.is = his(subject.is);
  let mentions = withPronouns(mentionsOf(random, a, keys, style), pronouns);
  if (random() < FILLED) mentions.push({ role: 'has', text: pick(random, FEATURES), says: [] });
  const noun = mentions.find(({ role }) => role === 'noun');
  mentions = mentions.filter(({ role }) => role !== 'noun');
  // "a redhead" takes the place of the subject's own noun, with what that says.
  const who: Subject =
    noun && !subject.says.includes('headwear')
      ? {
          before: saysSex ? [a.sex] : [],
          noun: noun.text,
          is: null,
          says: [...noun.says, ...(saysSex ? (['sex'] as const) : [])],
        }
      : subject;
  for (;;) {
    const text = withArticles(
      framed(random, style, compose(random, style, { subject: who, mentions, ...pronouns })),
    );
    if (wordsOf(text).length <= maxWords || mentions.length === 0) {
      const pronounSaid = gendered && new RegExp(`\\b(${pronouns.he}|${pronouns.his})\\b`).test(text);
      const says = new Set<Key>([
        ...(nameless ? [] : who.says),
        ...(pronounSaid ? (['sex'] as const) : []),
        ...mentions.flatMap((mention) => mention.says),
      ]);
      const spelt = misspelt(random, text);
      return { text: typed(random, spelt), said: [...says] };
    }
    mentions = mentions.toSpliced(Math.floor(random() * mentions.length), 1);
  }
}

/**
 * A description of a person; which attributes it states, and how, is drawn. A stated attribute may be told by a word for several of
 * its values ("a hat"). An attribute whose value is null is never stated.
 * @param maxWords the most words (as `wordsOf` counts) the text may have
 */
export function describe(a: Attributes, random: Random, maxWords = MAX_WORDS): Described {
  const style = weighted<Style>(random, { sentence: 56, keywords: 22, sentences: 14, fragment: 8 });
  const detail = weighted<Detail>(random, { full: 40, some: 35, little: 25 });
  return describeIn(random, a, style, detail, maxWords);
}

/** One natural description of a person. */
export const caption = (attributes: Attributes, random: Random): string => describe(attributes, random).text;

/** Four captions of a person: full, partial, short, and keywords. */
export function captionsOf(a: Attributes, random: Random): string[] {
  const detail = random() < 0.5 ? 'full' : 'some';
  return (
    [
      ['sentence', 'full'],
      ['sentence', 'some'],
      ['sentences', 'little'],
      ['keywords', detail],
    ] as const
  ).map(([style, much]) => describeIn(random, a, style, much, MAX_WORDS).text);
}
