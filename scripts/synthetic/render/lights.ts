import type { Rgb } from '../colour.ts';
import type { Vec3 } from '../vector.ts';

/** A person's light: a key light in front, a soft sky, a rim from behind. */
export interface Lighting {
  /** Radians from the front towards the subject's left, and above the horizon. */
  keyAzimuth: number;
  keyElevation: number;
  key: number;
  ambient: number;
  /** −1 cool … 1 warm. */
  warmth: number;
}

export interface DirectionalLight {
  direction: Vec3;
  colour: Rgb;
  isKey: boolean;
}

export const directionOf = (azimuth: number, elevation: number): Vec3 => [
  Math.sin(azimuth) * Math.cos(elevation),
  Math.sin(elevation),
  Math.cos(azimuth) * Math.cos(elevation),
];

export const keyTint = (warmth: number): Rgb => [1 + 0.06 * warmth, 1, 1 - 0.08 * warmth];

const SKY_LIGHTS = 20;
const KEY_LIGHTS = 4;
const GOLDEN_ANGLE = 2.399963;

/** Twenty sky directions of ambient 1, brighter from above and in front. */
export function skyLights(): DirectionalLight[] {
  return Array.from({ length: SKY_LIGHTS }, (_, i) => {
    const y = 1 - (2 * (i + 0.5)) / SKY_LIGHTS;
    const r = Math.sqrt(1 - y * y);
    const direction: Vec3 = [r * Math.cos(i * GOLDEN_ANGLE), y, r * Math.sin(i * GOLDEN_ANGLE)];
    const below = y < -0.3 ? 0.55 : 1;
    const k = (4 / SKY_LIGHTS) * (0.62 + 0.38 * y) * (1 + 0.25 * direction[2]) * below;
    return { direction, colour: [k, k, k], isKey: false };
  });
}

/** Colour of the sky's light. */
export const skyTint = ({ ambient, warmth }: Lighting): Rgb => [
  ambient * (1 - 0.02 * warmth),
  ambient,
  ambient * (1.03 + 0.02 * warmth),
];

/** A cluster of four key lights for soft shadows, and a rim. */
export function lampLights(light: Lighting): DirectionalLight[] {
  const lights: DirectionalLight[] = [];
  const tint = keyTint(light.warmth);
  for (let i = 0; i < KEY_LIGHTS; i++) {
    const turn = (i * 2 * Math.PI) / KEY_LIGHTS;
    const direction = directionOf(
      light.keyAzimuth + 0.16 * Math.cos(turn),
      light.keyElevation + 0.16 * Math.sin(turn),
    );
    const k = light.key / KEY_LIGHTS;
    lights.push({ direction, colour: [tint[0] * k, tint[1] * k, tint[2] * k], isKey: true });
  }
  const rim = directionOf(light.keyAzimuth + Math.PI * 0.85, 0.56);
  lights.push({
    direction: rim,
    colour: [0.28 * light.key, 0.28 * light.key, 0.3 * light.key],
    isKey: false,
  });
  return lights;
}
