import type { Attributes } from '../people/attributes.ts';
import { either } from './phrases.ts';

/** What can be denied of a person, by any of its names: that there is none is then all that is said of it. */
export type Deniable = 'beard' | 'glasses' | 'headwear' | 'earrings' | 'necklace' | 'eyeShadow';

/** Names of what there is none of, as they stand after "no"; those that are counted begin with an article where one is wanted. */
export const DENIED: Readonly<Record<Deniable, readonly string[]>> = {
  beard: either(
    'a beard | a beard | a beard | facial hair | facial hair | a moustache | a mustache | stubble | a goatee | whiskers',
  ),
  glasses: either(
    'glasses | glasses | glasses | glasses | spectacles | eyeglasses | sunglasses | specs | eyewear | shades',
  ),
  headwear: either(
    'a hat | a hat | a hat | a hat | a cap | headwear | a headscarf | a beanie | hats | headgear | a helmet',
  ),
  earrings: either('earrings | earrings | ear rings | ear studs'),
  necklace: either('a necklace | a necklace | a chain | a choker'),
  eyeShadow: either('make-up | makeup | eye shadow | eyeshadow | cosmetics'),
};

/** Earrings and necklace in one word. */
export const JEWELLERY = either('jewellery | jewellery | jewelry | jewelry | accessories');

/** What is worn may be denied by "not wearing", what grows may not. */
export const GROWN: ReadonlySet<keyof Attributes> = new Set(['beard']);

/** Before the name or names: {n} with their articles, {m} without. */
export const WITHOUT = {
  is: either(
    "without {n} | without {n} | without {n} | without any {m} | with no {m} | with no {m} | who has no {m} | who does not have {n} | who doesn't have {n} | who doesn't have any {m} | lacking {n} | minus {n} | {m} free | not having {n}",
  ),
  has: either('no {m} | no {m} | no {m} | no {m} at all | zero {m}'),
  clause: either(
    "{he} has no {m} | {he} does not have {n} | {he} doesn't have {n} | {he} has not got {n} | {he} hasn't got {n} | no {m} | no {m} please | without {n} | {he} has neither {nor}",
  ),
} as const;
/** The same of what is worn only. */
export const NOT_WORN = {
  is: either(
    "not wearing {n} | not wearing {n} | not wearing any {m} | who is not wearing {n} | who is not wearing any {m} | who isn't wearing {n} | who isn't wearing any {m} | who wears no {m} | who doesn't wear {n} | who does not wear {n} | who never wears {n} | wearing no {m} | that is not wearing {n} | that doesn't wear {n} | wearing neither {nor}",
  ),
  has: either('no {m} on'),
  clause: either(
    "{he} is not wearing {n} | {he} isn't wearing {n} | {he} is not wearing any {m} | {he} wears no {m} | {he} does not wear {n} | {he} doesn't wear {n} | {he} never wears {n} | {he} wears neither {nor} | do not draw {n} | don't give them {n}",
  ),
} as const;
