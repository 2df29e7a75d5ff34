const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The IEEE 754 binary16 bits nearest to a number (ties to even). */
export function float16Bits(value: number): number {
  float[0] = value;
  const x = bits[0];
  const sign = (x >>> 16) & 0x8000;
  const magnitude = x & 0x7fffffff;
  if (magnitude >= 0x47800000) return sign | (magnitude > 0x7f800000 ? 0x7e00 : 0x7c00);
  if (magnitude < 0x38800000) {
    // Subnormal: multiples of 2⁻²⁴. Math.round rounds ties up, so ties are sent to the even neighbour by hand.
    const scaled = Math.abs(float[0]) * 16777216;
    const low = Math.floor(scaled);
    const rest = scaled - low;
    return sign | (rest > 0.5 || (rest === 0.5 && low & 1) ? low + 1 : low);
  }
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
  return sign | ((rounded - 0x38000000) >>> 13);
}

/** The number that binary16 bits stand for. */
export function float16Value(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

let values: Float32Array | undefined;

/** The numbers that many binary16 bits stand for: looked up, since whole tri-grids are read so. */
export function float16Values(halves: Uint16Array): Float32Array {
  values ??= Float32Array.from({ length: 2 ** 16 }, (_, half) => float16Value(half));
  const numbers = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) numbers[i] = values[halves[i]];
  return numbers;
}
