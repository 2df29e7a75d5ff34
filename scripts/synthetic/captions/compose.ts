import { pick, type Random } from '../random.ts';
import { ADJECTIVES, BACKDROP_COLOURS, BACKDROPS, OPENINGS, TAILS } from '../words/style.ts';
import type { Mention, Role } from './mentions.ts';
import type { Subject } from './subject.ts';

/** How a caption is built, and the places it has for phrases. */
export const STYLES = {
  /** "an old man with a white beard, wearing a red turtleneck" */
  sentence: ['before', 'has', 'wears', 'is', 'noun'],
  /** "old man, white beard, red turtleneck" */
  keywords: ['before', 'has', 'wears', 'is', 'noun'],
  /** "He is an old man. His beard is white. He wears a red turtleneck." */
  sentences: ['before', 'has', 'wears', 'is', 'noun', 'clause'],
  /** "white beard and a red turtleneck" */
  fragment: ['before', 'has', 'wears'],
} as const satisfies Record<string, readonly Role[]>;
export type Style = keyof typeof STYLES;

/** What a caption is made of. */
export interface Content {
  subject: Subject;
  mentions: readonly Mention[];
  /** Pronouns, of the person's sex or neutral. */
  he: string;
  his: string;
}

const texts = (mentions: readonly Mention[], role: Role): string[] =>
  mentions.filter((mention) => mention.role === role).map(({ text }) => text);

/** The items in an order drawn anew. */
export function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const all = [...items];
  for (let i = all.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [all[i], all[j]] = [all[j], all[i]];
  }
  return all;
}

/** "a, b and c", or joined otherwise. */
function list(random: Random, items: readonly string[]): string {
  if (items.length < 2) return items.join('');
  const r = random();
  if (r < 0.1) return items.join(' and ');
  if (r < 0.16) return items.join(', ');
  const denied = /^(no|not|without) /.test(items[items.length - 1]) && random() < 0.5;
  const last = denied ? ' but ' : pick(random, [' and ', ' and ', ' and ', ', and ', ' & ', ' plus ']);
  return `${items.slice(0, -1).join(', ')}${last}${items[items.length - 1]}`;
}

/** "an old bald black man in his sixties": age, other adjectives, noun, what follows it. */
function nounPhrase(random: Random, { subject, mentions }: Content, article = true): string {
  const shuffledMentions = shuffled(random, mentions);
  // The origin stands next to the noun: in "a white bearded man" it would be the beard's colour.
  const before = [false, true].flatMap((origin) =>
    texts(
      shuffledMentions.filter(({ says }) => says.includes('ethnicity') === origin),
      'before',
    ),
  );
  if (random() < 0.1) before.unshift(pick(random, ADJECTIVES));
  const adjectives =
    random() < 0.85
      ? [...subject.before, ...before]
      : [...before.slice(0, 1), ...subject.before, ...before.slice(1)];
  const joined = adjectives.length > 1 && random() < 0.08 ? adjectives.join(', ') : adjectives.join(' ');
  const phrase = [joined, subject.noun, subject.is].filter(Boolean).join(' ');
  if (!article) return phrase;
  const r = random();
  return r < 0.86
    ? `a ${phrase}`
    : r < 0.9
      ? phrase
      : `${pick(random, ['the', 'one', 'this', 'my', 'my', 'our'])} ${phrase}`;
}

const withVerbs = ['with', 'with', 'with', 'with', 'with', 'having', 'who has', 'that has', 'featuring'];
const wearVerbs = [
  'wearing',
  'wearing',
  'wearing',
  'wearing',
  'in',
  'with',
  'who wears',
  'who is wearing',
  'dressed in',
  'sporting',
  'and',
];

function sentence(random: Random, content: Content): string {
  const { mentions } = content;
  const has = shuffled(random, texts(mentions, 'has'));
  const wears = shuffled(random, texts(mentions, 'wears'));
  const after = shuffled(random, texts(mentions, 'is'));
  const parts: string[] = [];
  const own = random() < 0.05 ? `${content.his} ` : null;
  // "with his red hat"
  const owned = (items: string[]) => (own ? items.map((item) => item.replace(/^an? /, own)) : items);
  if (has.length > 0 && wears.length > 0 && random() < 0.2) {
    parts.push(`with ${list(random, owned(shuffled(random, [...has, ...wears])))}`);
  } else {
    if (has.length > 0) parts.push(`${pick(random, withVerbs)} ${list(random, owned(has))}`);
    if (wears.length > 0) parts.push(`${pick(random, wearVerbs)} ${list(random, owned(wears))}`);
  }
  const place = random();
  const ordered = random() < 0.8 ? parts : parts.toReversed();
  const rest = place < 0.6 ? [...after, ...ordered] : [...ordered, ...after];
  const separator = pick(random, [', ', ', ', ' ', ' and ']);
  // "wearing a red hat, an old man with a beard"
  const first = rest.length > 1 && random() < 0.05 ? `${rest.shift()}, ` : '';
  const body = [first + nounPhrase(random, content), rest.shift()]
    .filter(Boolean)
    .join(random() < 0.9 ? ' ' : ', ');
  return [body, ...rest].join(separator);
}

