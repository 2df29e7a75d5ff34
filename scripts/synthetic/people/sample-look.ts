import { hex, scale, type Rgb } from '../colour.ts';
import { between, normal, pick, type Random } from '../random.ts';
import { clamp } from '../vector.ts';
import type { Dyeable } from '../parts/dye.ts';
import type { Attributes } from './attributes.ts';
import { HAIR_STYLES, type HairStyle } from './hairstyles.ts';
import type { KnitTop, Look, ProxyUse, Spectacles } from './look.ts';
import {
  EYE_SHADOWS,
  FABRIC,
  FRAMES,
  HAIR,
  isDyed,
  JEWELS,
  LIPS,
  SKIN,
  type HairColour,
  type SkinTone,
} from './palette.ts';
import { sampleLight } from './sample-light.ts';
import { sampleShape, wear } from './sample-shape.ts';

const STRAW = hex('#d8b878');
const GOLD = hex('#d9a92c');
const DARK_TRIMS = ['black', 'brown', 'blue', 'red', 'green'] as const;
const BRIGHT_TRIMS = ['red', 'grey', 'white', 'light blue', 'orange'] as const;

/** A colour a little brighter or darker, warmer or cooler, so that a name stands for a small range. */
function vary(random: Random, colour: Rgb, amount: number): Rgb {
  const k = Math.exp(normal(random) * amount);
  const warm = Math.exp(normal(random) * amount * 0.3);
  return [Math.min(1, colour[0] * k * warm), Math.min(1, colour[1] * k), Math.min(1, (colour[2] * k) / warm)];
}

function skinTexture(random: Random, { age, sex, ethnicity }: Attributes): string {
  const years = age === 'old' ? 'old' : age === 'middle-aged' ? 'middleage' : 'young';
  if (ethnicity === 'black') return `${years}_african_${sex}/${years}_darkskinned_${sex}_diffuse.png`;
  if (ethnicity === 'asian') {
    return `${years}_asian_${sex}/${years}_lightskinned_${sex}_diffuse${years === 'young' ? 3 : 2}.png`;
  }
  const variant = years === 'young' && random() < 0.5 ? '2' : '';
  return `${years}_caucasian_${sex}/${years}_lightskinned_${sex}_diffuse${variant}.png`;
}

const EYE_TEXTURES = {
  brown: ['brown', 'brownlight'],
  blue: ['blue', 'lightblue', 'deepblue'],
  green: ['green', 'bluegreen'],
  grey: ['grey', 'ice'],
};
const BROWS = {
  male: ['001', '004', '005', '008', '009', '012'],
  female: ['001', '002', '003', '005', '008', '010', '012'],
};

function faceProxies(
  random: Random,
  attributes: Attributes,
  hairColour: Rgb,
  mouthOpen: boolean,
): ProxyUse[] {
  const brow = scale(isDyed(attributes.hairColour) ? HAIR['dark brown'] : hairColour, 0.55);
  const lashes =
    attributes.sex === 'male' ? 'Eyelashes01' : pick(random, ['eyelashes02', 'eyelashes03', 'eyelashes04']);
  const proxies: ProxyUse[] = [
    {
      key: `eyebrows/eyebrow${pick(random, BROWS[attributes.sex])}`,
      surface: 'brow',
      tint: [brow[0] + 0.004, brow[1] + 0.004, brow[2] + 0.004],
    },
    { key: `eyelashes/${lashes}`, surface: 'lash' },
    { key: 'eyes/Low-Poly', surface: 'eye', variant: pick(random, EYE_TEXTURES[attributes.eyes]) },
  ];
  if (mouthOpen) {
    proxies.push({ key: 'teeth/Teeth_Base', surface: 'teeth', brightness: 1.7 });
    proxies.push({ key: 'tongue/tongue01', surface: 'teeth' });
  }
  return proxies;
}

const CLOTHES = {
  shirt: 'male_casualsuit01',
  suit: 'male_elegantsuit01',
  jacket: 'male_casualsuit05',
  overalls: 'male_worksuit01',
  'striped shirt': 'male_casualsuit03',
  'checked shirt': 'male_casualsuit01',
};

interface Knit {
  neck: KnitTop['neck'];
  pattern?: 'stripes' | 'dots';
  hood?: true;
}

/** Tops that are knitted over the body: their neckline, and what a second colour makes of them. */
const KNITTED: Partial<Record<Attributes['top'], Knit>> = {
  't-shirt': { neck: 'crew' },
  'v-neck': { neck: 'v' },
  turtleneck: { neck: 'turtle' },
  'striped t-shirt': { neck: 'crew', pattern: 'stripes' },
  'striped sweater': { neck: 'turtle', pattern: 'stripes' },
  'dotted t-shirt': { neck: 'crew', pattern: 'dots' },
  hoodie: { neck: 'crew', hood: true },
  'tank top': { neck: 'tank' },
  dress: { neck: 'straps' },
};

