/** A hair style: a proxy of the data (or none), how likely it is, and how it is changed. */
export interface HairStyle {
  proxy: string | null;
  women: number;
  men: number;
  /** Factor for children. */
  children: number;
  /** Height (world units) at which long hair is cut off. */
  cut?: number;
  /** Amplitude of waves, dm. */
  wave?: number;
  /** Least and most that the hair is grown by. */
  volume?: readonly [number, number];
  /** Least and most that a tail is widened by. */
  tail?: readonly [number, number];
}

/** Below this height long01 ends at the chin, or at the shoulders. */
const CHIN = -0.13;
const SHOULDERS = -0.27;

export const HAIR_STYLES = {
  short: { proxy: 'short02', women: 3, men: 16, children: 1, volume: [1, 1.05] },
  messy: { proxy: 'short01', women: 3, men: 12, children: 1, volume: [1, 1.06] },
  'side-swept': { proxy: 'short03', women: 2, men: 2.5, children: 1 },
  'slicked-back': { proxy: 'short04', women: 1, men: 10, children: 0.6 },
  afro: { proxy: 'afro01', women: 5, men: 6, children: 1, volume: [0.97, 1.2] },
  buzz: { proxy: null, women: 0.6, men: 8, children: 0.6 },
  bald: { proxy: null, women: 0.8, men: 8, children: 0 },
  bob: { proxy: 'bob02', women: 1.6, men: 0, children: 1 },
  'side bob': { proxy: 'bob01', women: 0.8, men: 0, children: 1 },
  'chin-length': { proxy: 'long01', women: 8, men: 0.6, children: 1, cut: CHIN },
  'shoulder-length': { proxy: 'long01', women: 9, men: 2, children: 1, cut: SHOULDERS },
  long: { proxy: 'long01', women: 12, men: 2, children: 1 },
  'long wavy': { proxy: 'long01', women: 10, men: 1.2, children: 1, wave: 0.11 },
  'medium wavy': { proxy: 'long01', women: 7, men: 1, children: 1, cut: SHOULDERS, wave: 0.09 },
  ponytail: { proxy: 'ponytail01', women: 11, men: 1.2, children: 1.5, tail: [1.3, 2.4] },
  braid: { proxy: 'Braid01', women: 8, men: 0, children: 1.5 },
} satisfies Record<string, HairStyle>;

export type HairStyleName = keyof typeof HAIR_STYLES;
