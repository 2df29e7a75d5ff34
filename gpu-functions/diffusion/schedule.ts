/** What a denoiser predicts: the noise ε, or the velocity v = √ᾱ·ε − √(1−ᾱ)·x₀ (Salimans & Ho 2022). */
export type Prediction = 'epsilon' | 'v_prediction';

/** A variance-preserving noise schedule: x_t = √ᾱ_t·x₀ + √(1−ᾱ_t)·ε. */
export interface NoiseSchedule {
  readonly steps: number;
  /** ᾱ_t for t in 0..steps−1. */
  readonly alphasCumprod: Float64Array;
}

/** Stable Diffusion's "scaled linear" schedule: β linear in its square root. */
export function scaledLinearSchedule(betaStart = 0.00085, betaEnd = 0.012, steps = 1000): NoiseSchedule {
  const alphasCumprod = new Float64Array(steps);
  let product = 1;
  for (let t = 0; t < steps; t++) {
    const root = Math.sqrt(betaStart) + ((Math.sqrt(betaEnd) - Math.sqrt(betaStart)) * t) / (steps - 1);
    product *= 1 - root * root;
    alphasCumprod[t] = product;
  }
  return { steps, alphasCumprod };
}

/** √ᾱ and √(1−ᾱ): how much signal and how much noise a latent holds. */
export interface SignalAndNoise {
  readonly signal: number;
  readonly noise: number;
}

/** Signal and noise rates of cumulative alpha ᾱ. */
export function rates(alphaCumprod: number): SignalAndNoise {
  return { signal: Math.sqrt(alphaCumprod), noise: Math.sqrt(1 - alphaCumprod) };
}

/** Signal and noise rates at timestep t; t < 0 is the clean end (ᾱ = 1). */
export function ratesAt(schedule: NoiseSchedule, t: number): SignalAndNoise {
  return rates(t < 0 ? 1 : schedule.alphasCumprod[t]);
}

/** x_t = √ᾱ·x₀ + √(1−ᾱ)·ε. */
export function addNoise(clean: Float32Array, noise: Float32Array, at: SignalAndNoise): Float32Array {
  return combine(at.signal, clean, at.noise, noise);
}

/** The denoiser's estimate of both parts of a noisy latent. */
export interface Estimate {
  readonly clean: Float32Array;
  readonly noise: Float32Array;
}

/** Splits a noisy latent into x₀ and ε with the denoiser's prediction. */
export function estimate(
  noisy: Float32Array,
  predicted: Float32Array,
  at: SignalAndNoise,
  prediction: Prediction,
): Estimate {
  const { signal, noise } = at;
  if (prediction === 'epsilon') {
    return { clean: combine(1 / signal, noisy, -noise / signal, predicted), noise: predicted };
  }
  return {
    clean: combine(signal, noisy, -noise, predicted),
    noise: combine(noise, noisy, signal, predicted),
  };
}

/** v = √ᾱ·ε − √(1−ᾱ)·x₀, the target of a v-prediction network. */
export function velocity(clean: Float32Array, noise: Float32Array, at: SignalAndNoise): Float32Array {
  return combine(at.signal, noise, -at.noise, clean);
}

/** a·x + b·y, element by element. */
export function combine(a: number, x: Float32Array, b: number, y: Float32Array): Float32Array {
  const out = new Float32Array(x.length);
  for (let i = 0; i < out.length; i++) out[i] = a * x[i] + b * y[i];
  return out;
}
