import { combine, estimate, rates } from './schedule.ts';
import type { NoiseSchedule, Prediction, SignalAndNoise } from './schedule.ts';
import type { Sampler } from './sampling.ts';

/** How timesteps are spread, and where the last step ends; diffusers' names. */
export interface DdimSettings {
  /** `leading`: i·⌊1000/n⌋ + offset, from the clean end, as SD 1.x; `trailing`: 999, 999 − 1000/n, …, from the noisy end. */
  readonly spacing?: 'leading' | 'trailing';
  readonly stepsOffset?: number;
  /** Whether the last step ends at ᾱ = 1 rather than at ᾱ_0. */
  readonly setAlphaToOne?: boolean;
}

/** SD 1.x's DDIM: leading spacing, offset 1, ending at ᾱ_0. */
export const SD_DDIM: Required<DdimSettings> = { spacing: 'leading', stepsOffset: 1, setAlphaToOne: false };

/** Timesteps from the noisy to the clean end. */
export function ddimTimesteps(schedule: NoiseSchedule, steps: number, settings: DdimSettings = {}): number[] {
  const { spacing, stepsOffset } = { ...SD_DDIM, ...settings };
  if (spacing === 'trailing') {
    return Array.from(
      { length: steps },
      (_, i) => Math.round(schedule.steps - (i * schedule.steps) / steps) - 1,
    );
  }
  const ratio = Math.floor(schedule.steps / steps);
  return Array.from({ length: steps }, (_, i) => (steps - 1 - i) * ratio + stepsOffset);
}

/** Signal and noise where the step from `timestep` ends. */
export function previousRates(
  schedule: NoiseSchedule,
  timestep: number,
  steps: number,
  settings: DdimSettings = {},
): SignalAndNoise {
  const previous = timestep - Math.floor(schedule.steps / steps);
  if (previous >= 0) return rates(schedule.alphasCumprod[previous]);
  return rates((settings.setAlphaToOne ?? SD_DDIM.setAlphaToOne) ? 1 : schedule.alphasCumprod[0]);
}

/** DDIM with η = 0 (Song et al. 2021, eq. 12): x_prev = √ᾱ_prev·x̂₀ + √(1−ᾱ_prev)·ε; x̂₀ is not clipped. */
export function ddimSampler(
  schedule: NoiseSchedule,
  prediction: Prediction,
  settings: DdimSettings = {},
): Sampler {
  return async (latents, predict, { steps, from = schedule.steps, signal, onStep }) => {
    const timesteps = ddimTimesteps(schedule, steps, settings).filter((t) => t <= from);
    let x = latents;
    for (const [i, t] of timesteps.entries()) {
      signal?.throwIfAborted();
      const { clean, noise } = estimate(x, await predict(x, t), rates(schedule.alphasCumprod[t]), prediction);
      const next = previousRates(schedule, t, steps, settings);
      x = combine(next.signal, clean, next.noise, noise);
      onStep?.({ step: i + 1, steps: timesteps.length, clean });
    }
    return x;
  };
}
