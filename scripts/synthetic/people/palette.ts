import { hex, type Rgb } from '../colour.ts';

const linear = <K extends string>(table: Record<K, string>): Record<K, Rgb> =>
  Object.fromEntries(Object.entries<string>(table).map(([name, colour]) => [name, hex(colour)])) as Record<
    K,
    Rgb
  >;

/** Colours of clothes and hats: twelve that stay apart at 128 pixels. */
export const FABRIC = linear({
  white: '#eceae6',
  black: '#17171a',
  grey: '#808287',
  red: '#b81f25',
  blue: '#2450b4',
  'light blue': '#86b8e6',
  green: '#2b8040',
  yellow: '#e6bd30',
  orange: '#dd6f1e',
  purple: '#69349a',
  pink: '#e683ab',
  brown: '#65422b',
});

/** Hair and beards: natural colours, then dyed ones. */
export const HAIR = linear({
  black: '#0e0c0c',
  'dark brown': '#35200f',
  brown: '#66401f',
  blonde: '#c8a672',
  red: '#9a4520',
  grey: '#85858a',
  white: '#dcdad6',
  blue: '#2450b4',
  pink: '#de69a4',
  green: '#35944c',
  purple: '#6d3aa0',
});

/** Mean colour of the skin texture. */
export const SKIN = linear({
  pale: '#d9b29e',
  light: '#cb9c82',
  olive: '#b38c68',
  tan: '#a87450',
  brown: '#80523a',
  dark: '#583829',
});

export const FRAMES = linear({
  black: '#101012',
  brown: '#57321c',
  gold: '#b8923c',
  silver: '#b4b7bc',
  red: '#b3222a',
  blue: '#2a52b0',
});

export const LIPS = linear({ red: '#b3182c', pink: '#d8607f' });

/** What earrings and necklaces are made of. */
export const JEWELS = linear({ gold: '#d9a838', silver: '#c9ccd2', pearl: '#efe9df' });

export const EYE_SHADOWS = linear({
  blue: '#2f62c4',
  purple: '#7a3fa6',
  pink: '#d8679c',
  green: '#2f8f5c',
  dark: '#1c1719',
});

/** Fabrics in which felt hats are made. */
export const FELT = ['black', 'brown', 'grey', 'red', 'blue', 'green', 'white'] as const;

export type Fabric = keyof typeof FABRIC;
export type HairColour = keyof typeof HAIR;
export type SkinTone = keyof typeof SKIN;
export type Frame = keyof typeof FRAMES;
export type Jewel = keyof typeof JEWELS;
export type EyeShadow = keyof typeof EYE_SHADOWS;
export type LipColour = keyof typeof LIPS;

const DYED: ReadonlySet<string> = new Set(['blue', 'pink', 'green', 'purple']);
export const isDyed = (colour: HairColour): boolean => DYED.has(colour);
