import { between, pick, weighted, type Random } from '../random.ts';
import type { Lighting } from '../render/index.ts';

/** Set-ups of a portrait studio, and how often each is used. */
type Setup = 'soft' | 'side' | 'flat' | 'high';
const SETUPS: Record<Setup, number> = { soft: 6, side: 2, flat: 1.5, high: 1 };

/** Draws a light: mostly a soft key from the front, else from the side, flat, or from above; cool to warm. */
export function sampleLight(random: Random): Lighting {
  const setup = weighted(random, SETUPS);
  const warmth = random() < 0.2 ? between(random, -0.5, -0.1) : between(random, 0, 0.6);
  switch (setup) {
    case 'soft':
      return {
        keyAzimuth: between(random, -0.7, 0.7),
        keyElevation: between(random, 0.4, 0.8),
        key: between(random, 0.64, 0.78),
        ambient: between(random, 0.52, 0.6),
        warmth,
      };
    case 'side':
      return {
        keyAzimuth: pick(random, [-1, 1]) * between(random, 0.8, 1.2),
        keyElevation: between(random, 0.3, 0.6),
        key: between(random, 0.7, 0.85),
        ambient: between(random, 0.46, 0.54),
        warmth,
      };
    case 'flat':
      return {
        keyAzimuth: between(random, -0.3, 0.3),
        keyElevation: between(random, 0.2, 0.5),
        key: between(random, 0.4, 0.5),
        ambient: between(random, 0.66, 0.74),
        warmth,
      };
    case 'high':
      return {
        keyAzimuth: between(random, -0.5, 0.5),
        keyElevation: between(random, 0.85, 1.05),
        key: between(random, 0.68, 0.8),
        ambient: between(random, 0.52, 0.6),
        warmth,
      };
  }
}
