import type { Alignment } from './alignment.ts';
import type { TextAgreement } from './text-agreement.ts';

/** What is measured of a drawing. */
export interface Measures {
  readonly alignment: Alignment;
  readonly agreement: TextAgreement;
  /** How much its face is one, at most 0; 0 where the profile has nothing to tell it by. */
  readonly faceness: number;
}

/**
 * Weights of a drawing's placement, of its faceness, which is in standard deviations of true faces, and of its standardised gain by the text,
 * against its standardised plausibility.
 */
const ALIGNMENT_WEIGHT = 4;
const FACE_WEIGHT = 2.5;
const GAIN_WEIGHT = 3;

/** Drawings of one prompt by how well they are placed, show a face and fit the text, the best first, each with its score. */
export function ranked<T extends Measures>(drawn: readonly T[]): (T & { readonly score: number })[] {
  const gains = standardised(drawn.map(({ agreement }) => agreement.gain));
  const plausibilities = standardised(drawn.map(({ agreement }) => agreement.plausibility));
  return drawn
    .map((one, i) => ({
      ...one,
      score:
        ALIGNMENT_WEIGHT * one.alignment.score +
        FACE_WEIGHT * one.faceness +
        GAIN_WEIGHT * gains[i] +
        plausibilities[i],
    }))
    .toSorted((a, b) => b.score - a.score);
}

/** Values in standard deviations from their mean. */
function standardised(values: readonly number[]): number[] {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const spread = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length);
  return values.map((x) => (spread > 0 ? (x - mean) / spread : 0));
}
