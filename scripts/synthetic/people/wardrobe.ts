import { pick, type Random } from '../random.ts';
import { FABRICS, type Attributes, type Top } from './attributes.ts';
import type { Fabric } from './palette.ts';

/** Colours in which suits, jackets and work clothes are mostly made; the others come in any. */
const USUAL: Partial<Record<Top, readonly Fabric[]>> = {
  suit: ['black', 'black', 'grey', 'grey', 'blue', 'blue', 'brown', 'white'],
  jacket: ['black', 'brown', 'brown', 'grey', 'green', 'blue', 'red'],
  overalls: ['blue', 'blue', 'blue', 'light blue', 'black', 'green'],
  'striped shirt': FABRICS,
};
const UNUSUAL = 0.3;
/** Share of sun hats that are not of straw. */
const DYED_SUN_HATS = 0.4;

/** Dyes what `sampleAttributes` leaves in the colours of the data: suits, jackets, overalls, striped shirts, sun hats. */
export function dyeWardrobe(random: Random, attributes: Attributes): Attributes {
  const usual = USUAL[attributes.top];
  const colour = random() < UNUSUAL ? pick(random, FABRICS) : pick(random, usual ?? FABRICS);
  const stripes = pick(
    random,
    FABRICS.filter((fabric) => fabric !== colour),
  );
  const sunHat = random() < DYED_SUN_HATS ? pick(random, FABRICS) : null;
  const white = colour !== 'white' && random() < 0.5;
  return {
    ...attributes,
    ...(usual && { topColour: colour }),
    ...(attributes.top === 'striped shirt' && { secondColour: white ? 'white' : stripes }),
    ...(attributes.headwear === 'sun hat' && { headwearColour: sunHat }),
  };
}
