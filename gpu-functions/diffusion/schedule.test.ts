import { describe, expect, it } from 'vitest';
import { Random } from '../nn/index.ts';
import { addNoise, estimate, rates, ratesAt, scaledLinearSchedule, velocity } from './schedule.ts';

const schedule = scaledLinearSchedule();
const at = (t: number) => schedule.alphasCumprod[t];

describe('noise schedule', () => {
  it('is the one of Stable Diffusion 1.x', () => {
    expect(at(0)).toBeCloseTo(1 - 0.00085, 12);
    expect([at(20), at(200), at(400)].map((a) => a.toFixed(5))).toEqual(['0.98131', '0.75369', '0.42448']);
    expect(at(999)).toBeCloseTo(0.00466, 5);
  });

  it('ends clean before its first step', () => {
    expect(ratesAt(schedule, -1)).toEqual({ signal: 1, noise: 0 });
  });

  it('keeps unit variance', () => {
    for (const t of [0, 123, 999]) {
      const { signal, noise } = ratesAt(schedule, t);
      expect(signal ** 2 + noise ** 2).toBeCloseTo(1, 12);
    }
  });

  it('recovers clean latents and noise from a right prediction of either kind', () => {
    const random = new Random(1);
    const [clean, noise] = [random.normals(50), random.normals(50)];
    const at = rates(0.3);
    const noisy = addNoise(clean, noise, at);
    for (const [prediction, predicted] of [
      ['epsilon', noise],
      ['v_prediction', velocity(clean, noise, at)],
    ] as const) {
      const found = estimate(noisy, predicted, at, prediction);
      found.clean.forEach((x, i) => expect(x).toBeCloseTo(clean[i], 5));
      found.noise.forEach((x, i) => expect(x).toBeCloseTo(noise[i], 5));
    }
  });
});
