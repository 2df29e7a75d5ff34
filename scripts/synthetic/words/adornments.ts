import type { EyeShadow, Jewel } from '../people/palette.ts';
import { either, type SayingsOf } from './phrases.ts';

const earrings = (metal: string, own: string) => ({
  wears: either(
    `${own} | earrings | earrings | a pair of earrings | ear jewellery | ear jewelry | dangling earrings | ${metal} earrings | ${metal} earrings | ${metal} ear rings | a pair of ${metal} earrings | shiny ${metal} earrings`,
  ),
  has: either(
    `${metal} earrings | ${metal} earrings | earrings | pierced ears | earrings of ${metal} | earrings made of ${metal} | earrings that are ${metal}`,
  ),
  is: either(`with ${metal} earrings | with earrings`),
  clause: either(
    `{his} earrings are ${metal} | {he} wears ${metal} earrings | {he} wears earrings | earrings: ${metal} | jewellery: ${metal} earrings`,
  ),
});

export const EARRINGS: SayingsOf<Jewel | 'none'> = {
  none: {
    has: either('no earrings | no earrings | bare ears | no ear jewellery'),
    is: either('without earrings | without any earrings | not wearing earrings'),
    clause: either('{he} wears no earrings | earrings: none | no earrings'),
  },
  gold: earrings('gold', 'golden earrings | golden ear studs | golden creoles | brass earrings'),
  silver: earrings(
    'silver',
    'silvery earrings | metal earrings | platinum earrings | steel earrings | silver ear studs',
  ),
  pearl: earrings('pearl', 'pearls in {his} ears | white earrings | ivory earrings | pearl ear studs'),
};

const necklace = (metal: string, own: string) => ({
  wears: either(
    `${own} | a necklace | a necklace | a ${metal} necklace | a ${metal} necklace | a necklace of ${metal} | neck jewellery | a ${metal} choker | a chain`,
  ),
  has: either(
    `a ${metal} necklace | a ${metal} necklace | a necklace around {his} neck | a ${metal} necklace around {his} neck | a necklace made of ${metal} | a necklace that is ${metal}`,
  ),
  is: either(`with a ${metal} necklace | with a necklace`),
  clause: either(
    `{his} necklace is ${metal} | {he} wears a ${metal} necklace | {he} wears a necklace | necklace: ${metal} | jewellery: ${metal} necklace`,
  ),
});

export const NECKLACES: SayingsOf<Jewel | 'none'> = {
  none: {
    has: either('no necklace | no necklace | a bare neck | no chain'),
    is: either('without a necklace | without necklace | not wearing a necklace'),
    clause: either('{he} wears no necklace | necklace: none | no necklace'),
  },
  gold: necklace('gold', 'a golden necklace | a golden chain | a gold chain | a thick gold chain'),
  silver: necklace('silver', 'a silvery necklace | a silver chain | a metal chain | a steel chain'),
  pearl: necklace('pearl', 'pearls | a string of pearls | a pearl chain | a white bead necklace | beads'),
};

const shadow = (colour: string, own: string) => ({
  before: either(`heavily made-up`),
  has: either(
    `${own} | ${colour} eye shadow | ${colour} eye shadow | ${colour} eyeshadow | ${colour} eyelids | ${colour} eye make-up | ${colour} eye makeup | eye make-up | eye shadow | make-up | makeup`,
  ),
  wears: either(
    `${colour} eye shadow | ${colour} eye shadow | ${colour} eyeshadow | ${colour} eye make-up | ${colour} makeup | make-up | makeup | eye shadow | cosmetics | heavy make-up`,
  ),
  clause: either(
    `{his} eye shadow is ${colour} | {his} eyelids are ${colour} | {he} wears ${colour} eye shadow | make-up: ${colour} eye shadow | eye shadow: ${colour}`,
  ),
});

export const EYE_SHADOWS: SayingsOf<EyeShadow | 'none'> = {
  none: {
    has: either('no eye shadow | no make-up | no makeup | natural eyelids'),
    is: either(
      'without make-up | without makeup | without eye shadow | not wearing make-up | who wears no makeup',
    ),
    clause: either('{he} wears no make-up | no make-up | make-up: none | {he} wears no eye shadow'),
  },
  blue: shadow('blue', 'turquoise eye shadow | teal eye shadow | navy eyeshadow'),
  purple: shadow('purple', 'violet eye shadow | lilac eye shadow | plum eyeshadow'),
  pink: shadow('pink', 'rose eye shadow | magenta eyeshadow | rosy eyelids'),
  green: shadow('green', 'emerald eye shadow | olive eyeshadow | mint eye shadow'),
  dark: shadow(
    'dark',
    'smoky eyes | smokey eyes | black eye shadow | black eyeshadow | gothic make-up | goth makeup | black eyeliner | heavy eyeliner | mascara | smoky eye make-up',
  ),
};
