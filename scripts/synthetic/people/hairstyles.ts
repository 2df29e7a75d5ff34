import type { Look } from './look.ts';

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
  /** How closely waves follow one another. */
  curl?: number;
  /** Hair that is made instead of a proxy or on top of it, and its least and most volume. */
  grown?: { kind: NonNullable<Look['grown']>['kind']; volume: readonly [number, number] };
  /** Layers of cropped hair, on the scalp or around a bald crown. */
  crop?: { where: 'scalp' | 'fringe'; layers: number };
  /** Stands so tall that no hat fits over it. */
  tall?: true;
  /** Leaves the ears free. */
  ears?: true;
  /** Least and most that a tail is widened by. */
  tail?: readonly [number, number];
}

/** Below this height long01 ends at the chin, or at the shoulders. */
const CHIN = -0.13;
const SHOULDERS = -0.27;

export const HAIR_STYLES = {
  short: { proxy: 'short02', women: 3, men: 16, children: 1, volume: [1, 1.05], ears: true },
  messy: { proxy: 'short01', women: 3, men: 12, children: 1, volume: [1, 1.06], ears: true },
  'side-swept': { proxy: 'short03', women: 2, men: 2.5, children: 1 },
  'slicked-back': { proxy: 'short04', women: 1, men: 10, children: 0.6, ears: true },
  afro: { proxy: 'afro01', women: 5, men: 6, children: 1, volume: [0.97, 1.28] },
  buzz: { proxy: null, women: 0.6, men: 8, children: 0.6, crop: { where: 'scalp', layers: 3 }, ears: true },
  bald: { proxy: null, women: 0.8, men: 8, children: 0, ears: true },
  bob: { proxy: 'bob02', women: 1.6, men: 0, children: 1 },
  'side bob': { proxy: 'bob01', women: 0.8, men: 0, children: 1 },
  'chin-length': { proxy: 'long01', women: 8, men: 0.6, children: 1, cut: CHIN },
  'shoulder-length': { proxy: 'long01', women: 9, men: 2, children: 1, cut: SHOULDERS },
  long: { proxy: 'long01', women: 12, men: 2, children: 1 },
  'long wavy': { proxy: 'long01', women: 10, men: 1.2, children: 1, wave: 0.11 },
  'medium wavy': { proxy: 'long01', women: 7, men: 1, children: 1, cut: SHOULDERS, wave: 0.09 },
  ponytail: { proxy: 'ponytail01', women: 11, men: 1.2, children: 1.5, tail: [1.3, 2.4], ears: true },
  braid: { proxy: 'Braid01', women: 8, men: 0, children: 1.5 },
  curly: {
    proxy: null,
    women: 6,
    men: 7,
    children: 1,
    grown: { kind: 'curls', volume: [0.75, 1.4] },
    crop: { where: 'scalp', layers: 1 },
  },
  'long curly': { proxy: 'long01', women: 7, men: 1, children: 1, wave: 0.12, curl: 1.8 },
  mohawk: {
    proxy: null,
    women: 1.5,
    men: 4,
    children: 0.3,
    grown: { kind: 'mohawk', volume: [0.7, 1.15] },
    crop: { where: 'scalp', layers: 1 },
    tall: true,
    ears: true,
  },
  undercut: {
    proxy: 'short04',
    women: 1,
    men: 5,
    children: 0.5,
    cut: 0.075,
    volume: [1.04, 1.1],
    crop: { where: 'scalp', layers: 2 },
    ears: true,
  },
  'high-top fade': {
    proxy: 'afro01',
    women: 0.3,
    men: 3.5,
    children: 0.6,
    cut: 0.1,
    volume: [0.98, 1.08],
    crop: { where: 'scalp', layers: 2 },
    tall: true,
    ears: true,
  },
  balding: { proxy: null, women: 0.2, men: 6, children: 0, crop: { where: 'fringe', layers: 5 }, ears: true },
  bun: {
    proxy: 'short04',
    women: 8,
    men: 0.8,
    children: 1,
    grown: { kind: 'bun', volume: [0.8, 1.25] },
    ears: true,
  },
  'top knot': {
    proxy: 'short04',
    women: 4,
    men: 2.5,
    children: 1,
    grown: { kind: 'top knot', volume: [0.65, 0.95] },
    tall: true,
    ears: true,
  },
  pigtails: {
    proxy: 'short04',
    women: 5,
    men: 0,
    children: 4,
    grown: { kind: 'pigtails', volume: [0.85, 1.3] },
    ears: true,
  },
  dreadlocks: {
    proxy: null,
    women: 4,
    men: 4,
    children: 0.8,
    grown: { kind: 'dreadlocks', volume: [0.4, 1.4] },
    crop: { where: 'scalp', layers: 2 },
  },
} satisfies Record<string, HairStyle>;

export type HairStyleName = keyof typeof HAIR_STYLES;
