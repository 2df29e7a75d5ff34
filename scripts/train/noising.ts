import { ratesAt, scaledLinearSchedule } from '../../gpu-functions/diffusion/index.ts';
import { add, hostTensor, mul, sub } from '../../gpu-functions/graph/index.ts';
import type { HostTensor, Value } from '../../gpu-functions/graph/index.ts';
import type { Random } from '../../gpu-functions/nn/index.ts';

/** The noise schedule that denoisers are trained and sampled with. */
export const NOISE_SCHEDULE = scaledLinearSchedule();

/** Shapes of what {@link drawTimesteps} draws. */
export function timestepShapes(batchSize: number) {
  const perSample = [batchSize, 1, 1, 1];
  return { timesteps: [batchSize], signal: perSample, noiseRate: perSample };
}

/** Timesteps and their rates: one from each of N equal ranges, since the loss varies less than with independent draws. */
export function drawTimesteps(
  random: Random,
  batchSize: number,
): Record<keyof ReturnType<typeof timestepShapes>, HostTensor> {
  const shapes = timestepShapes(batchSize);
  const timesteps = Float32Array.from({ length: batchSize }, (_, i) =>
    Math.floor(((i + random.uniform()) / batchSize) * NOISE_SCHEDULE.steps),
  );
  const rate = (key: 'signal' | 'noise') =>
    Float32Array.from(timesteps, (t) => ratesAt(NOISE_SCHEDULE, t)[key]);
  return {
    timesteps: hostTensor(timesteps, shapes.timesteps),
    signal: hostTensor(rate('signal'), shapes.signal),
    noiseRate: hostTensor(rate('noise'), shapes.noiseRate),
  };
}

/** What is denoised, and the velocity that is to be predicted of it (v-prediction; Salimans & Ho 2022). */
export function noised(
  clean: Value,
  { noise, signal, noiseRate }: Record<string, Value>,
): { noisy: Value; velocity: Value } {
  return {
    noisy: add(mul(clean, signal), mul(noise, noiseRate)),
    velocity: sub(mul(noise, signal), mul(clean, noiseRate)),
  };
}