function clothing(
  random: Random,
  { top, topColour, secondColour }: Attributes,
): Pick<Look, 'top' | 'proxies'> {
  const colour = topColour && vary(random, FABRIC[topColour], 0.09);
  const knitted = KNITTED[top];
  if (knitted && colour) {
    const { neck, pattern: kind, hood = false } = knitted;
    if (neck === 'tank' || neck === 'straps') return { top: { neck, tint: colour }, proxies: [] };
    const pattern = kind && secondColour ? { kind, tint: FABRIC[secondColour] } : null;
    return { top: { neck, tint: colour, pattern, hood }, proxies: [] };
  }
  const garment = CLOTHES[top as keyof typeof CLOTHES];
  const key = `clothes/${garment}`;
  if (top === 'shirt')
    return { top: null, proxies: [{ key, surface: 'cloth', ...(colour && { tint: colour }) }] };
  const dyed = topColour && { garment: top as Dyeable, first: topColour, second: secondColour ?? 'white' };
  return { top: null, proxies: [{ key, surface: 'cloth', ...(dyed && { dye: dyed }) }] };
}

function headwear(
  random: Random,
  { headwear: kind, headwearColour }: Attributes,
): Pick<Look, 'wrap' | 'hat' | 'proxies'> {
  const tint = headwearColour ? vary(random, FABRIC[headwearColour], 0.09) : kind === 'crown' ? GOLD : STRAW;
  // A second colour of the same piece; what is dark takes a colour, what is bright a dark one.
  const trim = FABRIC[pick(random, Math.max(...tint) > 0.2 ? DARK_TRIMS : BRIGHT_TRIMS)];
  switch (kind) {
    case 'none':
      return { wrap: null, hat: null, proxies: [] };
    case 'fedora': {
      const key = pick(random, ['clothes/fedora', 'clothes/fedora_cocked']);
      return { wrap: null, hat: null, proxies: [{ key, surface: 'hat', variant: 'grey_fedora', tint }] };
    }
    case 'beanie':
    case 'cap':
    case 'headscarf':
      return {
        wrap: { kind, tint, trim: random() < 0.3 ? trim : null, bobble: random() < 0.35 },
        hat: null,
        proxies: [],
      };
    default:
      return { wrap: null, hat: { kind, tint, band: trim }, proxies: [] };
  }
}

function spectacles(random: Random, { glasses, frame }: Attributes): Spectacles | null {
  if (glasses === 'none' || frame === null) return null;
  const thickness = between(random, 0.02, 0.034);
  const clear = { tint: FRAMES[frame], thickness, lensTint: [0.9, 0.95, 1] as Rgb, lensOpacity: 0.03 };
  switch (glasses) {
    case 'round':
      return { ...clear, exponent: 2, width: 0.84, height: 1.08 };
    case 'rectangular':
      return { ...clear, exponent: 4.5, width: 1, height: 0.86 };
    case 'oval':
      return { ...clear, exponent: 2.6, width: 1, height: 1 };
    case 'sunglasses':
      return {
        ...clear,
        exponent: 2.6,
        width: 1,
        height: 1.12,
        lensTint: [0.02, 0.02, 0.022],
        lensOpacity: 0.95,
      };
  }
}

function facialHair(
  random: Random,
  { beard, beardColour, hairColour }: Attributes,
  hair: Rgb,
): Look['beard'] {
  if (beard === 'none' || beardColour === null) return null;
  const tint = beardColour === hairColour ? scale(hair, 0.95) : HAIR[beardColour satisfies HairColour];
  if (beard === 'stubble')
    return { kind: 'full beard', tint, density: between(random, 0.34, 0.5), length: 0, drop: 0 };
  if (beard === 'full')
    return {
      kind: 'full beard',
      tint,
      density: between(random, 0.86, 0.96),
      length: between(random, 0.05, 0.22),
      drop: 0,
    };
  if (beard === 'long')
    return {
      kind: 'full beard',
      tint,
      density: between(random, 0.93, 0.98),
      length: between(random, 0.18, 0.3),
      drop: between(random, 0.5, 1.1),
    };
  return {
    kind: beard,
    tint,
    density: between(random, 0.86, 0.95),
    length: between(random, 0.035, 0.08),
    drop: 0,
  };
}

