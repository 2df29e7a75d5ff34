import type { BodyShape } from '../body/index.ts';
import type { Rgb } from '../colour.ts';
import type { Lighting } from '../render/index.ts';

/** A mesh of the data worn on the body. */
export interface ProxyUse {
  key: string;
  surface: 'eye' | 'teeth' | 'brow' | 'lash' | 'hair' | 'cloth' | 'hat';
  /** Recolours the texture. */
  tint?: Rgb;
  /** Name of the colour variant. */
  variant?: string;
  /** Multiplies the texture. */
  brightness?: number;
  /** Long hair ends at this height, world units. */
  cut?: number;
  /** Amplitude of waves, dm. */
  wave?: number;
}

export interface KnitTop {
  neck: 'crew' | 'v' | 'turtle';
  tint: Rgb;
  stripe: Rgb | null;
}

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
  skin: { texture: string; colour: Rgb };
  proxies: ProxyUse[];
  top: KnitTop | null;
  /** Soft headwear that follows the scalp. */
  wrap: { kind: 'beanie' | 'cap' | 'headscarf'; tint: Rgb } | null;
  /** Stiff headwear, turned on a lathe. */
  hat: { kind: 'top hat' | 'sun hat' | 'crown'; tint: Rgb } | null;
  beard: {
    kind: 'full beard' | 'moustache' | 'goatee' | 'chin beard';
    tint: Rgb;
    density: number;
    length: number;
  } | null;
  buzzCut: { tint: Rgb; density: number } | null;
  glasses: Spectacles | null;
  lips: Rgb | null;
  light: Lighting;
}
