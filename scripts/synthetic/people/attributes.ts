import { pick, weighted, type Random } from '../random.ts';
import { adornment, HAIR_COVERING, type Adornment } from './adornment.ts';
import { HAIR_STYLES, type HairStyle, type HairStyleName } from './hairstyles.ts';
import {
  FABRIC,
  FELT,
  isDyed,
  type Fabric,
  type Frame,
  type EyeShadow,
  type HairColour,
  type Jewel,
  type LipColour,
  type SkinTone,
} from './palette.ts';

export type Sex = 'female' | 'male';
export type Age = 'child' | 'teen' | 'young' | 'middle-aged' | 'old';
export type Ethnicity = 'white' | 'asian' | 'black';
export type Build = 'slim' | 'average' | 'heavy';
export type EyeColour = 'brown' | 'blue' | 'green' | 'grey';
export type Expression = 'neutral' | 'smile' | 'grin' | 'sad' | 'angry' | 'surprised' | 'closed eyes';
export type Beard = 'none' | 'full' | 'stubble' | 'moustache' | 'goatee' | 'chin beard' | 'long';
export type Glasses = 'none' | 'round' | 'rectangular' | 'oval' | 'sunglasses';
export type Headwear =
  | 'none'
  | 'fedora'
  | 'beanie'
  | 'cap'
  | 'headscarf'
  | 'top hat'
  | 'sun hat'
  | 'crown'
  | 'cowboy hat'
  | 'bucket hat'
  | 'turban'
  | 'helmet'
  | 'beret';
export type Top =
  | 't-shirt'
  | 'v-neck'
  | 'turtleneck'
  | 'striped t-shirt'
  | 'striped sweater'
  | 'shirt'
  | 'suit'
  | 'jacket'
  | 'overalls'
  | 'striped shirt'
  | 'hoodie'
  | 'tank top'
  | 'dress'
  | 'dotted t-shirt'
  | 'checked shirt';

/** Everything about a person that a caption can say. Colours are null where there is nothing to colour. */
export interface Attributes {
  sex: Sex;
  age: Age;
  ethnicity: Ethnicity;
  skin: SkinTone;
  build: Build;
  hair: HairStyleName;
  /** False under a headscarf or a turban. */
  hairVisible: boolean;
  hairColour: HairColour;
  eyes: EyeColour;
  expression: Expression;
  beard: Beard;
  beardColour: HairColour | null;
  glasses: Glasses;
  frame: Frame | null;
  headwear: Headwear;
  headwearColour: Fabric | null;
  lipstick: LipColour | null;
  top: Top;
  topColour: Fabric | null;
  /** The colour of the stripes, dots or checks. */
  secondColour: Fabric | null;
  earrings: Jewel | 'none';
  necklace: Jewel | 'none';
  eyeShadow: EyeShadow | 'none';
}

export const FABRICS = Object.keys(FABRIC) as Fabric[];

/** Whether rare colours of hair are as frequent as common ones, or as in life. */
export type HairWeights = 'even' | 'natural';

/** Colours as frequent as in life, of which the old keep little; 2 % dyed. */
function naturalHairColour(random: Random, age: Age, ethnicity: Ethnicity): HairColour {
  if (random() < 0.02) return pick(random, ['blue', 'pink', 'green', 'purple']);
  const faded = { child: 0, teen: 0, young: 0.01, 'middle-aged': 0.25, old: 0.9 }[age];
  if (random() < faded) return age === 'old' && random() < 0.45 ? 'white' : 'grey';
  return ethnicity === 'white'
    ? weighted(random, { black: 12, 'dark brown': 32, brown: 34, blonde: 18, red: 4 })
    : weighted(random, { black: 80, 'dark brown': 17, brown: 3 });
}

