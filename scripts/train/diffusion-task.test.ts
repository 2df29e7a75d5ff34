import { describe, expect, it } from 'vitest';
import { constant, evaluate, float32 } from '../../gpu-functions/graph/index.ts';
import {
  ratesAt,
  scaledLinearSchedule,
  slotColumns,
  slotOffsets,
} from '../../gpu-functions/diffusion/index.ts';
import { TINY } from '../../gpu-functions/diffusion/testing.ts';
import { Random, initialise, storedParameters } from '../../gpu-functions/nn/index.ts';
import { sampleAttributes } from '../synthetic/people/attributes.ts';
import { random } from '../synthetic/random.ts';
import type { Identity } from './dataset.ts';
import { diffusionTask } from './diffusion-task.ts';
import { latentOf } from './latents.ts';
import type { LatentSet } from './latents.ts';
import { PERSON_SLOTS } from './person-slots.ts';

const LENGTH = 32;
const VIEWS = 4;
const MIRRORED = 2;

/** Latents that hold their own number: identity · 10 + view, negative where mirrored. */
const latents: LatentSet = {
  views: VIEWS,
  mirrored: MIRRORED,
  identities: 2,
  length: LENGTH,
  values: Float32Array.from({ length: 2 * (VIEWS + MIRRORED) * LENGTH }, (_, i) => {
    const slot = Math.floor(i / LENGTH) % (VIEWS + MIRRORED);
    const identity = Math.floor(i / LENGTH / (VIEWS + MIRRORED));
    return slot < VIEWS ? identity * 10 + slot : -(identity * 10 + slot - VIEWS);
  }),
};
const view = (degrees: number) => ({ azimuth: (degrees * Math.PI) / 180, elevation: 0, camera: [] });
const identities: Identity[] = [0, 1].map((seed) => ({
  seed,
  captions: [],
  attributes: { ...sampleAttributes(random(seed, 'person')), sex: seed === 0 ? 'female' : 'male' },
  views: [view(3), view(0), view(-100), view(170)],
}));
const config = { ...TINY, unet: { ...TINY.unet, contextChannels: slotColumns(PERSON_SLOTS) } };
const slotNamed = (name: string) => PERSON_SLOTS.findIndex((slot) => slot.name === name);
const task = diffusionTask({ identities, latents, config, batchSize: 8 });

describe('latents of a dataset', () => {
  it('hold every view, and the frontal ones mirrored', () => {
    expect([
      latentOf(latents, 1, 3)[0],
      latentOf(latents, 1, 1, true)[0],
      latentOf(latents, 1, 3, true)[0],
    ]).toEqual([13, -11, 13]);
  });
});

describe('diffusion training', () => {
  it('pairs each latent with what may be said of its person and side, some with nothing', () => {
    const columns = slotColumns(PERSON_SLOTS);
    const offsets = slotOffsets(PERSON_SLOTS);
    const rows = PERSON_SLOTS.length;
    let silent = 0;
    for (let step = 0; step < 40; step++) {
      const { latents: clean, context } = task.draw(new Random(step), step);
      for (let i = 0; i < 8; i++) {
        const value = Math.abs(float32(clean)[i * LENGTH]);
        const saidOf = (name: string): number => {
          const s = slotNamed(name);
          const start = (i * rows + s) * columns + offsets[s];
          return float32(context)
            .subarray(start, start + PERSON_SLOTS[s].values.length + 1)
            .indexOf(Math.fround(Math.sqrt(rows)));
        };
        const sex = saidOf('sex');
        const seen = saidOf('view');
        if (sex > 0) expect(sex).toBe(value < 10 ? 1 : 2);
        if (seen > 0) expect(seen).toBe([1, 1, 2, 3][value % 10]);
        if (PERSON_SLOTS.every(({ name }) => saidOf(name) === 0)) silent++;
      }
    }
    expect(silent).toBeGreaterThan(10);
    expect(silent).toBeLessThan(60);
  });

  it('spreads the timesteps of a batch over the whole schedule, with their rates', () => {
    const { timesteps, signal, noiseRate } = task.draw(new Random(3), 0);
    float32(timesteps).forEach((t, i) => {
      expect(Math.floor(t / 125)).toBe(i);
      const at = ratesAt(scaledLinearSchedule(), t);
      expect(float32(signal)[i]).toBeCloseTo(at.signal, 6);
      expect(float32(noiseRate)[i]).toBeCloseTo(at.noise, 6);
    });
  });

  it('starts at the mean square of the velocity, since the output layer starts from zero', async () => {
    const batch = task.draw(new Random(4), 0);
    const values = Object.fromEntries(Object.entries(batch).map(([name, t]) => [name, constant(t)]));
    const { metrics } = task.loss(storedParameters(initialise(task.specs, 1)), values);
    const found = float32((await evaluate({ plain: metrics!.plain })).plain)[0];
    const [x, e] = [float32(batch.latents), float32(batch.noise)];
    const square = x.reduce((sum, clean, i) => {
      const row = Math.floor(i / LENGTH);
      const v = float32(batch.signal)[row] * e[i] - float32(batch.noiseRate)[row] * clean;
      return sum + v * v;
    }, 0);
    expect(found).toBeCloseTo(square / x.length, 3);
  });
});
