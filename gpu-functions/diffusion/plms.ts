import { ddimTimesteps, previousRates } from './ddim.ts';
import { combine, estimate, rates } from './schedule.ts';
import type { NoiseSchedule, Prediction } from './schedule.ts';
import type { Sampler } from './sampling.ts';

/** Adams–Bashforth coefficients over the present and past noise estimates, newest first, by how many there are. */
const ADAMS_BASHFORTH: readonly (readonly number[])[] = [
  [1],
  [3 / 2, -1 / 2],
  [23 / 12, -16 / 12, 5 / 12],
  [55 / 24, -59 / 24, 37 / 24, -9 / 24],
];

/** PLMS (Liu et al. 2022, "Pseudo numerical methods", as in CompVis' latent-diffusion): linear multistep in ε, Heun-like first step. */
export function plmsSampler(schedule: NoiseSchedule, prediction: Prediction): Sampler {
  return async (latents, predict, { steps, from = schedule.steps, signal, onStep }) => {
    const timesteps = ddimTimesteps(schedule, steps).filter((t) => t <= from);
    const at = (t: number) => rates(schedule.alphasCumprod[t]);
    const noiseAt = async (x: Float32Array, t: number) =>
      estimate(x, await predict(x, t), at(t), prediction).noise;
    const past: Float32Array[] = [];
    let x = latents;
    for (const [i, t] of timesteps.entries()) {
      signal?.throwIfAborted();
      const noise = await noiseAt(x, t);
      const move = (direction: Float32Array) => {
        const { clean } = estimate(x, direction, at(t), 'epsilon');
        const next = previousRates(schedule, t, steps);
        return { clean, x: combine(next.signal, clean, next.noise, direction) };
      };
      let direction = noise;
      if (past.length === 0) {
        const ahead = await noiseAt(move(noise).x, timesteps[i + 1] ?? t);
        direction = combine(0.5, noise, 0.5, ahead);
      } else {
        const known = [noise, ...past];
        const weights = ADAMS_BASHFORTH[known.length - 1];
        direction = known.slice(1).reduce(
          (sum, e, k) => combine(1, sum, weights[k + 1], e),
          noise.map((e) => weights[0] * e),
        );
      }
      past.unshift(noise);
      past.length = Math.min(past.length, 3);
      const moved = move(direction);
      x = moved.x;
      onStep?.({ step: i + 1, steps: timesteps.length, clean: moved.clean });
    }
    return x;
  };
}
