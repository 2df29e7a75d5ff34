import type { Attributes } from '../synthetic/people/attributes.ts';

/** The sides of a person that are judged. */
export type Side = 'front' | 'back';

/** Whether a trait can be seen from the front, or from the back too. */
export type Seen = 'front' | 'front and back';

/** What the judge tells of a picture: one of several values; attributes that a stranger would not tell apart share one. */
export interface Trait {
  readonly name: string;
  readonly values: readonly string[];
  readonly seen: Seen;
  /** The attributes of which a caption must say one for the trait to be asked for. */
  readonly saidBy: readonly (keyof Attributes)[];
  /** The value a person has; undefined where it cannot be seen. */
  readonly of: (a: Attributes, side: Side) => string | undefined;
}

const BROWNS: ReadonlySet<string> = new Set(['brown', 'dark brown']);
const COVERING: ReadonlySet<string> = new Set(['headscarf']);

export const TRAITS: readonly Trait[] = [
  {
    name: 'hair colour',
    values: ['black', 'brown', 'blonde', 'red', 'grey', 'white', 'blue', 'pink', 'green', 'purple'],
    seen: 'front and back',
    saidBy: ['hairColour'],
    of: (a) =>
      !a.hairVisible || a.hair === 'bald' || a.hair === 'buzz'
        ? undefined
        : BROWNS.has(a.hairColour)
          ? 'brown'
          : a.hairColour,
  },
  {
    name: 'clothes colour',
    values: [
      'white',
      'black',
      'grey',
      'red',
      'blue',
      'light blue',
      'green',
      'yellow',
      'orange',
      'purple',
      'pink',
      'brown',
    ],
    seen: 'front and back',
    saidBy: ['topColour'],
    of: (a) => (a.secondColour === null ? (a.topColour ?? undefined) : undefined),
  },
  {
    name: 'glasses',
    values: ['none', 'glasses', 'sunglasses'],
    seen: 'front',
    saidBy: ['glasses'],
    of: ({ glasses }) => (glasses === 'none' || glasses === 'sunglasses' ? glasses : 'glasses'),
  },
  {
    name: 'hat',
    values: ['none', 'hat'],
    seen: 'front and back',
    saidBy: ['headwear'],
    of: ({ headwear }) => (COVERING.has(headwear) ? undefined : headwear === 'none' ? 'none' : 'hat'),
  },
  {
    name: 'beard',
    values: ['none', 'beard'],
    seen: 'front',
    saidBy: ['beard'],
    // Stubble and a moustache are between the two.
    of: ({ beard }) =>
      beard === 'none' ? 'none' : beard === 'stubble' || beard === 'moustache' ? undefined : 'beard',
  },
  {
    name: 'sex',
    values: ['female', 'male'],
    seen: 'front',
    saidBy: ['sex'],
    of: ({ sex, age }) => (age === 'child' ? undefined : sex),
  },
  {
    name: 'age group',
    values: ['young', 'middle-aged', 'old'],
    seen: 'front',
    saidBy: ['age'],
    of: ({ age }) => (age === 'middle-aged' || age === 'old' ? age : 'young'),
  },
  {
    // Asked of every portrait: there must be no face at the back of a head.
    name: 'side',
    values: ['face', 'back of the head'],
    seen: 'front and back',
    saidBy: [],
    of: (_, side) => (side === 'front' ? 'face' : 'back of the head'),
  },
];

/** The traits' values side by side: where each trait's begin, and how many there are in all. */
export const TRAIT_OFFSETS: readonly number[] = TRAITS.map((_, i) =>
  TRAITS.slice(0, i).reduce((sum, { values }) => sum + values.length, 0),
);
export const TRAIT_COLUMNS = TRAITS.reduce((sum, { values }) => sum + values.length, 0);

/** Within how many degrees of straight on the judge looks at a face, or at the back of a head. */
export const FRONT_DEGREES = 40;

/** The side of a view that the judge looks at; undefined for those between. */
export function judgedSide(azimuth: number): Side | undefined {
  const degrees = Math.abs((azimuth * 180) / Math.PI);
  if (degrees <= FRONT_DEGREES) return 'front';
  return degrees >= 180 - FRONT_DEGREES ? 'back' : undefined;
}
