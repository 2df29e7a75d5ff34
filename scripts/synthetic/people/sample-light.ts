import { between, pick, weighted, type Random } from '../random.ts';
import type { Lighting } from '../render/index.ts';

type Range = readonly [low: number, high: number];

/** A set-up of a portrait studio: within what its light is drawn. */
interface Setup {
  readonly azimuth: Range;
  /** Whether the key light is as often on the other side. */
  readonly eitherSide?: boolean;
  readonly elevation: Range;
  readonly key: Range;
  readonly ambient: Range;
}

type SetupName = 'soft' | 'side' | 'flat' | 'high';

/** How often each set-up is used. */
const SHARES: Record<SetupName, number> = { soft: 6, side: 2, flat: 1.5, high: 1 };

const SETUPS: Record<SetupName, Setup> = {
  soft: { azimuth: [-0.7, 0.7], elevation: [0.4, 0.8], key: [0.64, 0.78], ambient: [0.52, 0.6] },
  side: {
    azimuth: [0.8, 1.2],
    eitherSide: true,
    elevation: [0.3, 0.6],
    key: [0.7, 0.85],
    ambient: [0.46, 0.54],
  },
  flat: { azimuth: [-0.3, 0.3], elevation: [0.2, 0.5], key: [0.4, 0.5], ambient: [0.66, 0.74] },
  high: { azimuth: [-0.5, 0.5], elevation: [0.85, 1.05], key: [0.68, 0.8], ambient: [0.52, 0.6] },
};

/** Draws a light: mostly a soft key from the front, else from the side, flat, or from above; cool to warm. */
export function sampleLight(random: Random): Lighting {
  const setup = SETUPS[weighted(random, SHARES)];
  const warmth = random() < 0.2 ? between(random, -0.5, -0.1) : between(random, 0, 0.6);
  const side = setup.eitherSide ? pick(random, [-1, 1]) : 1;
  return {
    keyAzimuth: side * between(random, ...setup.azimuth),
    keyElevation: between(random, ...setup.elevation),
    key: between(random, ...setup.key),
    ambient: between(random, ...setup.ambient),
    warmth,
  };
}
