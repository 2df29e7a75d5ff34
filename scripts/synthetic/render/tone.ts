const ENTRIES_PER_UNIT = 4096;

/** Linear below 0.7, then an exponential shoulder towards 1, then the sRGB transfer function. */
function curve(light: number): number {
  const x = light > 0.7 ? 0.7 + 0.3 * (1 - Math.exp(-(light - 0.7) / 0.3)) : light;
  return x <= 0.0031308 ? x * 12.92 : 1.055 * x ** (1 / 2.4) - 0.055;
}

const TABLE = Float32Array.from({ length: 2 * ENTRIES_PER_UNIT + 1 }, (_, i) => curve(i / ENTRIES_PER_UNIT));

/** sRGB value 0…1 of a linear light value. */
export const tone = (light: number): number =>
  TABLE[light >= 2 ? 2 * ENTRIES_PER_UNIT : light <= 0 ? 0 : (light * ENTRIES_PER_UNIT) | 0];
