import { slotStates, viewName } from '../../gpu-functions/diffusion/index.ts';
import type { Implied, Slot } from '../../gpu-functions/diffusion/index.ts';
import { hostTensor } from '../../gpu-functions/graph/index.ts';
import type { HostTensor } from '../../gpu-functions/graph/index.ts';
import type { Random } from '../../gpu-functions/nn/index.ts';
import type { Attributes } from '../synthetic/people/attributes.ts';
import { HAIR_COVERING } from '../synthetic/people/adornment.ts';
import { VALUES as ATTRIBUTE_VALUES } from '../synthetic/people/free-attributes.ts';

/** What a caption may say: the attributes, less what follows from others, and the side that is seen. */
export type SlotName = Exclude<keyof Attributes, 'hairVisible'> | 'view';

const VALUES: Readonly<Record<SlotName, readonly string[]>> = {
  view: ['front', 'side', 'back'],
  ...ATTRIBUTE_VALUES,
};

const always = (...values: string[]): readonly Implied[] => [{ values }];

/** Natural colours of hair: of people who are not old, and of those who are. */
const [YOUNG_HAIR, OLD_HAIR] = [
  ['black', 'dark brown', 'brown', 'blonde', 'red'],
  ['grey', 'white'],
] as const;

/** What people mean who do not say it; see {@link Slot.implied}. */
const IMPLIED: Partial<Record<SlotName, readonly Implied[]>> = {
  age: always('young', 'middle-aged'),
  expression: always('neutral'),
  glasses: always('none'),
  headwear: always('none'),
  earrings: always('none'),
  necklace: always('none'),
  eyeShadow: always('none'),
  // Dyed hair is asked for. Where no hair is seen, nothing is to be said of it.
  hairColour: [
    { when: { hair: ['bald'] }, values: [] },
    { when: { headwear: [...HAIR_COVERING] }, values: [] },
    { when: { age: ['old'] }, values: OLD_HAIR },
    { values: YOUNG_HAIR },
  ],
};

/** The slots of the bundled model. */
export const PERSON_SLOTS: readonly Slot[] = Object.entries(VALUES).map(([name, values]) => {
  const implied = IMPLIED[name as SlotName];
  return implied ? { name, values, implied } : { name, values };
});

const SLOT_OF = new Map(PERSON_SLOTS.map(({ name }, s) => [name as SlotName, s]));

/** What is said of a person: a value, or several between which the text does not tell ("glasses", "short hair"). */
export type Said = Partial<Record<SlotName, string | readonly string[]>>;

/** The place of a value among its slot's columns; 0 is "unsaid". @throws Error for a value the slot does not have */
export function slotColumn(name: SlotName, value: string): number {
  const place = VALUES[name].indexOf(value);
  if (place < 0) throw new Error(`The slot '${name}' has no value '${value}'; add it to person-slots.ts.`);
  return place + 1;
}

/** The states of what is said; see {@link slotStates}. */
export function statesOf(said: Said): Float32Array {
  const rows = PERSON_SLOTS.map(({ values }) => {
    const row = Array.from({ length: values.length + 1 }, () => 0);
    row[0] = 1;
    return row;
  });
  for (const [name, value] of Object.entries(said) as [SlotName, string | readonly string[]][]) {
    const row = rows[SLOT_OF.get(name)!];
    const values = typeof value === 'string' ? [value] : value;
    row[0] = 0;
    for (const one of values) row[slotColumn(name, one)] += 1 / values.length;
  }
  return slotStates(PERSON_SLOTS, rows);
}

/** States of several texts as one batch [N, slots, columns]. */
export function contexts(states: readonly Float32Array[]): HostTensor {
  const data = new Float32Array(states.length * states[0]!.length);
  states.forEach((one, i) => data.set(one, i * one.length));
  return hostTensor(data, [states.length, PERSON_SLOTS.length, states[0]!.length / PERSON_SLOTS.length]);
}

/** Values that a plain word says together, and how often it is used instead of the exact one. */
const PLAIN: readonly { slot: SlotName; values: readonly string[]; chance: number }[] = [
  { slot: 'glasses', values: ['round', 'rectangular', 'oval'], chance: 0.5 },
  {
    slot: 'headwear',
    values: ['fedora', 'top hat', 'sun hat', 'beanie', 'cap', 'cowboy hat', 'bucket hat', 'beret'],
    chance: 0.15,
  },
  { slot: 'beard', values: ['full', 'goatee', 'chin beard', 'long'], chance: 0.15 },
  {
    slot: 'hair',
    values: ['short', 'messy', 'side-swept', 'slicked-back', 'buzz', 'undercut'],
    chance: 0.35,
  },
  { slot: 'hair', values: ['long', 'long wavy', 'long curly'], chance: 0.35 },
  { slot: 'hair', values: ['shoulder-length', 'medium wavy', 'chin-length'], chance: 0.2 },
  { slot: 'hair', values: ['bob', 'side bob'], chance: 0.3 },
  { slot: 'hair', values: ['afro', 'curly', 'long curly'], chance: 0.3 },
  { slot: 'hair', values: ['bun', 'top knot', 'ponytail'], chance: 0.2 },
  { slot: 'hairColour', values: YOUNG_HAIR, chance: 0.15 },
  { slot: 'hairColour', values: OLD_HAIR, chance: 0.2 },
  { slot: 'earrings', values: ['gold', 'silver', 'pearl'], chance: 0.3 },
  { slot: 'necklace', values: ['gold', 'silver', 'pearl'], chance: 0.3 },
  { slot: 'eyeShadow', values: ['blue', 'purple', 'pink', 'green', 'dark'], chance: 0.2 },
  { slot: 'age', values: ['child', 'teen'], chance: 0.1 },
  { slot: 'age', values: ['young', 'middle-aged'], chance: 0.1 },
  { slot: 'top', values: ['t-shirt', 'v-neck'], chance: 0.15 },
  { slot: 'top', values: ['turtleneck', 'v-neck', 'striped sweater'], chance: 0.05 },
  { slot: 'skin', values: ['pale', 'light'], chance: 0.1 },
  { slot: 'skin', values: ['brown', 'dark'], chance: 0.2 },
];

/** How often texts say that there is none, compared with saying what there is. */
const NONE_SAID = 0.5;

/** What a text might say of a person seen from an azimuth (radians): each attribute or not, some by a plainer word. */
export function drawSaid(random: Random, attributes: Attributes, azimuth: number): Said {
  const said: Said = {};
  const detail = random.uniform();
  const chance = detail < 0.45 ? 0.95 : detail < 0.8 ? 0.6 : 0.3;
  for (const name of SLOT_OF.keys()) {
    if (name === 'view') continue;
    const value = attributes[name];
    // A dataset rendered before an attribute existed does not have it.
    if (value === null || value === undefined) continue;
    if ((name === 'hair' || name === 'hairColour') && !attributes.hairVisible) continue;
    if (name === 'hairColour' && attributes.hair === 'bald') continue;
    const often =
      value === 'none' || value === 'average' || value === 'neutral' ? NONE_SAID * chance : chance;
    if (random.uniform() < often) said[name] = value;
  }
  for (const { slot, values, chance: share } of PLAIN) {
    const value = said[slot];
    if (typeof value === 'string' && values.includes(value) && random.uniform() < share) said[slot] = values;
  }
  if (random.uniform() < 0.95) said.view = viewName((azimuth * 180) / Math.PI);
  return said;
}
