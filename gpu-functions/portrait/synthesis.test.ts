import { describe, expect, it } from 'vitest';
import { constant, evaluate, float32, hostTensor, type Value } from '../graph/index.ts';
import { initialise, Random, storedParameters, traceParameters, type Parameters } from '../nn/index.ts';
import { orbitCamera } from './cameras.ts';
import { levelSizes, MINI, PORTRAIT3D, rowsOfW, type GeneratorConfig } from './config.ts';
import { conditioningOf, mapLatent } from './mapping.ts';
import { bodyPose } from './pose-branch.ts';
import { synthesise } from './synthesis.ts';

const TINY_RENDERING = { samples: 5, importanceSamples: 5 };
const SMALL: GeneratorConfig = {
  ...MINI,
  zDim: 8,
  wDim: 8,
  features: 2,
  backboneResolution: 8,
  rendering: { ...MINI.rendering, ...TINY_RENDERING },
};
const FULL: GeneratorConfig = {
  ...PORTRAIT3D,
  zDim: 8,
  wDim: 8,
  features: 2,
  backboneResolution: 8,
  decoder: { hidden: 8, outputs: 4, activation: 'none' },
  background: { resolution: 16, channelBase: 64, channelMax: 8 },
  superResolution: { inputResolution: 8, blocks: [{ channels: 6, up: 1 }, { channels: 4, up: 2 }], clamp: 256 }, // prettier-ignore
  rendering: { ...PORTRAIT3D.rendering, ...TINY_RENDERING },
};
const random = new Random(9);
const SIZE = 6;

function camera(config: GeneratorConfig): Value {
  const label = orbitCamera({ azimuth: 0.4, elevation: 0.1, ...config.camera });
  return constant(hostTensor([...label], [1, 25]));
}

function generate(p: Parameters, config: GeneratorConfig) {
  const z = constant(hostTensor(new Random(1).normals(config.zDim), [1, config.zDim]));
  const ws = mapLatent(p.at('backbone.mapping'), config, z, conditioningOf(config, camera(config)), {
    psi: 0.7,
  });
  const count = SIZE * SIZE;
  const draws = {
    jitter: constant(hostTensor(new Random(2).uniforms(count * 5), [1, count, 5])),
    u: constant(hostTensor(new Random(3).uniforms(count * 5), [1, count, 5])),
  };
  return { ws, ...synthesise(p, config, ws, camera(config), draws, SIZE) };
}

function trained(config: GeneratorConfig): Parameters {
  return storedParameters(
    initialise(
      traceParameters((p) => generate(p, config)),
      4,
    ),
  );
}

describe('synthesis', () => {
  it('makes a premultiplied colour view of the small configuration, alpha between 0 and 1', async () => {
    const out = generate(trained(SMALL), SMALL);
    expect(out.ws.shape).toEqual([1, rowsOfW(SMALL), 8]);
    expect(out.levels.map((level) => level.shape)).toEqual(levelSizes(SMALL).map((s) => [1, 3, 6, s, s]));
    const { image, weight } = await evaluate({ image: out.picture, weight: out.weight });
    expect(image.shape).toEqual([1, 3, SIZE, SIZE]);
    const alpha = float32(weight);
    expect(Math.min(...alpha)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...alpha)).toBeLessThanOrEqual(1.0001);
    float32(image).forEach((x, i) => expect(x).toBeLessThanOrEqual(1.001 * alpha[i % alpha.length] + 1e-6));
  });

  it('makes view, backdrop and super-resolved picture of a full configuration', async () => {
    const out = generate(trained(FULL), FULL);
    const { picture, backdrop } = await evaluate({ picture: out.picture, backdrop: out.backdropImage! });
    expect(picture.shape).toEqual([1, 3, 16, 16]);
    expect(backdrop.shape).toEqual([1, 3, SIZE, SIZE]);
    expect(float32(picture).every(Number.isFinite)).toBe(true);
  });

  it('says which part a configuration lacks', () => {
    expect(() => generate(trained({ ...FULL, wDim: 16 }), { ...FULL, wDim: 8 })).toThrow(
      /configuration asks for/,
    );
  });
});

function value(label: readonly number[]): Value {
  return constant(hostTensor([...label], [1, 25]));
}

describe('body pose', () => {
  it('answers a mirrored camera with the mirrored pose', async () => {
    const z = constant(hostTensor(random.normals(8), [1, 8]));
    const label = orbitCamera({ azimuth: 0.9, elevation: 0.1, ...FULL.camera });
    const mirrored = label.map((x, i) => ([1, 2, 3, 4, 8].includes(i) ? -x : x));
    const p = storedParameters(initialise(traceParameters((q) => bodyPose(q, FULL, z, value(label))), 4)); // prettier-ignore
    const found = await evaluate({
      a: bodyPose(p, FULL, z, value(label)),
      b: bodyPose(p, FULL, z, value(mirrored)),
    });
    const [a, b] = [float32(found.a), float32(found.b)];
    [1, -1, -1, 1, -1, -1].forEach((sign, i) => expect(b[i]).toBeCloseTo(sign * a[i], 6));
    expect(Math.abs(a[1])).toBeGreaterThan(1e-3);
  });
});
