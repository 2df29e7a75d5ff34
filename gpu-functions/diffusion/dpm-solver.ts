import { combine, estimate, rates } from './schedule.ts';
import type { NoiseSchedule, Prediction, SignalAndNoise } from './schedule.ts';
import type { Sampler } from './sampling.ts';

/** Half the log of the signal-to-noise ratio, λ = ln(√ᾱ / √(1−ᾱ)): the time in which the solver's steps are exact for a constant x̂₀. */
function lambda({ signal, noise }: SignalAndNoise): number {
  return Math.log(signal / noise);
}

/**
 * Timesteps from `from` towards 0, which is left out since the last step goes to the clean end. Quadratic, closer near the clean
 * end: on Gaussian data twelve of them err less than a quarter of what twelve equal ones do.
 */
export function dpmTimesteps(from: number, steps: number): number[] {
  const spread = Array.from({ length: steps }, (_, i) => Math.round(from * (1 - i / steps) ** 2));
  return [...new Set(spread)];
}

/**
 * DPM-Solver++(2M) (Lu et al. 2022, algorithm 2): second-order multistep in x̂₀; the first and the last step are of first order.
 * Ten to fifteen steps give what DDIM gives with fifty.
 */
export function dpmSolver(schedule: NoiseSchedule, prediction: Prediction): Sampler {
  return async (latents, predict, { steps, from = schedule.steps - 1, signal, onStep }) => {
    // `steps` spans the whole schedule, so a start part of the way takes its share.
    const share = Math.max(1, Math.ceil(steps * Math.sqrt(from / (schedule.steps - 1))));
    const timesteps = dpmTimesteps(from, share);
    let x = latents;
    let before: { clean: Float32Array; lambda: number } | undefined;
    for (const [i, t] of timesteps.entries()) {
      signal?.throwIfAborted();
      const here = rates(schedule.alphasCumprod[t]);
      const { clean } = estimate(x, await predict(x, t), here, prediction);
      if (i === timesteps.length - 1) {
        x = clean;
      } else {
        const next = rates(schedule.alphasCumprod[timesteps[i + 1]]);
        const h = lambda(next) - lambda(here);
        const r = before ? (lambda(here) - before.lambda) / h : Infinity;
        const direction = before ? combine(1 + 0.5 / r, clean, -0.5 / r, before.clean) : clean;
        x = combine(next.noise / here.noise, x, -next.signal * Math.expm1(-h), direction);
      }
      before = { clean, lambda: lambda(here) };
      onStep?.({ step: i + 1, steps: timesteps.length, clean });
    }
    return x;
  };
}
