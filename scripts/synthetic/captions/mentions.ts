import type { Attributes } from '../people/attributes.ts';
import { pick, weighted, type Random } from '../random.ts';
import * as colours from '../words/colours.ts';
import { GLASSES, EXPRESSIONS, EYES, LIPSTICK, SKIN_TONES } from '../words/face.ts';
import { EARRINGS, EYE_SHADOWS, NECKLACES } from '../words/adornments.ts';
import { HEADWEAR, TOPS } from '../words/clothes.ts';
import { ANY_HAIR, BEARDS, HAIR_ADJECTIVES, HAIR_NOUNS, HAIR_STYLES } from '../words/hair.ts';
import { ETHNICITIES } from '../words/origins.ts';
import { BUILDS } from '../words/people.ts';
import type { Sayings } from '../words/phrases.ts';

export type Key = keyof Attributes;
export type Role = keyof Sayings;

/** A phrase and what it says. Pronouns are not filled in yet. */
export interface Mention {
  role: Role;
  text: string;
  says: readonly Key[];
}

/** Names of the colours that phrases may be filled with. */
interface Filling {
  key: Key;
  names: readonly string[];
}

/** How often each place in a sentence is taken where an attribute has phrases for it. */
const ROLES: Record<Role, number> = { before: 3, has: 10, wears: 10, is: 3, noun: 1, clause: 6 };

const isFilled = (text: string, c: Filling | null, d: Filling | null): boolean =>
  (c !== null || !text.includes('{c}')) && (d !== null || !text.includes('{d}'));

/** What would be left without its colour says nothing. */
const PLAIN_IS_NOTHING = /^(a )?\{c\} (hair|locks|clothes|clothing|strands|outfit|garment|top)$|\bin \{c\}/;

/** Share of phrases whose colour is left out: "a fedora" says no colour. */
const PLAIN = 0.12;

/** Share of phrases whose colour comes behind what has it. */
const BEHIND = 0.05;

/** "a {c} hat" as "a hat that is {c}". */
const colourBehind = (random: Random, phrase: string): string =>
  phrase.replace(
    /^(an? |)\{c\} ([^{}]+)$/,
    `$1$2 ${pick(random, ['that is {c}', 'that is {c}', 'in {c}', 'which is {c}', 'of {c} colour', 'coloured {c}'])}`,
  );

/** A phrase for a value in one of the roles; null where there is none. */
export function mention(
  random: Random,
  key: Key,
  sayings: Sayings,
  roles: readonly Role[],
  first: Filling | null = null,
  second: Filling | null = null,
  colourOnly = false,
): Mention | null {
  const weights: Partial<Record<Role, number>> = {};
  for (const role of roles) if (sayings[role]?.length) weights[role] = ROLES[role];
  if (Object.keys(weights).length === 0) return null;
  const role = weighted(random, weights);
  const phrase = pick(
    random,
    sayings[role]!.filter((text) => isFilled(text, first, second)),
  );
  if (phrase === undefined) return null;
  const says: Key[] = [key];
  // Where the colour is all that a phrase says, it stays.
  const plain =
    !colourOnly &&
    key !== 'lipstick' &&
    random() < PLAIN &&
    !phrase.includes('{d}') &&
    phrase.includes('{c} ') &&
    !PLAIN_IS_NOTHING.test(phrase);
  let text = plain
    ? phrase.replace('{c} ', '')
    : first && random() < BEHIND
      ? colourBehind(random, phrase)
      : phrase;
  for (const [slot, filling] of [
    ['{c}', first],
    ['{d}', second],
  ] as const) {
    if (!filling || !text.includes(slot)) continue;
    says.push(filling.key);
    text = text.replace(slot, pick(random, filling.names));
  }
  return { role, text, says };
}

const fabric = (a: Attributes, key: 'headwearColour' | 'topColour' | 'secondColour'): Filling | null =>
  a[key] && { key, names: colours.FABRICS[a[key]] };

/** Phrases about the hair: its style, its colour, or both. */
export function hairMentions(random: Random, a: Attributes, roles: readonly Role[]): (Mention | null)[] {
  if (!a.hairVisible) return [];
  if (a.hair === 'bald') return [mention(random, 'hair', HAIR_STYLES.bald, roles)];
  const colour: Filling = { key: 'hairColour', names: colours.HAIR_COLOURS[a.hairColour] };
  const styleAlone = () => {
    const style = Object.entries(HAIR_STYLES[a.hair]).map(([role, phrases]) => [
      role,
      phrases.filter((text: string) => !text.includes('{c}')),
    ]);
    return mention(random, 'hair', Object.fromEntries(style) as Sayings, roles);
  };
  const r = random();
  if (r < 0.25) {
    const own = { before: HAIR_ADJECTIVES[a.hairColour], noun: HAIR_NOUNS[a.hairColour] };
    const said = r < 0.12 ? mention(random, 'hairColour', own, roles) : null;
    if (said) return [said, random() < 0.4 ? styleAlone() : null];
    const any = mention(random, 'hairColour', ANY_HAIR, roles, colour, null, true);
    return [any && { ...any, says: ['hairColour'] }];
  }
  return [mention(random, 'hair', HAIR_STYLES[a.hair], roles, colour)];
}

/** A phrase about one of the other attributes. */
export function mentionOf(random: Random, a: Attributes, key: Key, roles: readonly Role[]): Mention | null {
  switch (key) {
    case 'ethnicity':
      return mention(
        random,
        key,
        ETHNICITIES[a.ethnicity],
        random() < 0.85 ? roles.filter((role) => role === 'before') : roles,
      );
    case 'skin':
      return mention(random, key, SKIN_TONES[a.skin], roles);
    case 'build':
      return mention(random, key, BUILDS[a.build], roles);
    case 'eyes':
      return mention(random, key, EYES[a.eyes], roles);
    case 'expression':
      return mention(random, key, EXPRESSIONS[a.expression], roles);
    case 'beard':
      return mention(
        random,
        key,
        BEARDS[a.beard],
        roles,
        a.beardColour && { key: 'beardColour', names: colours.HAIR_COLOURS[a.beardColour] },
      );
    case 'glasses':
      return mention(
        random,
        key,
        GLASSES[a.glasses],
        roles,
        a.frame && { key: 'frame', names: colours.FRAME_COLOURS[a.frame] },
      );
    case 'headwear':
      return mention(random, key, HEADWEAR[a.headwear], roles, fabric(a, 'headwearColour'));
    case 'lipstick':
      return (
        a.lipstick &&
        mention(random, key, LIPSTICK[a.lipstick], roles, {
          key: 'lipstick',
          names: colours.LIP_COLOURS[a.lipstick],
        })
      );
    case 'earrings':
      return mention(random, key, EARRINGS[a.earrings], roles);
    case 'necklace':
      return mention(random, key, NECKLACES[a.necklace], roles);
    case 'eyeShadow':
      return mention(random, key, EYE_SHADOWS[a.eyeShadow], roles);
    case 'top':
      return mention(random, key, TOPS[a.top], roles, fabric(a, 'topColour'), fabric(a, 'secondColour'));
    default:
      return null;
  }
}