function sentences(random: Random, content: Content): string {
  const { mentions, he } = content;
  const plural = he === 'they' || he === 'i';
  const [is, has, wears] =
    he === 'i' ? ['am', 'have', 'wear'] : plural ? ['are', 'have', 'wear'] : ['is', 'has', 'wears'];
  const facts: string[] = [];
  const group = (items: readonly string[], verb: string) => {
    if (items.length > 1 && random() < 0.5) facts.push(`${he} ${verb} ${list(random, items)}`);
    else for (const item of items) facts.push(`${he} ${verb} ${item}`);
  };
  group(texts(mentions, 'has'), has);
  group(texts(mentions, 'wears'), random() < 0.8 ? wears : `${is} wearing`);
  for (const item of texts(mentions, 'is')) {
    facts.push(
      /^(who|whose) /.test(item)
        ? item.replace(/^who/, plural ? 'one who' : 'someone who')
        : `${he} ${is} ${item}`,
    );
  }
  facts.push(...texts(mentions, 'clause'));
  const who = nounPhrase(random, content);
  const first = random() < 0.5 ? who : `${he} ${is} ${who}`;
  const separator = pick(random, ['. ', '. ', '. ', '; ', ', ', ' and ']);
  return [first, ...shuffled(random, facts)].join(separator);
}

/** Words without the noun they belong to, in any order. */
function keywords(random: Random, content: Content, style: 'keywords' | 'fragment'): string {
  const { mentions } = content;
  const rest = shuffled(
    random,
    (['has', 'wears', 'is'] as const).flatMap((role) => texts(mentions, role)),
  ).map((text) => (random() < 0.85 ? text.replace(/^an? /, '') : text));
  if (style === 'fragment') {
    return list(random, shuffled(random, [...texts(mentions, 'before'), ...rest]));
  }
  const apart = random() < 0.4;
  const who = apart
    ? nounPhrase(random, { ...content, mentions: [] }, false)
    : nounPhrase(random, content, false);
  const all = [...(apart ? texts(mentions, 'before') : []), ...rest];
  const separator = pick(random, [', ', ', ', ', ', ', ', ' ', '; ', ' / ', ' + ', ' | ', ',']);
  return (random() < 0.8 ? [who, ...all] : shuffled(random, [who, ...all])).join(separator);
}

/** A caption without its opening and tail. */
export function compose(random: Random, style: Style, content: Content): string {
  if (style === 'sentence') return sentence(random, content);
  if (style === 'sentences') return sentences(random, content);
  return keywords(random, content, style);
}

/** A text that says nothing of a person: orders of the trade, and a colour of nothing that is known. */
export function nothingSaid(random: Random): string {
  const colour = pick(random, BACKDROP_COLOURS);
  const thing = pick(random, ['', '', colour, `a ${colour}`, `a ${pick(random, ADJECTIVES)} ${colour}`]);
  return framed(random, 'sentence', thing).replace(/^[, ]+/, '');
}

const backdrop = (random: Random): string =>
  pick(random, BACKDROPS).replace('{c}', pick(random, BACKDROP_COLOURS));

/** Orders of the trade, the fewer the likelier. */
const orders = (random: Random): string[] =>
  Array.from({ length: 1 + Math.floor(random() * random() * 6) }, () => pick(random, TAILS));

/**
 * An opening before and orders of the trade behind, or all of them before, and what is behind the person: "4k, a photo of …, highly detailed,
 * red background".
 */
export function framed(random: Random, style: Style, text: string): string {
  const opened = style !== 'fragment' && random() < 0.35 ? `${pick(random, OPENINGS)} ${text}` : text;
  const r = random();
  const [head, tail] = r < 0.06 ? [orders(random), []] : r < 0.22 ? [[], orders(random)] : [[], []];
  if (random() < 0.07) {
    const behind = backdrop(random);
    if (random() < 0.4) return [...head, `${opened} ${behind}`, ...tail].join(', ');
    (random() < 0.8 ? tail : head).unshift(behind);
  }
  return [...head, opened, ...tail].join(', ');
}