/** Roughly uniform natural colours over the population (the old are mostly grey or white), 15 % dyed. */
function hairColour(random: Random, age: Age): HairColour {
  if (random() < 0.15) return pick(random, ['blue', 'pink', 'green', 'purple']);
  const faded = age === 'old' ? 36 : age === 'middle-aged' ? 8 : 1.6;
  const coloured = age === 'old' ? 4 : 10;
  return weighted(random, {
    black: coloured,
    'dark brown': coloured,
    brown: coloured,
    blonde: coloured * 1.1,
    red: coloured * 1.1,
    grey: faded,
    white: faded,
  });
}

function skinTone(random: Random, ethnicity: Ethnicity): SkinTone {
  if (ethnicity === 'white') return weighted(random, { pale: 4, light: 4, olive: 2.5, tan: 2.5 });
  if (ethnicity === 'asian') return weighted(random, { pale: 3, light: 4, olive: 2, tan: 3, brown: 1 });
  return weighted(random, { brown: 5, dark: 6 });
}

function hairStyle(random: Random, sex: Sex, age: Age, ethnicity: Ethnicity): HairStyleName {
  const weights: Partial<Record<HairStyleName, number>> = {};
  for (const [name, style] of Object.entries(HAIR_STYLES) as [HairStyleName, HairStyle][]) {
    let weight = sex === 'male' ? style.men : style.women;
    if (age === 'child') weight *= style.children;
    if (name === 'dreadlocks' || name === 'high-top fade') weight *= ethnicity === 'black' ? 2.2 : 0.4;
    if (name === 'balding') weight *= { child: 0, teen: 0, young: 0.25, 'middle-aged': 1.6, old: 2.4 }[age];
    if (name === 'afro') weight *= ethnicity === 'black' ? 3 : 0.5;
    if (name === 'bald') weight *= { child: 0, teen: 0.3, young: 0.8, 'middle-aged': 1.4, old: 1.6 }[age];
    weights[name] = weight;
  }
  return weighted(random, weights);
}

function topOf(random: Random, sex: Sex): Top {
  const formal = sex === 'male' ? 1 : 0.6;
  return weighted(random, {
    't-shirt': 22,
    'v-neck': 14,
    turtleneck: 17,
    'striped t-shirt': 8,
    'striped sweater': 4,
    shirt: 14,
    suit: 11 * formal,
    jacket: 4 * formal,
    overalls: 3,
    'striped shirt': 4,
    hoodie: 9,
    'tank top': 6,
    dress: sex === 'female' ? 10 : 0,
    'dotted t-shirt': sex === 'female' ? 6 : 3,
    'checked shirt': 7,
  });
}

const COLOURED_TOPS: ReadonlySet<Top> = new Set<Top>([
  't-shirt',
  'v-neck',
  'turtleneck',
  'striped t-shirt',
  'striped sweater',
  'shirt',
  'hoodie',
  'tank top',
  'dress',
  'dotted t-shirt',
  'checked shirt',
]);

/** Tops in two colours. */
const PATTERNED: ReadonlySet<Top> = new Set<Top>([
  'striped t-shirt',
  'striped sweater',
  'dotted t-shirt',
  'checked shirt',
]);

function headwearColour(random: Random, headwear: Headwear): Fabric | null {
  if (headwear === 'none' || headwear === 'crown' || headwear === 'sun hat') return null;
  if (headwear === 'fedora') return pick(random, FELT);
  if (headwear === 'top hat') return weighted(random, { black: 5, red: 1, white: 1, purple: 1, grey: 1 });
  if (headwear === 'cowboy hat')
    return weighted(random, { brown: 6, black: 3, white: 2, grey: 1, red: 0.6, pink: 0.4 });
  if (headwear === 'helmet')
    return weighted(random, { yellow: 3, white: 2, orange: 2, blue: 1.5, red: 1.5, green: 1, black: 1 });
  return pick(random, FABRICS);
}

