/**
 * Seeded random numbers, the same on every machine and provider. All noise the graphs use is drawn here
 * and fed as inputs, so that a CPU and a GPU run see the same numbers.
 *
 * The generator is sfc32 (Doty-Humphrey's Small Fast Counting RNG), seeded through SplitMix32.
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter: number;
  private spare: number | undefined;

  /** @param seed any integer; only its low 32 bits and the next 21 count. */
  constructor(seed: number) {
    const mix = splitMix32((seed ^ Math.floor(seed / 2 ** 32)) >>> 0);
    this.a = mix();
    this.b = mix();
    this.c = mix();
    this.counter = 1;
    for (let i = 0; i < 12; i++) this.bits();
  }

  /** 32 random bits as an unsigned integer. */
  bits(): number {
    const t = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + t) | 0;
    return t >>> 0;
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    return this.bits() / 2 ** 32;
  }

  /** Uniform integer in [0, n). */
  int(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** Standard normal (Box–Muller, both values used). */
  normal(): number {
    if (this.spare !== undefined) {
      const value = this.spare;
      this.spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** n draws of a normal with mean 0 and the given standard deviation. */
  normals(n: number, std = 1): Float32Array<ArrayBuffer> {
    const out = new Float32Array(n);
    for (let i = 0; i < n; i++) out[i] = this.normal() * std;
    return out;
  }

  /** n uniform draws in [0, 1). */
  uniforms(n: number): Float32Array<ArrayBuffer> {
    const out = new Float32Array(n);
    for (let i = 0; i < n; i++) out[i] = this.uniform();
    return out;
  }

  /** In-place Fisher–Yates shuffle; returns its argument. */
  shuffle<T>(list: T[]): T[] {
    for (let i = list.length - 1; i > 0; i--) {
      const j = this.int(i + 1);
      const held = list[i]!;
      list[i] = list[j]!;
      list[j] = held;
    }
    return list;
  }

  /** An independent generator for one purpose: the same state and label give the same child; this one is not advanced. */
  fork(label: string): Random {
    let hash = 2166136261;
    for (const char of label) hash = Math.imul(hash ^ char.codePointAt(0)!, 16777619);
    return new Random(
      (hash ^ this.a ^ Math.imul(this.b, 0x9e3779b1) ^ Math.imul(this.counter, 0x85ebca6b)) >>> 0,
    );
  }

  /** The state, to be kept in a checkpoint. */
  save(): RandomState {
    return [this.a, this.b, this.c, this.counter, this.spare ?? null];
  }

  /** A generator that continues from a saved state. */
  static restore(state: RandomState): Random {
    const random = new Random(0);
    [random.a, random.b, random.c, random.counter] = state;
    random.spare = state[4] ?? undefined;
    return random;
  }
}

export type RandomState = [a: number, b: number, c: number, counter: number, spare: number | null];

function splitMix32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let t = state ^ (state >>> 16);
    t = Math.imul(t, 0x21f0aaad);
    t ^= t >>> 15;
    t = Math.imul(t, 0x735a2d97);
    return (t ^ (t >>> 15)) | 0;
  };
}
