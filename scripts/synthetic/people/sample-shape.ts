import type { BodyShape } from '../body/index.ts';
import { between, normal, pick, weighted, type Random } from '../random.ts';
import { clamp } from '../vector.ts';
import type { Age, Attributes, Build, Expression } from './attributes.ts';

const AGES: Record<Age, readonly [number, number]> = {
  child: [0.2, 0.31],
  teen: [0.35, 0.43],
  young: [0.45, 0.59],
  'middle-aged': [0.66, 0.8],
  old: [0.88, 1],
};
const WEIGHTS: Record<Build, readonly [number, number]> = {
  slim: [0.06, 0.25],
  average: [0.4, 0.65],
  heavy: [0.84, 1],
};

/** Standard deviation of the face's sliders by group. Twice as much gives cone heads. */
const SPREAD: Record<string, number> = {
  nose: 0.2,
  mouth: 0.15,
  eyes: 0.13,
  chin: 0.18,
  cheek: 0.18,
  forehead: 0.13,
  head: 0.08,
  ears: 0.22,
  eyebrows: 0.12,
  neck: 0.08,
};
/** Shifts of women's faces: the macro targets alone, without make-up, look stern. */
const FEMININE: Record<string, number> = {
  'eyes/l-eye-size:small': 0.3,
  'eyes/r-eye-size:small': 0.3,
  'mouth/mouth-lowerlip-volume:deflate': 0.35,
  'mouth/mouth-upperlip-volume:deflate': 0.3,
  'nose/nose-scale-horiz:decr': -0.3,
  'nose/nose-scale-vert:decr': -0.2,
  'chin/chin-width:min': -0.35,
  'chin/chin-bones:in': -0.3,
  'chin/chin-jaw-drop:less': -0.2,
  'cheek/l-cheek-bones:in': 0.2,
  'cheek/r-cheek-bones:in': 0.2,
  'forehead/forehead-nubian:less': 0.2,
  'mouth/mouth-angles:down': 0.2,
};
/** Sliders that tilt or shift the face off its axis, or age it, which `ageFace` does. */
const UNUSED =
  /eye-bag|laugh-lines|trans-(in|horiz)|head-trans|mouth-trans:in|nose-trans-horiz|neck-trans|head-angle|head-age/;

function faceDetails(random: Random, male: boolean, sliders: Iterable<string>): Record<string, number> {
  const details: Record<string, number> = {};
  const shared = new Map<string, number>();
  for (const name of sliders) {
    const spread = SPREAD[name.split('/')[0]];
    if (!spread || UNUSED.test(name)) continue;
    const bothSides = name.replace(/\/[lr]-/, '/');
    let value = shared.get(bothSides);
    if (value === undefined) {
      value = clamp(normal(random) * spread * (male ? 1 : 0.8), -0.9, 0.9);
      shared.set(bothSides, value);
    }
    const shift = male ? 0 : (FEMININE[name] ?? 0);
    details[name] = value + shift + (bothSides === name ? 0 : normal(random) * 0.02);
  }
  return details;
}

const eyes = (unit: string, value: number) => ({
  [`eye-left-${unit}`]: value,
  [`eye-right-${unit}`]: value,
});

const brows = (unit: string, value: number) => ({
  [`eyebrows-left-${unit}`]: value,
  [`eyebrows-right-${unit}`]: value,
});

function expressionUnits(random: Random, expression: Expression): Record<string, number> {
  switch (expression) {
    case 'neutral':
      return { 'mouth-corner-puller': between(random, 0, 0.25) }; // the base mesh's mouth looks stern
    case 'smile':
      return { 'mouth-corner-puller': between(random, 0.7, 1), ...eyes('slit', 0.2 * random()) };
    case 'grin':
      return {
        'mouth-corner-puller': 0.9,
        'mouth-open': between(random, 0.3, 0.5),
        'mouth-retraction': 0.3,
        ...eyes('slit', 0.25),
      };
    case 'sad':
      return { 'mouth-depression': 0.7, ...brows('inner-up', 0.8) };
    case 'angry':
      return {
        'mouth-compression': 0.5,
        'nose-left-elevation': 0.3,
        'nose-right-elevation': 0.3,
        ...brows('down', 0.65),
      };
    case 'surprised':
      return { 'mouth-open': between(random, 0.5, 0.8), ...brows('up', 0.8), ...eyes('opened-up', 0.6) };
    case 'closed eyes':
      return eyes('closure', 1);
  }
}

const ANCESTRY = { white: 'caucasian', asian: 'asian', black: 'african' } as const;

function ancestry(random: Random, ethnicity: Attributes['ethnicity']): BodyShape['ancestry'] {
  const main = ANCESTRY[ethnicity];
  const other = pick(
    random,
    Object.values(ANCESTRY).filter((name) => name !== main),
  );
  const share = random() < 0.25 ? between(random, 0.15, 0.35) : between(random, 0, 0.08);
  return { african: 0, asian: 0, caucasian: 0, [main]: 1 - share, [other]: share };
}

/** What years do to a face beyond what the body's targets do: it sags. */
const SAGGING: Record<string, number> = {
  'head/head-age:less': 0.5,
  'eyes/l-eye-bag:in': 0.5,
  'eyes/r-eye-bag:in': 0.5,
  'mouth/mouth-laugh-lines:in': 0.6,
  'cheek/l-cheek-volume:deflate': -0.35,
  'cheek/r-cheek-volume:deflate': -0.35,
  'cheek/l-cheek-trans-vert:down': -0.3,
  'cheek/r-cheek-trans-vert:down': -0.3,
  'mouth/mouth-angles:down': -0.15,
  'neck/neck-double:less': 0.3,
};

/** How far a face has aged, from 0 (young) to 1, where the age's targets put it at `age`. */
export const wear = (age: number): number => clamp((age - 0.55) / 0.4, 0, 1);

function ageFace({ age, details }: BodyShape): void {
  for (const [name, most] of Object.entries(SAGGING)) details[name] = (details[name] ?? 0) + most * wear(age);
}

/** Draws a body and face that fit the attributes. */
export function sampleShape(random: Random, attributes: Attributes, sliders: Iterable<string>): BodyShape {
  const male = attributes.sex === 'male';
  const weight = between(random, ...WEIGHTS[attributes.build]);
  const details = faceDetails(random, male, sliders);
  const face = weighted(random, {
    plain: 7,
    oval: 3,
    round: 3,
    square: 3,
    rectangular: 2,
    triangular: 2,
    invertedtriangular: 2,
    diamond: 2,
  });
  if (face !== 'plain')
    details[`head/head-${face}`] = between(random, 0.2, 0.45) * (/tri|diamond/.test(face) ? 0.5 : 1);
  if (attributes.build === 'heavy') {
    details['head/head-fat'] = (weight - 0.75) * 1.2;
    details['neck/neck-double:less'] = between(random, 0, 0.5);
  }
  const shape: BodyShape = {
    gender: male ? between(random, 0.88, 1) : between(random, 0, 0.12),
    age: between(random, ...AGES[attributes.age]),
    ancestry: ancestry(random, attributes.ethnicity),
    weight,
    muscle: male ? between(random, 0.4, 0.75) : between(random, 0.2, 0.5),
    height: 0.5,
    proportions: between(random, 0.6, 0.9),
    cup: between(random, 0.35, 0.65),
    details,
    expression: expressionUnits(random, attributes.expression),
  };
  ageFace(shape);
  return shape;
}