/** Draws a person's attributes, balanced so that training sees enough of each value. */
export function sampleAttributes(random: Random, hairWeights: HairWeights = 'even'): Attributes {
  const sex: Sex = random() < 0.5 ? 'male' : 'female';
  const age = weighted<Age>(random, { child: 7, teen: 10, young: 35, 'middle-aged': 26, old: 22 });
  const adult = age !== 'child' && age !== 'teen';
  const ethnicity = weighted<Ethnicity>(random, { white: 42, asian: 26, black: 32 });
  const skin = skinTone(random, ethnicity);
  const build = weighted<Build>(random, { slim: 17, average: 63, heavy: 20 });
  const colour =
    hairWeights === 'natural' ? naturalHairColour(random, age, ethnicity) : hairColour(random, age);
  const hair = hairStyle(random, sex, age, ethnicity);
  const style: HairStyle = HAIR_STYLES[hair];
  const worn = weighted<Headwear>(random, {
    none: 78,
    fedora: 4,
    beanie: 4.5,
    cap: 5,
    headscarf: sex === 'female' ? 4 : 0,
    'top hat': sex === 'male' ? 2 : 1,
    'sun hat': sex === 'female' ? 2.5 : 1,
    crown: 1.5,
    'cowboy hat': 2.5,
    'bucket hat': 2.2,
    turban: 1.8,
    helmet: 1.8,
    beret: sex === 'female' ? 2.6 : 1.2,
  });
  const headwear = style.tall ? 'none' : worn;
  const eyes = weighted<EyeColour>(
    random,
    ethnicity === 'white'
      ? { brown: 34, blue: 32, green: 20, grey: 14 }
      : { brown: 85, blue: 6, green: 6, grey: 3 },
  );
  const expression = weighted<Expression>(random, {
    neutral: 46,
    smile: 21,
    grin: 9,
    sad: 6,
    angry: 7,
    surprised: 7,
    'closed eyes': 4,
  });
  const beard =
    sex === 'male' && adult
      ? weighted<Beard>(random, {
          none: 48,
          full: 23,
          stubble: 9,
          moustache: 9,
          goatee: 8,
          'chin beard': 3,
          long: 7,
        })
      : 'none';
  const glasses =
    random() < (age === 'child' ? 0.2 : age === 'old' ? 0.38 : 0.29)
      ? weighted<Glasses>(random, { round: 8, rectangular: 8, oval: 6, sunglasses: 8 })
      : 'none';
  const chosenFrame = weighted<Frame>(random, { black: 8, brown: 3, gold: 3, silver: 3, red: 2, blue: 2 });
  const lipstick = random() < 0.3 ? pick<LipColour>(random, ['red', 'pink']) : null;
  const fabric = pick(random, FABRICS);
  const headFabric = headwearColour(random, headwear);
  const stripes = pick(
    random,
    FABRICS.filter((name) => name !== fabric),
  );
  // A headscarf runs into a high collar of its own colour.
  const top = headwear === 'headscarf' ? 'turtleneck' : topOf(random, sex);
  const naturalBeard = isDyed(colour)
    ? weighted<HairColour>(random, { black: 1, brown: 1, 'dark brown': 1 })
    : colour;
  const person: Omit<Attributes, Adornment> = {
    sex,
    age,
    ethnicity,
    skin,
    build,
    hair,
    hairVisible: !HAIR_COVERING.has(headwear),
    hairColour: colour,
    eyes,
    expression,
    beard,
    beardColour: beard === 'none' ? null : naturalBeard,
    glasses,
    frame: glasses === 'none' ? null : glasses === 'sunglasses' ? 'black' : chosenFrame,
    headwear,
    headwearColour: headFabric,
    lipstick: sex === 'female' && age !== 'child' ? lipstick : null,
    top,
    topColour: headwear === 'headscarf' ? headFabric : COLOURED_TOPS.has(top) ? fabric : null,
    secondColour: PATTERNED.has(top) ? (random() < 0.5 && fabric !== 'white' ? 'white' : stripes) : null,
  };
  return { ...person, ...adornment(random, person) };
}
