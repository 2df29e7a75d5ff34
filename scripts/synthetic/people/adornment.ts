import { weighted, type Random } from '../random.ts';
import type { Attributes, Headwear, Top } from './attributes.ts';
import { HAIR_STYLES, type HairStyle } from './hairstyles.ts';
import type { EyeShadow, Jewel } from './palette.ts';

/** Tops above which a necklace shows. */
const OPEN_NECKED: ReadonlySet<Top> = new Set<Top>([
  't-shirt',
  'v-neck',
  'striped t-shirt',
  'dotted t-shirt',
  'tank top',
  'dress',
]);

/** Headwear that hides all of the hair, and that which hides the ears. */
export const HAIR_COVERING: ReadonlySet<Headwear> = new Set<Headwear>(['headscarf', 'turban']);
const EAR_COVERING: ReadonlySet<Headwear> = new Set<Headwear>([...HAIR_COVERING, 'beanie', 'helmet']);

/** The attributes that adorn a person. */
export type Adornment = 'earrings' | 'necklace' | 'eyeShadow';

const jewel = (random: Random, chance: number): Jewel | 'none' =>
  weighted<Jewel | 'none'>(random, {
    none: 1 - chance,
    gold: 0.45 * chance,
    silver: 0.3 * chance,
    pearl: 0.25 * chance,
  });

/** Draws jewellery and eye shadow, which a person only has where they can be seen. */
export function adornment(random: Random, a: Omit<Attributes, Adornment>): Pick<Attributes, Adornment> {
  const style: HairStyle = HAIR_STYLES[a.hair];
  const madeUp = a.sex === 'female' && a.age !== 'child';
  const ears = style.ears === true && !EAR_COVERING.has(a.headwear);
  const earrings = jewel(random, madeUp ? 0.5 : 0.1);
  const necklace = jewel(random, madeUp ? 0.4 : 0.08);
  const eyeShadow = weighted<EyeShadow | 'none'>(random, {
    none: 10,
    blue: 1,
    purple: 1,
    pink: 1,
    green: 0.8,
    dark: 1.2,
  });
  return {
    earrings: ears ? earrings : 'none',
    necklace: OPEN_NECKED.has(a.top) ? necklace : 'none',
    eyeShadow: madeUp && a.glasses !== 'sunglasses' ? eyeShadow : 'none',
  };
}