/** Lipstick; else, of every other woman, lips a little redder than the skin's texture has them. */
function lips(random: Random, { lipstick, sex }: Attributes, skin: Rgb): Look['lips'] {
  if (lipstick) return { tint: vary(random, LIPS[lipstick], 0.1), opacity: between(random, 0.7, 0.85) };
  if (sex === 'male' || random() < 0.5) return null;
  return { tint: [skin[0] * 0.85, skin[1] * 0.5, skin[2] * 0.52], opacity: 0.45 };
}

function adornments(
  random: Random,
  { earrings, necklace, eyeShadow }: Attributes,
): Pick<Look, 'earrings' | 'necklace' | 'eyeShadow'> {
  const shapes =
    earrings === 'pearl' ? (['studs', 'drops'] as const) : (['studs', 'hoops', 'hoops', 'drops'] as const);
  const shape = pick(random, shapes);
  const opacity = between(random, 0.5, 0.75);
  return {
    earrings: earrings === 'none' ? null : { kind: shape, tint: JEWELS[earrings] },
    necklace:
      necklace === 'none' ? null : { kind: necklace === 'pearl' ? 'beads' : 'chain', tint: JEWELS[necklace] },
    eyeShadow: eyeShadow === 'none' ? null : { tint: EYE_SHADOWS[eyeShadow], opacity },
  };
}

/** Skin of a tone by name: anywhere between it and half the way to its neighbours. */
function skinColour(random: Random, tone: SkinTone): Rgb {
  const tones = Object.values(SKIN);
  const at = Object.keys(SKIN).indexOf(tone) + between(random, -0.5, 0.5);
  const low = clamp(Math.floor(at), 0, tones.length - 2);
  const share = clamp(at - low, -0.4, 1.4);
  return vary(
    random,
    [0, 1, 2].map((k) => tones[low][k] + share * (tones[low + 1][k] - tones[low][k])) as Rgb,
    0.04,
  );
}

/** How deep the creases of a face are by its age, in steps, of each of which a texture is made. */
function creasesAt(age: number): number {
  return wear(age) < 0.2 ? 0 : Math.round((0.32 + 0.53 * wear(age)) * 8) / 8;
}

/** Cropped hair; under a hat, also what fills the gaps that longer hair leaves where the hat presses it down. */
function cropOf(
  random: Random,
  { hair, hairVisible, headwear: hat }: Attributes,
  { proxy, crop }: HairStyle,
  tint: Rgb,
): Look['crop'] {
  if (!hairVisible) return null;
  if (hair === 'buzz') return { where: 'scalp', tint, density: between(random, 0.85, 0.95), layers: 3 };
  if (crop) return { ...crop, tint: scale(tint, 0.85), density: 0.95 };
  return proxy && hat !== 'none' ? { where: 'scalp', tint: scale(tint, 0.7), density: 1, layers: 1 } : null;
}

/** Turns attributes into a look, drawing whatever a caption does not say. */
export function sampleLook(random: Random, attributes: Attributes, sliders: Iterable<string>): Look {
  const shape = sampleShape(random, attributes, sliders);
  const skin = {
    texture: skinTexture(random, attributes),
    colour: skinColour(random, attributes.skin),
    creases: creasesAt(shape.age),
  };
  const hair = vary(random, HAIR[attributes.hairColour], 0.1);
  const style: HairStyle = HAIR_STYLES[attributes.hair];
  const clothes = clothing(random, attributes);
  const head = headwear(random, attributes);
  const hairUse: ProxyUse[] =
    attributes.hairVisible && style.proxy
      ? [
          {
            key: `hair/${style.proxy}`,
            surface: 'hair',
            tint: hair,
            ...(style.cut !== undefined && { cut: style.cut + 0.02 * clamp(normal(random), -2, 2) }),
            ...(style.curl !== undefined && { curl: style.curl * between(random, 0.9, 1.1) }),
            ...(style.tail && { tail: between(random, ...style.tail) }),
            ...(style.wave !== undefined && { wave: style.wave * between(random, 0.75, 1.3) }),
            ...(style.volume &&
              attributes.headwear === 'none' && { volume: between(random, ...style.volume) }),
          },
        ]
      : [];
  return {
    shape,
    skin,
    proxies: [
      ...clothes.proxies,
      ...head.proxies,
      ...hairUse,
      ...faceProxies(random, attributes, hair, Boolean(shape.expression['mouth-open'])),
    ],
    top: clothes.top,
    wrap: head.wrap,
    hat: head.hat,
    beard: facialHair(random, attributes, hair),
    crop: cropOf(random, attributes, style, hair),
    grown:
      style.grown && attributes.hairVisible
        ? { kind: style.grown.kind, tint: hair, volume: between(random, ...style.grown.volume) }
        : null,
    glasses: spectacles(random, attributes),
    ...adornments(random, attributes),
    lips: lips(random, attributes, skin.colour),
    light: sampleLight(random),
  };
}
