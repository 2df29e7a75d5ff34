import { describe, expect, it } from 'vitest';
import { Random } from '../nn/index.ts';
import { ddimSampler, ddimTimesteps, previousRates } from './ddim.ts';
import { dpmSolver, dpmTimesteps } from './dpm-solver.ts';
import { plmsSampler } from './plms.ts';
import type { Predict, Sampler } from './sampling.ts';
import { rates, scaledLinearSchedule } from './schedule.ts';

const schedule = scaledLinearSchedule();
const MEAN = 0.7;
const STD = 0.5;

/** The exact noise estimate for data that are one Gaussian N(μ, s²): E[ε | x_t] = σ(x − αμ) / (α²s² + σ²). */
const gaussianDenoiser: Predict = async (x, t) => {
  const { signal, noise } = rates(schedule.alphasCumprod[t]);
  const variance = (signal * STD) ** 2 + noise ** 2;
  return x.map((value) => (noise * (value - signal * MEAN)) / variance);
};

/** Where the probability-flow ODE takes a latent of timestep t: it keeps the quantile. */
function exact(x: number, t: number): number {
  const { signal, noise } = rates(schedule.alphasCumprod[t]);
  return MEAN + (STD * (x - signal * MEAN)) / Math.sqrt((signal * STD) ** 2 + noise ** 2);
}

async function worst(sampler: Sampler, steps: number, start: number): Promise<number> {
  const noise = new Random(2).normals(64);
  const found = await sampler(noise, gaussianDenoiser, { steps });
  return Math.max(...found.map((x, i) => Math.abs(x - exact(noise[i], start))));
}

describe('DDIM', () => {
  it("takes SD 1.x's timesteps: leading spacing, offset 1", () => {
    const timesteps = ddimTimesteps(schedule, 50);
    expect([timesteps.length, timesteps[0], timesteps.at(-1)]).toEqual([50, 981, 1]);
    expect(timesteps.filter((t) => t <= 200)).toEqual([181, 161, 141, 121, 101, 81, 61, 41, 21, 1]);
  });

  it('can start at the noisiest timestep', () => {
    expect(ddimTimesteps(schedule, 4, { spacing: 'trailing' })).toEqual([999, 749, 499, 249]);
  });

  it('ends at the first cumulative alpha unless told to end clean', () => {
    expect(previousRates(schedule, 1, 50)).toEqual(rates(schedule.alphasCumprod[0]));
    expect(previousRates(schedule, 1, 50, { setAlphaToOne: true })).toEqual({ signal: 1, noise: 0 });
    expect(previousRates(schedule, 21, 50)).toEqual(rates(schedule.alphasCumprod[1]));
  });

  it('takes one step of the closed form', async () => {
    const x = Float32Array.of(0.4);
    const [t] = ddimTimesteps(schedule, 1);
    const found = await ddimSampler(schedule, 'epsilon')(x, async () => Float32Array.of(0.25), { steps: 1 });
    const { signal, noise } = rates(schedule.alphasCumprod[t]);
    const end = rates(schedule.alphasCumprod[0]);
    expect(found[0]).toBeCloseTo(end.signal * ((0.4 - noise * 0.25) / signal) + end.noise * 0.25, 6);
  });

  it('runs only the steps at or below its start', async () => {
    const seen: number[] = [];
    const predict: Predict = async (x, t) => (seen.push(t), x);
    await ddimSampler(schedule, 'v_prediction')(Float32Array.of(1), predict, { steps: 10, from: 350 });
    expect(seen).toEqual([301, 201, 101, 1]);
  });
});

describe('samplers on Gaussian data', () => {
  it('DDIM follows the probability-flow ODE', async () => {
    expect(await worst(ddimSampler(schedule, 'epsilon', { setAlphaToOne: true }), 500, 999)).toBeLessThan(
      0.02,
    );
  });

  it('DPM-Solver++ in twelve steps is nearer to it than DDIM in twelve', async () => {
    const fast = await worst(dpmSolver(schedule, 'epsilon'), 12, 999);
    const slow = await worst(
      ddimSampler(schedule, 'epsilon', { spacing: 'trailing', setAlphaToOne: true }),
      12,
      999,
    );
    expect(fast).toBeLessThan(0.01);
    expect(fast).toBeLessThan(slow / 10);
  });

  it('PLMS in fifty steps is nearer to it than DDIM in fifty', async () => {
    const start = ddimTimesteps(schedule, 50)[0];
    const multistep = await worst(plmsSampler(schedule, 'epsilon'), 50, start);
    const plain = await worst(ddimSampler(schedule, 'epsilon'), 50, start);
    expect(multistep).toBeLessThan(plain);
  });

  it('stops when it is told to', async () => {
    const abort = new AbortController();
    const onStep = () => abort.abort(new Error('enough'));
    const running = dpmSolver(schedule, 'epsilon')(Float32Array.of(1), gaussianDenoiser, {
      steps: 5,
      signal: abort.signal,
      onStep,
    });
    await expect(running).rejects.toThrow('enough');
  });
});

describe('DPM-Solver++ timesteps', () => {
  it('grow denser from the start towards zero, which is left out', () => {
    expect(dpmTimesteps(999, 4)).toEqual([999, 562, 250, 62]);
    expect(dpmTimesteps(2, 5)).toEqual([2, 1, 0]);
  });
});
