import type { BodyShape } from '../body/index.ts';
import type { Rgb } from '../colour.ts';
import type { Dyeable } from '../parts/dye.ts';
import type { Lighting } from '../render/index.ts';
import type { Fabric } from './palette.ts';

/** A mesh of the data worn on the body. */
export interface ProxyUse {
  key: string;
  surface: 'eye' | 'teeth' | 'brow' | 'lash' | 'hair' | 'cloth' | 'hat';
  /** Recolours the texture. */
  tint?: Rgb;
  /** Dyes the garment's cloth in these fabrics, of which the second is for stripes. */
  dye?: { garment: Dyeable; first: Fabric; second: Fabric };
  /** Name of the colour variant. */
  variant?: string;
  /** Multiplies the texture. */
  brightness?: number;
  /** Long hair ends at this height, world units. */
  cut?: number;
  /** Amplitude of waves, dm. */
  wave?: number;
  /** Grows the hair away from the head's middle by this factor. */
  volume?: number;
  /** How closely waves follow one another; 1 where not given. */
  curl?: number;
  /** Widens a tail of hair by this factor. */
  tail?: number;
}

/** A top over the body: with sleeves, or one that leaves the shoulders bare. */
export type KnitTop =
  | {
      neck: 'crew' | 'v' | 'turtle';
      tint: Rgb;
      /** A second colour, and what it makes. */
      pattern: { kind: 'stripes' | 'dots' | 'checks'; tint: Rgb } | null;
      /** A hood lies on the shoulders. */
      hood: boolean;
    }
  | { neck: 'tank' | 'straps'; tint: Rgb };

export interface Spectacles {
  /** Exponent of the superellipse: 2 round, above 4 nearly rectangular. */
  exponent: number;
  /** Factors on the lens's size. */
  width: number;
  height: number;
  /** Radius of the frame's wire, in pupil distances / 0.62. */
  thickness: number;
  tint: Rgb;
  lensTint: Rgb;
  lensOpacity: number;
}

/** Everything the renderer needs to know of one person, in numbers. */
export interface Look {
  shape: BodyShape;
  /** `creases`: how deep they are in the face, 0…1. */
  skin: { texture: string; colour: Rgb; creases: number };
  proxies: ProxyUse[];
  top: KnitTop | null;
  /** Soft headwear that follows the scalp; `trim` colours a cap's peak or a beanie's turn-up and bobble. */
  wrap: { kind: 'beanie' | 'cap' | 'headscarf'; tint: Rgb; trim: Rgb | null; bobble: boolean } | null;
  /** Stiff headwear, turned on a lathe. */
  hat: {
    kind: 'top hat' | 'sun hat' | 'crown' | 'cowboy hat' | 'bucket hat' | 'turban' | 'helmet' | 'beret';
    tint: Rgb;
    band: Rgb;
  } | null;
  beard: {
    kind: 'full beard' | 'moustache' | 'goatee' | 'chin beard';
    tint: Rgb;
    density: number;
    length: number;
    /** How far it hangs below the chin, dm. */
    drop: number;
  } | null;
  /** Cropped hair, or what grows under longer hair: on the whole scalp, or around a bald crown. */
  crop: { where: 'scalp' | 'fringe'; tint: Rgb; density: number; layers: number } | null;
  /** Hair that is made, not worn: over the scalp or from it. `volume` is about 1. */
  grown: {
    kind: 'curls' | 'mohawk' | 'pigtails' | 'dreadlocks' | 'bun' | 'top knot';
    tint: Rgb;
    volume: number;
  } | null;
  glasses: Spectacles | null;
  /** Metal or pearls in the ears, and around the neck. */
  earrings: { kind: 'studs' | 'hoops' | 'drops'; tint: Rgb } | null;
  necklace: { kind: 'chain' | 'beads'; tint: Rgb } | null;
  eyeShadow: { tint: Rgb; opacity: number } | null;
  lips: { tint: Rgb; opacity: number } | null;
  light: Lighting;
}
