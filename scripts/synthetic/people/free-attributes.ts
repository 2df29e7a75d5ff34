import { pick, type Random } from '../random.ts';
import { HAIR_COVERING } from './adornment.ts';
import type { Attributes } from './attributes.ts';
import { HAIR_STYLES, type HairStyleName } from './hairstyles.ts';
import { EYE_SHADOWS, FABRIC, FRAMES, HAIR, JEWELS, LIPS, SKIN } from './palette.ts';

const keysOf = <K extends string>(table: Record<K, unknown>): readonly K[] => Object.keys(table) as K[];

/** Every value of the attributes that are words; see {@link Attributes}. */
export const VALUES = {
  sex: ['female', 'male'],
  age: ['child', 'teen', 'young', 'middle-aged', 'old'],
  ethnicity: ['white', 'asian', 'black'],
  skin: keysOf(SKIN),
  build: ['slim', 'average', 'heavy'],
  hair: keysOf<HairStyleName>(HAIR_STYLES),
  hairColour: keysOf(HAIR),
  eyes: ['brown', 'blue', 'green', 'grey'],
  expression: ['neutral', 'smile', 'grin', 'sad', 'angry', 'surprised', 'closed eyes'],
  beard: ['none', 'full', 'stubble', 'moustache', 'goatee', 'chin beard', 'long'],
  beardColour: keysOf(HAIR),
  glasses: ['none', 'round', 'rectangular', 'oval', 'sunglasses'],
  frame: keysOf(FRAMES),
  headwear: [
    'none',
    'fedora',
    'beanie',
    'cap',
    'headscarf',
    'top hat',
    'sun hat',
    'crown',
    'cowboy hat',
    'bucket hat',
    'turban',
    'helmet',
    'beret',
  ],
  headwearColour: keysOf(FABRIC),
  lipstick: keysOf(LIPS),
  top: [
    't-shirt',
    'v-neck',
    'turtleneck',
    'striped t-shirt',
    'striped sweater',
    'shirt',
    'suit',
    'jacket',
    'overalls',
    'striped shirt',
    'hoodie',
    'tank top',
    'dress',
    'dotted t-shirt',
    'checked shirt',
  ],
  topColour: keysOf(FABRIC),
  secondColour: keysOf(FABRIC),
  earrings: ['none', ...keysOf(JEWELS)],
  necklace: ['none', ...keysOf(JEWELS)],
  eyeShadow: ['none', ...keysOf(EYE_SHADOWS)],
} as const satisfies {
  [K in Exclude<keyof Attributes, 'hairVisible'>]: readonly NonNullable<Attributes[K]>[];
};

/**
 * Attributes drawn evenly and independently of one another, as any text may combine them. Not all of such people can be rendered as
 * they are described.
 */
export function sampleFreely(random: Random): Attributes {
  const beard = random() < 0.35 ? 'none' : pick(random, VALUES.beard);
  const glasses = random() < 0.35 ? 'none' : pick(random, VALUES.glasses);
  const headwear = random() < 0.4 ? 'none' : pick(random, VALUES.headwear);
  const top = pick(random, VALUES.top);
  return {
    sex: pick(random, VALUES.sex),
    age: pick(random, VALUES.age),
    ethnicity: pick(random, VALUES.ethnicity),
    skin: pick(random, VALUES.skin),
    build: pick(random, VALUES.build),
    hair: pick(random, VALUES.hair),
    hairVisible: !HAIR_COVERING.has(headwear) || random() < 0.5,
    hairColour: pick(random, VALUES.hairColour),
    eyes: pick(random, VALUES.eyes),
    expression: pick(random, VALUES.expression),
    beard,
    beardColour: beard === 'none' ? null : pick(random, VALUES.beardColour),
    glasses,
    frame: glasses === 'none' ? null : pick(random, VALUES.frame),
    headwear,
    headwearColour: headwear === 'none' || headwear === 'crown' ? null : pick(random, VALUES.headwearColour),
    lipstick: random() < 0.5 ? null : pick(random, VALUES.lipstick),
    top,
    topColour: pick(random, VALUES.topColour),
    secondColour: /striped|dotted|checked/.test(top) ? pick(random, VALUES.secondColour) : null,
    earrings: random() < 0.6 ? 'none' : pick(random, VALUES.earrings),
    necklace: random() < 0.6 ? 'none' : pick(random, VALUES.necklace),
    eyeShadow: random() < 0.6 ? 'none' : pick(random, VALUES.eyeShadow),
  };
}
