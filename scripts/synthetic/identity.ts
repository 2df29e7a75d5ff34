import { SIDE_AZIMUTHS } from '../../gpu-functions/portrait/cameras.ts';
import type { View } from './camera.ts';
import { captionsOf } from './captions.ts';
import { sampleAttributes, type Attributes, type HairWeights } from './people/attributes.ts';
import type { Look } from './people/look.ts';
import { sampleLight } from './people/sample-light.ts';
import { dyeWardrobe } from './people/wardrobe.ts';
import { sampleLook } from './people/sample-look.ts';
import { between, normal, random } from './random.ts';
import type { Lighting } from './render/index.ts';

/** One synthetic person. Everything follows from the seed. */
export interface Identity {
  seed: number;
  attributes: Attributes;
  captions: string[];
  look: Look;
}

/** `sliders` are the names of the face sliders in the data. */
export function createIdentity(
  seed: number,
  sliders: Iterable<string>,
  hairWeights: HairWeights = 'even',
): Identity {
  const drawn = sampleAttributes(random(seed, 'attributes'), hairWeights);
  const attributes = dyeWardrobe(random(seed, 'wardrobe'), drawn);
  return {
    seed,
    attributes,
    captions: captionsOf(attributes, random(seed, 'captions')),
    look: sampleLook(random(seed, 'look'), attributes, sliders),
  };
}

/** The lights of a person in `count` set-ups, of which the first is the look's own. */
export function lightsOf({ seed, look }: Identity, count: number): Lighting[] {
  const next = random(seed, 'lights');
  return [look.light, ...Array.from({ length: count - 1 }, () => sampleLight(next))];
}

const DEGREE = Math.PI / 180;

/** Where a person is seen from: around the whole circle, or exactly from the sides. */
export const ANGLES = ['around', 'sides'] as const;
export type Angles = (typeof ANGLES)[number];

/** The views from the sides, the subject's left first. */
export const SIDES: readonly View[] = SIDE_AZIMUTHS.map((azimuth) => ({
  azimuth: azimuth * DEGREE,
  elevation: 0,
}));

/**
 * Views of a person, radians: those from the sides, or 0 a portrait nearly from the front, 1 exactly from the front, the others around the whole
 * circle (stratified and jittered) between 15° below and 25° above.
 */
export function viewsOf(seed: number, count: number, angles: Angles): View[] {
  if (angles === 'sides') return SIDES.slice(0, count);
  const next = random(seed, 'views');
  const portrait = { azimuth: 4 * DEGREE * normal(next), elevation: 2 * DEGREE * normal(next) };
  const around = count - 2;
  const views = Array.from({ length: Math.max(0, around) }, (_, i) => ({
    azimuth: ((i + next()) / around) * 2 * Math.PI - Math.PI,
    elevation: between(next, -15, 25) * DEGREE,
  }));
  return [portrait, { azimuth: 0, elevation: 0 }, ...views].slice(0, count);
}
